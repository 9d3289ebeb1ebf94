//! The parties' legs of a call: rung or joined, replaced by a reloaded page, let go, or gone by themselves.

use super::{Call, Next};
use crate::desk::catalog::DeskPhone;
use crate::desk::id::AgentId;
use crate::desk::input::{CallHeard, EndCause, EndedBy, LegFailure, LegParty, Quality};
use crate::media::{LegId, LegStats, PeerId};
use crate::rtp::Codec;
use crate::sip::{IncomingCall, NameAddr, Outgoing, Srtp, Uri};
use crate::voice::customer::{Customer, LegError};
use crate::voice::party::{self, Device, PartyLeg};
use crate::voice::session::Session;
use crate::voice::taking::Taking;
use std::time::Duration;

/// A desk phone's name must have an address by then: meanwhile the call hears nothing.
const REACH: Duration = Duration::from_secs(3);

/// For the phone that had the call (RFC 3326).
const TAKEN_OVER: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

impl Call {
    /// Calls an agent's desk phone, showing who is calling.
    pub(super) async fn ring_phone(&mut self, agent: AgentId, phone: &DeskPhone) {
        self.drop_party(&LegParty::Agent(agent.clone()));
        match self.invite(&agent, phone).await {
            Ok(leg) => self.at_phone(agent, leg),
            Err(error) => {
                tracing::warn!(call = %self.id, %agent, %error, "the phone cannot be rung");
                self.tell(CallHeard::AgentFailed { agent, cause: LegFailure::Unreachable });
            }
        }
    }

    /// The agent has dialled this call on their phone: it is in their hand already.
    pub(super) fn off_hook(&mut self, agent: AgentId) {
        self.drop_party(&LegParty::Agent(agent.clone()));
        let Some(invited) = self.voice.shared.dialled.take(&agent) else {
            return self.tell(CallHeard::AgentFailed { agent, cause: LegFailure::Unreachable });
        };
        let srtp = self.settings.phone_srtp(&agent);
        match self.answer_phone(invited, srtp) {
            Ok(mut leg) => {
                leg.answered = true;
                self.at_phone(agent.clone(), leg);
                self.tell(CallHeard::AgentAnswered { agent });
            }
            Err(error) => {
                tracing::warn!(call = %self.id, %agent, %error, "the phone that dialled cannot be answered");
                self.tell(CallHeard::AgentFailed { agent, cause: LegFailure::Unreachable });
            }
        }
    }

    fn at_phone(&mut self, agent: AgentId, mut leg: PartyLeg) {
        leg.at_phone = Some(self.voice.shared.at_phones.enter(agent.clone(), self.id, self.way.clone()));
        self.parties.push((LegParty::Agent(agent), leg));
    }

    /// Another phone of the agent asks for the place of a leg (RFC 3891 §3): its audio takes the leg's place, and the phone that had it is let go.
    /// To the desk the agent goes on talking.
    pub(super) fn taken_over(&mut self, taking: Taking) {
        let Taking { agent, invited, back } = taking;
        let me = LegParty::Agent(agent.clone());
        let asked = invited.replaces.clone();
        let meant = |leg: &PartyLeg| matches!((&leg.device, &asked), (Device::Phone { dialog, .. }, Some(id)) if dialog.is(id));
        let Some(at) = self.parties.iter().position(|(party, leg)| *party == me && meant(leg)) else {
            // Nobody waits for it any more: dropped, it is refused.
            return drop(back.send(invited));
        };
        if self.second.as_ref().is_some_and(|second| second.agent == agent) {
            // Half of a consult cannot be at another phone than the rest.
            return invited.dialog.reject(486, "");
        }
        let mut leg = match self.answer_phone(invited, self.settings.phone_srtp(&agent)) {
            Ok(leg) => leg,
            Err(error) => {
                tracing::warn!(call = %self.id, %agent, %error, "the phone that takes over cannot be answered");
                return;
            }
        };
        let Some((_, former)) = self.parties.get_mut(at) else { return };
        tracing::info!(call = %self.id, %agent, ringing = !former.answered, "taken over by another phone");
        (leg.answered, leg.at_phone) = (true, former.at_phone.take());
        let former = std::mem::replace(former, leg);
        if let Device::Phone { dialog, .. } = &former.device {
            dialog.end(Some(TAKEN_OVER.to_owned()));
        }
        if self.left.is_some() && self.left == former.leg {
            self.left = self.leg_of(&me);
            if let Some(leg) = self.left {
                self.room.record_as(leg);
            }
        }
        self.close(former.leg, me);
        if !former.answered {
            self.tell(CallHeard::AgentAnswered { agent });
        } else if former.holds {
            self.tell(CallHeard::AgentHeard { agent });
        }
        self.repaint();
    }

