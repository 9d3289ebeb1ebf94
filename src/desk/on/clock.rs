//! Deadlines that have come.

use crate::desk::call::{Apart, Reaching};
use crate::desk::fact::{OfferEnd, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{LegFailure, WantedStatus};
use crate::desk::party::Party;
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn clock(&mut self) {
        for key in self.timers.due(self.now) {
            // Touched in any case: a deadline that turned out to mean nothing is computed anew.
            self.touch(key);
            match key {
                Key::Agent(slot) => self.agent_due(slot),
                Key::Call(id) => self.call_due(id),
                Key::Conversation(id) => self.conversation_due(id),
                Key::Ticket(id) => self.ticket_due(id),
                Key::Callback(id) => self.callback_due(id),
                Key::Form(id) => self.form_due(id),
                Key::Proactive(id) => self.proactive_due(id),
                Key::Survey(id) => self.survey_due(id),
                Key::Overlays => self.overlays_due(),
                Key::Moved => self.moved_due(),
                Key::Trunk(slot) => self.trunk_due(slot),
                Key::Outages => self.outages_due(),
                Key::Rules(part) => self.rules_due(part),
                Key::Out(..) | Key::Alarms | Key::Ids => {}
            }
        }
    }

    fn call_due(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let now = self.now;
        let has_come = |at: Option<At>| at.is_some_and(|at| at <= now);
        if has_come(call.silent.map(|at| at.after(self.catalog.routing.agent_grace_ms))) {
            return self.lose_customer(id);
        }
        if has_come(call.pause.field_until) {
            self.masked_over(id);
        }
        self.parties_due(id);
        self.watches_due(id);
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        match &call.apart {
            Some(Apart::Flow) => return self.flow_due(Work::Call(id)),
            Some(Apart::Parked { until, .. }) if *until <= now => return self.park_over(id),
            Some(apart) if apart.until().is_some_and(|until| until <= now) => return self.apart_due(id),
            Some(_) => return,
            None => {}
        }
        let grace = self.catalog.routing.agent_grace_ms;
        match call.reaching {
            Some(Reaching::Own { until, .. }) if until <= now => return self.not_reached(id),
            Some(Reaching::Notice { until }) if until <= now => return self.connect(id),
            _ => {}
        }
        let serving = self.serving(Work::Call(id)).filter(|s| !s.phone);
        if has_come(serving.and_then(|s| s.silent).map(|at| at.after(grace))) {
            self.lose_agent(id);
        } else {
            self.announcement_due(id);
            self.waiting_due(Work::Call(id));
        }
    }

    /// Colleagues who were rung for long enough, or are silent for too long.
    fn parties_due(&mut self, id: CallId) {
        let now = self.now;
        let grace = self.catalog.routing.agent_grace_ms;
        let due = |party: &&Party| {
            party.ring_until().is_some_and(|at| at <= now) || party.silent_browser().is_some_and(|at| at.after(grace) <= now)
        };
        let late: Vec<Party> = self.calls.get(&id).into_iter().flat_map(|c| &c.parties).filter(due).cloned().collect();
        for party in late {
            let Some(agent) = party.agent().filter(|_| party.is_in()) else {
                self.let_leg_go(id, &party.who);
                self.party_failed(id, &party.who, Some(LegFailure::NoAnswer));
                continue;
            };
            self.lose_colleague(id, agent);
        }
    }

    fn conversation_due(&mut self, id: ConversationId) {
        if self.conversations.get(&id).is_some_and(|c| c.forget_at().is_some()) {
            self.forget_conversation(id);
        } else if self.conversations.get(&id).is_some_and(|c| c.in_flow()) {
            self.flow_due(Work::Conversation(id));
        } else if self.is_snoozed(id) {
            self.snooze_due(id);
        } else {
            self.opening_due(id);
            self.waiting_due(Work::Conversation(id));
            // An offer that ended just now may have been all that it was kept for.
            if self.abandoned_at(id).is_some_and(|at| at <= self.now) {
                self.abandon(id);
            }
        }
    }

    /// An offer that nobody took, or a moment at which the router should look again.
    pub(in crate::desk) fn waiting_due(&mut self, work: Work) {
        let now = self.now;
        let Some(waiting) = self.waiting(work) else {
            return;
        };
        match &waiting.offer {
            Some(offer) if offer.until > now => {}
            Some(offer) => {
                let joining = offer.leg == crate::desk::work::Leg::Joining;
                self.lose_offer(work, if joining { OfferEnd::Failed } else { OfferEnd::TimedOut });
            }
            None => {
                if let Some(waiting) = self.waiting_mut(work) {
                    waiting.wake = None;
                }
                self.waking.insert(work);
            }
        }
    }

    fn agent_due(&mut self, slot: usize) {
        let now = self.now;
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        let has_come = |at: At| at <= now;
        let wrapped = agent.wrap_up.as_ref().is_some_and(|w| !w.overdue && has_come(w.until));
        let rested = agent.rest_until.is_some_and(has_come);
        let gone = agent.page_due.is_some_and(has_come);
        if rested {
            agent.rest_until = None;
        }
        if gone {
            agent.page_due = None;
        }
        let moved = agent.moves.iter().any(|m| has_come(m.until));
        if wrapped {
            self.wrap_up_over(slot);
        }
        if rested {
            self.choose(slot, WantedStatus::Available, StatusWhy::Configured);
        }
        if gone {
            self.page_stayed_away(slot);
        }
        if moved {
            self.moves_over(slot);
        }
    }
}
