//! What is heard from agents' legs: their desk phones' keys and dialogs, their pages' connections.

use super::{Call, Next};
use crate::desk::id::AgentId;
use crate::desk::input::{CallHeard, LegFailure, LegParty};
use crate::media::LegId;
use crate::sip::DialogEvent;
use crate::voice::party::{self, PartyEvent};

impl Call {
    pub(super) fn agent_event(&mut self, agent: AgentId, event: PartyEvent) -> Next {
        let event = match event {
            PartyEvent::Dialog(event) => event,
            PartyEvent::DialogGone => return self.agent_gone(agent, LegFailure::Unreachable),
            PartyEvent::Peer(peer) => {
                self.replace_peer(&agent, peer);
                return Next::On;
            }
            // Only what we dial has a deadline here.
            PartyEvent::TooLong | PartyEvent::Silent => return Next::On,
        };
        let me = LegParty::Agent(agent.clone());
        match event {
            DialogEvent::Progress { status: 180..=199, .. } => self.tell(CallHeard::AgentRinging { agent }),
            DialogEvent::Progress { .. } => {}
            DialogEvent::Answered { sdp } => {
                let room = &self.room;
                let Some((_, leg)) = self.parties.iter_mut().find(|(id, _)| *id == me) else { return Next::On };
                match leg.described(room, sdp.as_deref()) {
                    Ok(()) => {
                        leg.answered = true;
                        self.tell(CallHeard::AgentAnswered { agent });
                    }
                    Err(error) => {
                        tracing::warn!(call = %self.id, %agent, %error, "the phone's answer cannot be used");
                        return self.agent_gone(agent, LegFailure::Unreachable);
                    }
                }
            }
            DialogEvent::Refer { replaces: Some(other), .. } => self.completes(agent, &other, false),
            DialogEvent::Refer { to, replaces: None } => match to.user().filter(|user| !user.is_empty()) {
                Some(user) => self.tell(CallHeard::AgentRefers { agent, to: user.into_owned() }),
                None => self.referred(&agent, 404),
            },
            DialogEvent::Rejected { status, .. } => return self.agent_gone(agent, party::failure(status)),
            DialogEvent::Ended { .. } => return self.agent_gone(agent, LegFailure::NoAnswer),
            DialogEvent::Record { on } => self.tell(CallHeard::AgentRecords { agent, on }),
            DialogEvent::Dtmf { digit, .. } => {
                for leg in self.outsiders_who_hear(&me) {
                    self.room.digits(leg, &digit.to_string());
                }
            }
            event => {
                let room = &self.room;
                let leg = self.parties.iter_mut().find(|(id, _)| *id == me).map(|(_, leg)| leg);
                // On hold by the phone's own key there is nobody to hear, as when a browser falls silent: the customer has music.
                if let Some(holds) = leg.and_then(|leg| leg.negotiate(room, &event)) {
                    self.line_holds(agent, false, holds);
                }
            }
        }
        Next::On
    }

    /// An agent's phone refused, did not answer, or was put on hook.
    pub(super) fn agent_gone(&mut self, agent: AgentId, cause: LegFailure) -> Next {
        let me = LegParty::Agent(agent.clone());
        let answered = self.parties.iter().any(|(id, leg)| *id == me && leg.answered);
        self.drop_party(&me);
        self.tell(if answered { CallHeard::AgentLeft { agent } } else { CallHeard::AgentFailed { agent, cause } });
        Next::On
    }

    /// Audio arrives on a leg for the first time, or again.
    pub(super) fn heard(&mut self, leg: LegId) {
        if Some(leg) == self.customer_leg() {
            return self.page_heard();
        }
        let Some(agent) = self.browser_agent(leg) else { return };
        let me = LegParty::Agent(agent.clone());
        let Some((_, agent_leg)) = self.parties.iter_mut().find(|(id, _)| *id == me) else { return };
        let first = !std::mem::replace(&mut agent_leg.answered, true);
        self.tell(if first { CallHeard::AgentAnswered { agent } } else { CallHeard::AgentHeard { agent } });
    }
}
