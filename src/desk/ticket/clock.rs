//! What was promised, as clocks of working time: a clock runs, is paused while the customer is waited for, and says once when a quarter of
//! its time is left and once when it is late. What was promised stays promised: a reload of the hours counts from the next start on.

use super::Ticket;
use super::spec::Promise;
use crate::desk::fact::{ClockKind, ClockNow, Fact, TicketFact, TicketNews};
use crate::desk::hours::Hours;
use crate::desk::id::*;
use crate::desk::input::TicketState;
use crate::desk::{Desk, Key};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::desk) struct Clock {
    pub kind: ClockKind,
    /// Working time promised, and what is left of it at `since`, ms.
    pub total_ms: i64,
    pub left_ms: i64,
    /// It runs since then; `None`: it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<At>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    /// When it is to be said that little time is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<At>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

impl Clock {
    fn new(kind: ClockKind, total_ms: i64) -> Clock {
        Clock { kind, total_ms, left_ms: total_ms, since: None, until: None, warn: None, late: false }
    }

    /// The next moment at which there is something to say.
    pub fn wakes(&self) -> Option<At> {
        self.warn.or_else(|| self.until.filter(|_| !self.late))
    }

    fn run(&mut self, now: At, hours: Option<&Hours>) -> Option<ClockNow> {
        let later = |ms: i64| hours.map_or(Some(now.after(ms)), |hours| hours.later(now, ms));
        let until = later(self.left_ms.max(0))?;
        let quarter = self.total_ms / 4;
        self.since = Some(now);
        self.until = Some(until);
        self.warn = if self.late || self.left_ms <= quarter { None } else { later(self.left_ms - quarter) };
        // What is late stays late, also when it goes on after a pause.
        Some(if self.late { ClockNow::Late } else { ClockNow::Runs { until } })
    }

    fn stand(&mut self, now: At, hours: Option<&Hours>) {
        if let Some(since) = self.since.take() {
            self.left_ms -= hours.map_or_else(|| now.since(since), |hours| hours.open_between(since, now));
        }
        (self.until, self.warn) = (None, None);
    }
}

fn promised(promise: &Promise, kind: ClockKind, priority: u8) -> i64 {
    let times = match kind {
        ClockKind::First => &promise.first,
        ClockKind::Next => &promise.next,
        ClockKind::Resolution => &promise.resolution,
        ClockKind::Due => return 0,
    };
    times.get(usize::from(priority).saturating_sub(1)).copied().unwrap_or(0)
}

impl Desk {
    fn clock_fact(&mut self, id: TicketId, clock: ClockKind, now: ClockNow) {
        self.facts.push(Fact::Ticket(id, TicketFact::Clock { clock, now }));
    }

    /// A clock begins, if something is promised and it does not run already.
    pub(in crate::desk) fn start_clock(&mut self, id: TicketId, kind: ClockKind) {
        let now = self.now;
        let Some(ticket) = self.tickets.get(&id).filter(|ticket| ticket.clocks.iter().all(|clock| clock.kind != kind)) else { return };
        let Some(promise) = self.promise_of(ticket) else { return };
        let total = promised(promise, kind, ticket.priority);
        if total <= 0 {
            return;
        }
        let mut clock = Clock::new(kind, total);
        let Some(says) = clock.run(now, promise.hours.as_ref()) else { return };
        if let Some(ticket) = self.tickets.get_mut(&id) {
            ticket.clocks.push(clock);
        }
        self.touch(Key::Ticket(id));
        self.clock_fact(id, kind, says);
    }

    /// What was promised has been done, or is promised no more.
    pub(in crate::desk) fn end_clock(&mut self, id: TicketId, kind: ClockKind, how: ClockNow) {
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let before = ticket.clocks.len();
        ticket.clocks.retain(|clock| clock.kind != kind);
        if ticket.clocks.len() != before {
            self.touch(Key::Ticket(id));
            self.clock_fact(id, kind, how);
        }
    }

    /// The time of a resolution does not run while the customer is waited for, nor while it is resolved: if it is reopened, it goes on.
    pub(in crate::desk) fn clocks_follow(&mut self, id: TicketId, before: TicketState) {
        let Some(state) = self.tickets.get(&id).map(|ticket| ticket.state) else { return };
        let stands = |state: TicketState| matches!(state, TicketState::Pending | TicketState::Resolved);
        match (stands(before), stands(state)) {
            (false, true) => self.stand_clock(id, if state == TicketState::Pending { ClockNow::Paused } else { ClockNow::Met }),
            (true, true) if state == TicketState::Resolved => self.stand_clock(id, ClockNow::Met),
            (true, false) => self.resume_clock(id),
            (true, true) | (false, false) => {}
        }
        if state == TicketState::Resolved {
            // Whoever is told that it is done has been answered.
            self.end_clock(id, ClockKind::First, ClockNow::Met);
            self.end_clock(id, ClockKind::Next, ClockNow::Met);
            self.end_clock(id, ClockKind::Due, ClockNow::Met);
        }
    }

    fn stand_clock(&mut self, id: TicketId, says: ClockNow) {
        let now = self.now;
        let hours = self.tickets.get(&id).and_then(|ticket| self.promise_of(ticket)).and_then(|promise| promise.hours.clone());
        let Some(clock) = self.tickets.get_mut(&id).and_then(|t| t.clocks.iter_mut().find(|c| c.kind == ClockKind::Resolution)) else {
            return;
        };
        clock.stand(now, hours.as_ref());
        self.touch(Key::Ticket(id));
        self.clock_fact(id, ClockKind::Resolution, says);
    }

    fn resume_clock(&mut self, id: TicketId) {
        let now = self.now;
        let hours = self.tickets.get(&id).and_then(|ticket| self.promise_of(ticket)).and_then(|promise| promise.hours.clone());
        let clock = self.tickets.get_mut(&id).and_then(|t| t.clocks.iter_mut().find(|c| c.kind == ClockKind::Resolution));
        if let Some(says) = clock.and_then(|clock| clock.run(now, hours.as_ref())) {
            self.touch(Key::Ticket(id));
            self.clock_fact(id, ClockKind::Resolution, says);
        }
    }

    /// Another priority, kind or department may promise something else: the time that has been used stays used.
    pub(in crate::desk) fn promise_anew(&mut self, id: TicketId) {
        let now = self.now;
        let Some(ticket) = self.tickets.get(&id).cloned() else { return };
        let promise = self.promise_of(&ticket).cloned().unwrap_or_default();
        for kind in [ClockKind::First, ClockKind::Next, ClockKind::Resolution] {
            let total = promised(&promise, kind, ticket.priority);
            let Some(clock) = ticket.clocks.iter().find(|clock| clock.kind == kind) else {
                let missing = kind == ClockKind::Resolution || kind == ClockKind::First && !ticket.answered;
                if missing && ticket.is_open() {
                    self.start_clock(id, kind);
                }
                continue;
            };
            if total == clock.total_ms {
                continue;
            }
            if total <= 0 {
                self.end_clock(id, kind, ClockNow::Off);
                continue;
            }
            let mut clock = clock.clone();
            let ran = clock.since.is_some();
            clock.stand(now, promise.hours.as_ref());
            clock.left_ms = total - (clock.total_ms - clock.left_ms);
            clock.total_ms = total;
            // What has become late by it is said by the clock.
            clock.late &= clock.left_ms <= 0;
            let says = if ran { clock.run(now, promise.hours.as_ref()) } else { None };
            if let Some(place) = self.tickets.get_mut(&id).and_then(|t| t.clocks.iter_mut().find(|c| c.kind == kind)) {
                *place = clock;
            }
            self.touch(Key::Ticket(id));
            if let Some(says) = says.filter(|says| *says != ClockNow::Late) {
                self.clock_fact(id, kind, says);
            }
        }
    }

    /// What was promised in a ticket holds in the one that it has become part of: of two promises the sooner.
    pub(in crate::desk) fn inherit_clocks(&mut self, into: TicketId, from: &Ticket) {
        let now = self.now;
        let Some(ticket) = self.tickets.get(&into).filter(|ticket| ticket.is_open()).cloned() else { return };
        let hours = |ticket: &Ticket| self.promise_of(ticket).and_then(|promise| promise.hours.clone());
        let (theirs, own) = (hours(from), hours(&ticket));
        for clock in &from.clocks {
            let counted = |hours: &Option<Hours>| hours.clone().filter(|_| clock.kind != ClockKind::Due);
            let stood = |clock: &Clock, hours: Option<Hours>| {
                let mut clock = clock.clone();
                clock.stand(now, hours.as_ref());
                clock
            };
            let mut sooner = stood(clock, counted(&theirs));
            let known = ticket.clocks.iter().find(|known| known.kind == clock.kind);
            if known.is_some_and(|known| stood(known, counted(&own)).left_ms <= sooner.left_ms) {
                continue;
            }
            let waits = clock.kind == ClockKind::Resolution && ticket.state == TicketState::Pending;
            let says = if waits { Some(ClockNow::Paused) } else { sooner.run(now, counted(&own).as_ref()) };
            if let Some(ticket) = self.tickets.get_mut(&into) {
                ticket.clocks.retain(|known| known.kind != clock.kind);
                ticket.clocks.push(sooner);
            }
            says.into_iter().for_each(|says| self.clock_fact(into, clock.kind, says));
        }
    }

    /// A time that somebody sets by hand; it knows no hours.
    pub(in crate::desk) fn set_due(&mut self, id: TicketId, due: Option<At>) {
        let now = self.now;
        self.end_clock(id, ClockKind::Due, ClockNow::Off);
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let Some(until) = due else { return };
        let mut clock = Clock::new(ClockKind::Due, until.since(now));
        if clock.run(now, None).is_some() {
            clock.late = until <= now;
            ticket.clocks.push(clock);
            self.touch(Key::Ticket(id));
            self.clock_fact(id, ClockKind::Due, ClockNow::Runs { until });
        }
    }

    /// A clock's moment has come.
    pub(in crate::desk) fn clocks_due(&mut self, id: TicketId) {
        let now = self.now;
        let mut says = Vec::new();
        for clock in self.tickets.get_mut(&id).into_iter().flat_map(|ticket| &mut ticket.clocks) {
            if clock.until.is_some_and(|until| until <= now) && !clock.late {
                (clock.late, clock.warn) = (true, None);
                says.push((clock.kind, ClockNow::Late));
            } else if clock.warn.is_some_and(|warn| warn <= now) {
                clock.warn = None;
                says.push((clock.kind, ClockNow::AtRisk));
            }
        }
        for (clock, now) in says {
            self.clock_fact(id, clock, now);
        }
    }

    /// An agent has answered the customer in one of the ticket's contacts.
    pub(in crate::desk) fn tickets_answered(&mut self, person: PersonId, work: Work, by: &AgentId) {
        for id in self.tickets_about(person, work) {
            self.end_clock(id, ClockKind::First, ClockNow::Met);
            self.end_clock(id, ClockKind::Next, ClockNow::Met);
            let Some(ticket) = self.tickets.get_mut(&id) else { continue };
            let begins = ticket.state == TicketState::Assigned && ticket.assignee.as_ref() == Some(by);
            if !ticket.answered {
                ticket.answered = true;
                self.touch(Key::Ticket(id));
            }
            if begins {
                let concerned = self.concerned(id);
                self.set_ticket_state(id, TicketState::Open, Some(by.clone()));
                self.tell_house(id, concerned, Some(by), TicketNews::State, "");
            }
        }
    }

    /// The customer has written in one of the ticket's contacts: whoever waited for them goes on.
    pub(in crate::desk) fn tickets_heard(&mut self, person: PersonId, work: Work) {
        for id in self.tickets_about(person, work) {
            let Some(Ticket { state, answered, .. }) = self.tickets.get(&id) else { continue };
            let next = match (state, answered) {
                (TicketState::Pending, _) => Some(TicketState::Open),
                (TicketState::Resolved, _) if self.catalog.tickets.reopen => Some(TicketState::Reopened),
                (TicketState::Resolved, _) => continue,
                _ => None,
            };
            if let Some(next) = next {
                self.set_ticket_state(id, next, None);
                self.tell_whoever_may_act(id, TicketNews::State, "");
            }
            if self.tickets.get(&id).is_some_and(|ticket| ticket.answered) {
                self.start_clock(id, ClockKind::Next);
            }
        }
    }

    fn tickets_about(&self, person: PersonId, work: Work) -> Vec<TicketId> {
        let theirs = self.tickets_of.get(&person).into_iter().flatten().copied();
        theirs.filter(|id| self.tickets.get(id).is_some_and(|ticket| ticket.works.contains(&work))).collect()
    }
}