    pub(super) fn answer_phone(&mut self, invited: Box<IncomingCall>, srtp: Srtp) -> Result<PartyLeg, LegError> {
        let IncomingCall { dialog, offer, .. } = *invited;
        let (leg, local) = self.room.add_rtp()?;
        let mut session = Session::new(local.port(), Codec::ALL.to_vec(), srtp);
        let body = match offer {
            Some(offer) => match session.answer(&offer) {
                Ok((answer, remote)) => {
                    self.room.set_remote(leg, remote);
                    answer
                }
                Err(error) => {
                    self.room.remove(leg);
                    dialog.reject(488, "");
                    return Err(error.into());
                }
            },
            None => session.offer(),
        };
        dialog.answer(body);
        Ok(PartyLeg::new(leg, Device::Phone { dialog, session }))
    }

    async fn invite(&mut self, agent: &AgentId, phone: &DeskPhone) -> anyhow::Result<PartyLeg> {
        let to = match phone {
            DeskPhone::At(uri) => Uri::parse(uri)?,
            // Each contact gets its own.
            DeskPhone::Registered => Uri::sip(Some(&agent.0), self.settings.host),
        };
        let (leg, local) = self.room.add_rtp()?;
        let mut session = Session::new(local.port(), self.spoken(), self.srtp_of(agent, phone));
        let outgoing = Outgoing {
            transport: None,
            to,
            from: self.caller_shown(),
            offer: session.offer(),
            headers: Vec::new(),
            credentials: None,
            may_refer: true,
        };
        let endpoint = &self.voice.shared.endpoint;
        let invited = async {
            match phone {
                DeskPhone::At(_) => endpoint.invite(outgoing).await,
                DeskPhone::Registered => endpoint.ring(&agent.0, outgoing).await,
            }
        };
        let invited = tokio::time::timeout(REACH, invited).await;
        let invited = invited.map_err(anyhow::Error::from).and_then(|invited| Ok(invited?));
        let dialog = invited.inspect_err(|_| self.room.remove(leg))?;
        Ok(PartyLeg::new(leg, Device::Phone { dialog, session }))
    }

    /// A phone at a fixed address is trusted to be in the house; its audio is plain.
    fn srtp_of(&self, agent: &AgentId, phone: &DeskPhone) -> Srtp {
        match phone {
            DeskPhone::At(_) => Srtp::Accept,
            DeskPhone::Registered => self.settings.phone_srtp(agent),
        }
    }

    /// What a desk phone is offered: what the caller speaks first, so that nothing need be transcoded.
    fn spoken(&self) -> Vec<Codec> {
        let first = self.caller.as_ref().and_then(Customer::codec);
        first.into_iter().chain(Codec::ALL.into_iter().filter(|codec| Some(*codec) != first)).collect()
    }

    /// The caller as a desk phone shows them: their name, their number at our host.
    fn caller_shown(&self) -> NameAddr {
        let value = &self.who.identity.value;
        let user =
            value.split('@').next().filter(|_| !matches!(self.who.identity.kind.as_str(), "anonymous" | "webchat")).unwrap_or("anonymous");
        let display = self.who.person.as_ref().map(|person| person.name.clone()).or_else(|| self.who.display.clone());
        NameAddr::new(display.as_deref(), Uri::sip(Some(user), self.settings.host))
    }

    /// Joins an agent's browser leg. `AgentAnswered` follows with its first packet.
    pub(super) fn join(&mut self, agent: AgentId) {
        self.drop_party(&LegParty::Agent(agent.clone()));
        let mut peers = self.voice.shared.softphones.watch(&agent);
        let peer = *peers.borrow_and_update();
        let Some(peer) = peer else {
            self.tell(CallHeard::AgentFailed { agent, cause: LegFailure::Unreachable });
            return;
        };
        let leg = self.room.add_peer(peer);
        self.parties.push((LegParty::Agent(agent), PartyLeg::new(leg, Device::Browser { peers })));
    }

    /// A reloaded page brings a new leg: it takes the place of the old one, and is heard of with its first packet.
    pub(super) fn replace_peer(&mut self, agent: &AgentId, peer: PeerId) {
        let me = LegParty::Agent(agent.clone());
        let Some((_, agent_leg)) = self.parties.iter_mut().find(|(id, _)| *id == me) else { return };
        let old = agent_leg.leg.replace(self.room.add_peer(peer));
        if agent_leg.answered {
            // Between the pages there was nobody: music until the new leg is heard.
            self.tell(CallHeard::AgentSilent { agent: agent.clone() });
        }
        self.close(old, me);
        self.repaint();
    }

