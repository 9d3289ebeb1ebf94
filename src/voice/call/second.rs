//! The second line of an agent's desk phone in a call: what its user dialled while the phone held the customer. Whoever hears the agent hears the
//! line that the phone does not hold; the other one is silent.

use super::{Call, Next};
use crate::desk::id::AgentId;
use crate::desk::input::{CallHeard, LegParty};
use crate::media::LegId;
use crate::sip::{DialogEvent, DialogId};
use crate::voice::party::{Device, PartyEvent, PartyLeg};
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Sleep;

/// At most one in a call: only the agent in charge consults.
pub(super) struct Second {
    pub agent: AgentId,
    pub leg: PartyLeg,
    /// The phone is heard here; else on its first line.
    pub active: bool,
    /// The phone holds neither line: then, it wants them joined.
    joins: Option<Pin<Box<Sleep>>>,
}

/// A phone that turns from one line to the other may take the one back before it holds the other, a moment.
const MOMENT: Duration = Duration::from_millis(700);

pub(super) enum SecondEvent {
    Line(PartyEvent),
    /// Neither line is on hold, and that is no accident.
    Joins,
}

/// What happens next on the second line. Waits for ever while there is none; cancel-safe.
pub(super) async fn next(second: Option<&mut Second>) -> SecondEvent {
    let Some(Second { leg, joins, .. }) = second else { return std::future::pending().await };
    let joins = async {
        match joins {
            Some(moment) => moment.as_mut().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        event = leg.recv() => SecondEvent::Line(event),
        () = joins => SecondEvent::Joins,
    }
}

impl Call {
    /// Takes what the agent's phone has dialled as its second line of this call.
    pub(super) fn second_line(&mut self, agent: AgentId) {
        self.end_second();
        let Some(invited) = self.voice.shared.dialled.take(&agent) else { return self.tell(CallHeard::SecondLineOver { agent }) };
        let srtp = self.settings.phone_srtp(&agent);
        match self.answer_phone(invited, srtp) {
            Ok(mut leg) => {
                leg.answered = true;
                self.second = Some(Second { agent: agent.clone(), leg, active: false, joins: None });
                self.turn(true);
                self.tell(CallHeard::AgentHeard { agent });
            }
            Err(error) => {
                tracing::warn!(call = %self.id, %agent, %error, "the phone's second line cannot be answered");
                self.tell(CallHeard::SecondLineOver { agent });
            }
        }
    }

    /// Hangs up on the second line, if there is one. While the phone holds the first one still, nobody hears the agent.
    pub(super) fn end_second(&mut self) {
        let Some(Second { agent, leg, .. }) = self.second.take() else { return };
        if let Device::Phone { dialog, .. } = &leg.device {
            dialog.end(None);
        }
        // Its figures are not those of the talk with the customer, and are not kept.
        if let Some(leg) = leg.leg {
            self.playing.retain(|(to, _)| *to != leg);
            self.room.remove(leg);
        }
        if self.first_of(&agent).is_some_and(|first| first.holds) {
            self.tell(CallHeard::AgentSilent { agent });
        }
        self.repaint();
    }

    fn first_of(&self, agent: &AgentId) -> Option<&PartyLeg> {
        self.parties.iter().find(|(party, _)| matches!(party, LegParty::Agent(id) if id == agent)).map(|(_, leg)| leg)
    }

    /// The leg by which this party is heard, if that is their second line.
    pub(super) fn heard_aside(&self, party: &LegParty) -> Option<LegId> {
        let second = self.second.as_ref().filter(|second| second.active)?;
        if matches!(party, LegParty::Agent(agent) if *agent == second.agent) { second.leg.leg } else { None }
    }

    pub(super) fn second_event(&mut self, event: SecondEvent) -> Next {
        let event = match event {
            SecondEvent::Line(event) => event,
            SecondEvent::Joins => {
                self.lines_join();
                return Next::On;
            }
        };
        let room = &self.room;
        let Some(second) = &mut self.second else { return Next::On };
        let agent = second.agent.clone();
        match event {
            PartyEvent::Dialog(DialogEvent::Ended { .. } | DialogEvent::Cancelled) | PartyEvent::DialogGone => self.second_gone(),
            PartyEvent::Dialog(DialogEvent::Refer { replaces: Some(other), .. }) => self.completes(agent, &other, true),
            // To lead the one consulted elsewhere is not what a consult is for.
            PartyEvent::Dialog(DialogEvent::Refer { replaces: None, .. }) => self.referred(&agent, 603),
            PartyEvent::Dialog(DialogEvent::Dtmf { digit, .. }) => self.pressed_aside(&agent, digit),
            PartyEvent::Dialog(DialogEvent::Record { on }) => self.tell(CallHeard::AgentRecords { agent, on }),
            PartyEvent::Dialog(event) => {
                if let Some(holds) = second.leg.negotiate(room, &event) {
                    self.line_holds(agent, true, holds);
                }
            }
            PartyEvent::Peer(_) | PartyEvent::TooLong | PartyEvent::Silent => {}
        }
        Next::On
    }

    /// The phone has hung up on it, or its audio cannot go on.
    pub(super) fn second_gone(&mut self) {
        let Some(agent) = self.second.as_ref().map(|second| second.agent.clone()) else { return };
        self.end_second();
        self.tell(CallHeard::SecondLineOver { agent });
    }

    /// The transfer key: whoever is on one line of this phone is to have whoever is on the other. A REFER that came on one of them must name the
    /// other, and no call of anybody else's.
    pub(super) fn completes(&mut self, agent: AgentId, other: &DialogId, on_second: bool) {
        let second = self.second.as_ref().filter(|second| second.agent == agent).map(|second| &second.leg);
        let line = if on_second { self.first_of(&agent) } else { second };
        let named = line.is_some_and(|line| matches!(&line.device, Device::Phone { dialog, .. } if dialog.id() == other));
        if named && second.is_some() {
            self.tell(CallHeard::AgentCompletes { agent });
        } else {
            self.referred(&agent, 481);
        }
    }

    /// One of the phone's lines was put on hold, or taken back.
    pub(super) fn line_holds(&mut self, agent: AgentId, on_second: bool, holds: bool) {
        let mine = self.second.as_ref().filter(|second| second.agent == agent);
        let active = mine.is_some_and(|second| second.active);
        let other = if on_second { self.first_of(&agent) } else { mine.map(|second| &second.leg) };
        let other_talks = other.is_some_and(|line| !line.holds);
        if let Some(second) = self.second.as_mut().filter(|second| second.agent == agent) {
            second.joins = (!holds && other_talks).then(|| Box::pin(tokio::time::sleep(MOMENT)));
        }
        match (holds, other_talks) {
            (false, _) => {
                self.turn(on_second);
                self.tell(CallHeard::AgentHeard { agent });
            }
            // Held already where nobody talks.
            (true, _) if active != on_second => {}
            (true, true) => self.turn(!on_second),
            (true, false) => self.tell(CallHeard::AgentSilent { agent }),
        }
    }

    /// The conference key: the phone would mix its two lines itself. Here all are one talk, and hear each other without it.
    fn lines_join(&mut self) {
        if let Some(second) = &mut self.second {
            second.joins = None;
            let agent = second.agent.clone();
            self.tell(CallHeard::AgentJoins { agent });
        }
    }

    /// The phone talks on this line from now on, and neither speaks nor listens on the other.
    fn turn(&mut self, to_second: bool) {
        let Some(second) = &mut self.second else { return };
        if std::mem::replace(&mut second.active, to_second) == to_second {
            return;
        }
        let (agent, aside) = (second.agent.clone(), second.leg.leg);
        let left = if to_second { self.first_of(&agent).and_then(|first| first.leg) } else { aside };
        if let Some(left) = left {
            self.room.hear(left, &[]);
            self.quiet(left);
        }
        self.repaint();
        self.tell(CallHeard::AgentTurns { agent, customer: !to_second });
    }

    /// A key that the phone told by INFO on its second line: for those who hear it.
    fn pressed_aside(&mut self, agent: &AgentId, digit: char) {
        let me = LegParty::Agent(agent.clone());
        let Some(picture) = self.picture.as_ref().filter(|_| self.heard_aside(&me).is_some()) else { return };
        let hearers: Vec<&LegParty> = picture.hearing.iter().filter(|(_, sources)| sources.contains(&me)).map(|(who, _)| who).collect();
        for (_, leg) in self.everybody().filter(|(party, _)| hearers.contains(&party)) {
            self.room.digits(leg, &digit.to_string());
        }
    }
}
