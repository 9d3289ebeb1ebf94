//! A ticket as the desk needs it: whose it is, which stages it may reach, what was promised about it and what the customer is told.
//! `clock.rs` counts working time, `approval.rs` says what needs a yes, `family.rs` joins and parts tickets, `tell.rs` speaks to customers,
//! `notify.rs` to colleagues.

mod approval;
mod clock;
mod customer;
mod family;
mod notify;
pub mod spec;
mod tell;
mod words;

pub(super) use approval::{Approval, missing};
pub(super) use tell::News;
pub use words::asks_state;
pub(super) use words::{cut, written};

use super::Desk;
use super::id::*;
use super::input::TicketState;
use super::rules::About;
use clock::Clock;
use serde::{Deserialize, Serialize};
use spec::{KindSpec, Promise};
use std::collections::{BTreeMap, BTreeSet};
use tell::Telling;

/// Urgency of a ticket nobody has judged yet.
pub(super) const ORDINARY: u8 = 3;
/// Contacts of one ticket that are remembered; of older ones the store knows.
const WORKS: usize = 50;
/// Points of one checklist at most, those that agents add counted.
pub(super) const MOST_ITEMS: usize = 50;
/// Longest subject, characters.
pub(super) const SUBJECT: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub id: TicketId,
    pub person: PersonId,
    pub state: TicketState,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    pub assignee: Option<AgentId>,
    /// Since when it is resolved; some days later it is closed.
    #[serde(default)]
    pub resolved_at: Option<At>,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub opened_at: At,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TicketKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub watchers: BTreeSet<AgentId>,
    /// What customers write in one of these is about it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub works: BTreeSet<Work>,
    /// Which points are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TicketId>,
    /// Those that are not closed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub children: BTreeSet<TicketId>,
    #[serde(default, skip_serializing_if = "Approval::is_none")]
    pub approval: Approval,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// A person has answered since it was opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// News that the customer is still to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telling: Option<Telling>,
    /// The last number given to news.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub serial: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "About::is_empty")]
    pub customer: About,
}

fn is_zero(serial: &u32) -> bool {
    *serial == 0
}

impl Ticket {
    pub fn new(id: TicketId, person: PersonId, subject: &str, at: At) -> Ticket {
        Ticket {
            id,
            person,
            state: TicketState::New,
            priority: ORDINARY,
            assignee: None,
            resolved_at: None,
            subject: subject.to_owned(),
            opened_at: at,
            kind: None,
            department: None,
            fields: BTreeMap::new(),
            watchers: BTreeSet::new(),
            works: BTreeSet::new(),
            checklist: Vec::new(),
            parent: None,
            children: BTreeSet::new(),
            approval: Approval::None,
            clocks: Vec::new(),
            answered: false,
            quiet: false,
            telling: None,
            serial: 0,
            key: None,
            customer: About::default(),
        }
    }

    /// A resolved ticket is reopened or closed; a closed one is over.
    pub fn may_become(&self, next: TicketState) -> bool {
        use TicketState::*;
        match self.state {
            New | Reopened => matches!(next, Assigned | Open | Pending | Resolved | Closed),
            Assigned => matches!(next, New | Open | Pending | Resolved | Closed),
            Open => matches!(next, Assigned | Pending | Resolved | Closed),
            Pending => matches!(next, Assigned | Open | Resolved | Closed),
            Resolved => matches!(next, Reopened | Closed),
            Closed => false,
        }
    }

    /// A new contact of the customer is about this.
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    pub fn remember(&mut self, work: Work) {
        if self.works.len() >= WORKS {
            self.works.pop_first();
        }
        self.works.insert(work);
    }

    /// When it wants to be looked at again; `close_after_ms` as the catalog has it.
    pub fn due(&self, close_after_ms: i64) -> Option<At> {
        let closes = self.resolved_at.filter(|_| close_after_ms > 0).map(|at| at.after(close_after_ms));
        let clocks = self.clocks.iter().filter_map(Clock::wakes);
        let telling = self.telling.as_ref().map(Telling::again);
        clocks.chain(closes).chain(telling).min()
    }
}

impl Desk {
    pub(super) fn kind_of(&self, ticket: &Ticket) -> Option<&KindSpec> {
        self.catalog.tickets.kinds.get(ticket.kind.as_ref()?)
    }

    /// What is promised about this ticket.
    pub(super) fn promise_of(&self, ticket: &Ticket) -> Option<&Promise> {
        let rules = &self.catalog.tickets;
        let department = ticket.department.as_ref().and_then(|id| rules.departments.get(id));
        let named = self.kind_of(ticket).and_then(|kind| kind.promise.as_ref());
        let name = named.or_else(|| department.and_then(|department| department.promise.as_ref())).or(rules.promise.as_ref())?;
        rules.promises.get(name)
    }

    /// Customers neither hear of it nor find it.
    pub(super) fn is_hidden(&self, ticket: &Ticket) -> bool {
        self.kind_of(ticket).is_some_and(|kind| kind.internal)
    }
}