    /// Lets a party's leg go, if there is one. A desk that was rebuilt may ask anew for whom it had asked before.
    pub(super) fn drop_party(&mut self, party: &LegParty) {
        let Some(at) = self.parties.iter().position(|(id, _)| id == party) else { return };
        let (party, leg) = self.parties.remove(at);
        if self.second.as_ref().is_some_and(|second| party::agent_of(&party) == Some(&second.agent)) {
            self.end_second();
        }
        if let Device::Phone { dialog, .. } = &leg.device {
            dialog.end(None);
        }
        self.close(leg.leg, party);
    }

    pub(super) fn close(&mut self, leg: Option<LegId>, party: LegParty) {
        let Some(leg) = leg else { return };
        self.playing.retain(|(to, _)| *to != leg);
        self.closing.push((leg, party));
        self.room.remove(leg);
    }

    /// Tells an agent's phone what became of its transfer key, as a SIP status.
    pub(super) fn referred(&self, agent: &AgentId, status: u16) {
        let first = self.parties.iter().find(|(id, _)| party::agent_of(id) == Some(agent)).map(|(_, leg)| leg);
        let second = self.second.as_ref().filter(|second| second.agent == *agent).map(|second| &second.leg);
        // Only the line that asked has anybody who waits for it.
        for leg in first.into_iter().chain(second) {
            if let Device::Phone { dialog, .. } = &leg.device {
                dialog.refer_progress(status);
            }
        }
    }

    pub(super) fn leg_of(&self, party: &LegParty) -> Option<LegId> {
        self.parties.iter().find(|(id, _)| id == party).and_then(|(_, leg)| leg.leg)
    }

    /// The customer's leg, whoever called whom.
    pub(super) fn customer_leg(&self) -> Option<LegId> {
        self.caller.as_ref().map_or_else(|| self.leg_of(&LegParty::Customer), |caller| caller.leg())
    }

    pub(super) fn browser_agent(&self, leg: LegId) -> Option<AgentId> {
        let found = self.parties.iter().find(|(_, party)| party.leg == Some(leg) && matches!(party.device, Device::Browser { .. }));
        found.and_then(|(id, _)| party::agent_of(id)).cloned()
    }

    /// A leg that we closed has ended, or one has ended by itself: its page was closed, or taken by another call.
    pub(super) fn leg_closed(&mut self, leg: LegId, stats: LegStats) -> Next {
        self.lately.forget(leg);
        if let Some(at) = self.closing.iter().position(|(closing, _)| *closing == leg) {
            let (_, party) = self.closing.remove(at);
            self.figures(party, &stats);
            return Next::On;
        }
        if Some(leg) == self.customer_leg() {
            if self.page_lost() {
                self.figures(LegParty::Customer, &stats);
                return Next::On;
            }
            tracing::error!(call = %self.id, "the customer's audio cannot go on");
            return Next::Over(EndedBy::System, EndCause::Failed);
        }
        if self.second.as_ref().is_some_and(|second| second.leg.leg == Some(leg)) {
            self.second_gone();
            return Next::On;
        }
        let Some((party, party_leg)) = self.parties.iter_mut().find(|(_, party)| party.leg == Some(leg)) else { return Next::On };
        party_leg.leg = None;
        let (party, answered, phone) = (party.clone(), party_leg.answered, matches!(party_leg.device, Device::Phone { .. }));
        self.figures(party.clone(), &stats);
        let Some(agent) = party::agent_of(&party).cloned() else {
            self.drop_party(&party);
            self.tell(if answered {
                CallHeard::PartyLeft { party }
            } else {
                CallHeard::PartyFailed { party, cause: LegFailure::Unreachable }
            });
            return Next::On;
        };
        if phone {
            return self.agent_gone(agent, LegFailure::Unreachable);
        }
        if answered {
            // A page that says goodbye leaves no silence to be noticed. It may come back with a new leg; until then there is music.
            self.tell(CallHeard::AgentSilent { agent });
        }
        Next::On
    }

    fn figures(&self, party: LegParty, stats: &LegStats) {
        if stats.packets_in > 0 {
            self.tell(CallHeard::LegClosed { leg: party, quality: quality(stats) });
        }
    }
}

fn quality(stats: &LegStats) -> Quality {
    let expected = stats.packets_in + stats.lost;
    let loss_percent = if expected == 0 { 0.0 } else { 100.0 * stats.lost as f32 / expected as f32 };
    Quality { packets: stats.packets_in, loss_percent, jitter_ms: stats.jitter_ms, rtt_ms: stats.rtt_ms, mos: stats.mos }
}
