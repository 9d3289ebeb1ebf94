//! Tickets as they are asked for: a new one, with all that its form has, and the changes of one.

use super::FileRef;
use crate::desk::id::*;
use crate::desk::rules::About;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that a new ticket may begin with. Agents, flows, programs and rules ask by the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    pub person: PersonId,
    pub subject: String,
    #[serde(default)]
    pub kind: Option<TicketKind>,
    /// 1 (most urgent) to 4; `None`: as the kind says.
    #[serde(default)]
    pub priority: Option<u8>,
    #[serde(default)]
    pub department: Option<DepartmentId>,
    #[serde(default)]
    pub assignee: Option<AgentId>,
    /// The contact in which it came up.
    #[serde(default)]
    pub work: Option<Work>,
    /// The kind's own fields, by their names.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    #[serde(default)]
    pub due: Option<At>,
    #[serde(default)]
    pub parent: Option<TicketId>,
    /// A closed one that this goes on from.
    #[serde(default)]
    pub follows: Option<TicketId>,
    /// The first comment.
    #[serde(default)]
    pub note: String,
    /// The customer is not told of it.
    #[serde(default)]
    pub quiet: bool,
    /// The same key of the same customer is the same ticket while that is open.
    #[serde(default)]
    pub key: Option<String>,
    /// What is kept of the customer, where rules ask for it; an open contact of theirs knows it better.
    #[serde(default, skip_serializing_if = "About::is_empty")]
    pub customer: About,
}

impl NewTicket {
    /// A subject and nothing else.
    pub fn plain(person: PersonId, subject: String) -> NewTicket {
        NewTicket {
            person,
            subject,
            kind: None,
            priority: None,
            department: None,
            assignee: None,
            work: None,
            fields: BTreeMap::new(),
            due: None,
            parent: None,
            follows: None,
            note: String::new(),
            quiet: false,
            key: None,
            customer: About::default(),
        }
    }
}

/// Who opened a ticket, where it was no agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The house by its settings: a queue that opens one for each contact, a form that has to be judged.
    #[default]
    House,
    /// A customer's word.
    Keyword,
    Flow(FlowId),
    /// A rule, by its name.
    Rule(String),
    /// A program, by the name of its token.
    Bot(String),
}

/// One change of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketChange {
    State(TicketState),
    /// 1 (most urgent) to 4.
    Priority(u8),
    Assignee(Option<AgentId>),
    Subject(String),
    Comment(String),
    /// Handed to another department, with a word for them.
    Department {
        to: DepartmentId,
        note: String,
    },
    Kind(Option<TicketKind>),
    Field {
        name: String,
        value: String,
    },
    Due(Option<At>),
    Watch {
        agent: AgentId,
        on: bool,
    },
    /// The nth of the checklist, from 0.
    Check {
        item: u32,
        on: bool,
    },
    AddItem(String),
    /// Has to do with another one.
    Related {
        ticket: TicketId,
        on: bool,
    },
    Parent(Option<TicketId>),
    Attach(FileRef),
    Quiet(bool),
    /// A contact belongs to it.
    Contact(Work),
}

/// The stages of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    New,
    /// Somebody has it and has not begun.
    Assigned,
    /// In progress.
    Open,
    /// Waits for the customer.
    Pending,
    Resolved,
    Closed,
    /// Was resolved, and is not.
    Reopened,
}

impl TicketState {
    pub const ALL: [TicketState; 7] = [
        TicketState::New,
        TicketState::Assigned,
        TicketState::Open,
        TicketState::Pending,
        TicketState::Resolved,
        TicketState::Closed,
        TicketState::Reopened,
    ];

    /// In tables, addresses and the configuration.
    pub fn word(self) -> &'static str {
        match self {
            TicketState::New => "new",
            TicketState::Assigned => "assigned",
            TicketState::Open => "open",
            TicketState::Pending => "pending",
            TicketState::Resolved => "resolved",
            TicketState::Closed => "closed",
            TicketState::Reopened => "reopened",
        }
    }

    pub fn of(word: &str) -> Option<TicketState> {
        TicketState::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Somebody has to do something about it still.
    pub fn is_open(self) -> bool {
        !matches!(self, TicketState::Resolved | TicketState::Closed)
    }
}

/// What an agent does with a whole ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum TicketCommand {
    Change(TicketChange),
    /// Resolved, with all that depends on it.
    ResolveFamily,
    /// What was asked for is granted, or not.
    Judge {
        granted: bool,
        reason: String,
    },
    /// It is the same matter as another one of the same customer, which goes on alone.
    Merge {
        into: TicketId,
    },
    /// A second matter becomes a ticket of its own, and takes these contacts with it.
    Split {
        subject: String,
        works: Vec<Work>,
    },
}
