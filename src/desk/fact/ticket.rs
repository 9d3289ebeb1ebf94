//! Facts about tickets.

use crate::desk::id::*;
use crate::desk::input::{Source, TicketChange};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketFact {
    Opened {
        person: PersonId,
        subject: String,
        work: Option<Work>,
        queue: Option<QueueId>,
        priority: u8,
        by: Option<AgentId>,
        #[serde(default, skip_serializing_if = "Beginning::is_plain")]
        with: Box<Beginning>,
    },
    /// Another contact belongs to this ticket.
    Linked {
        work: Work,
    },
    Changed {
        by: Option<AgentId>,
        change: TicketChange,
    },
    /// How it stands with what was promised.
    Clock {
        clock: ClockKind,
        now: ClockNow,
    },
    Approval(ApprovalFact),
    /// It is closed: the same matter as that one.
    Merged {
        into: TicketId,
        by: AgentId,
    },
    /// A second matter went to a ticket of its own, and these contacts with it.
    Split {
        to: TicketId,
        works: Vec<Work>,
        by: AgentId,
    },
    /// The customer says, by their own page, that it is not solved.
    NotSolved {
        text: String,
    },
    /// These of the house are told of it.
    Notified {
        agents: BTreeSet<AgentId>,
        news: TicketNews,
        by: Option<AgentId>,
        /// What was said with it, as far as a line shows it.
        text: String,
    },
}

/// What of a ticket somebody of the house is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketNews {
    /// It is theirs now.
    Yours,
    /// It has come to their department, and nobody has it.
    Arrived,
    /// Somebody else has it now, or nobody.
    Handed,
    /// Another department has it now.
    Left,
    /// A colleague named them in a comment.
    Mention,
    Comment,
    State,
    /// What it is about, how urgent it is, or by when it is due.
    Changed,
    /// The customer says that it is not solved.
    NotSolved,
    /// It goes on in another one.
    Merged,
    /// It needs their yes.
    Asked,
    Judged,
}

/// What a new ticket has besides a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Beginning {
    #[serde(skip_serializing_if = "is_house")]
    pub source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<TicketKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AgentId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// The points of its checklist, in the house's language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_from: Option<TicketId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

impl Beginning {
    #[expect(clippy::borrowed_box, reason = "serde asks by the field's own type")]
    fn is_plain(with: &Box<Beginning>) -> bool {
        **with == Beginning::default()
    }
}

fn is_house(source: &Source) -> bool {
    *source == Source::House
}

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// The first answer of a person.
    First,
    /// An answer to what the customer has written since.
    Next,
    Resolution,
    /// A time that somebody set.
    Due,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockNow {
    Runs {
        until: At,
    },
    /// While the customer is waited for.
    Paused,
    Met,
    /// A quarter of the time is left.
    AtRisk,
    Late,
    /// Promised no more.
    Off,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalFact {
    Asked,
    /// `None`: by the house's own rules.
    Granted {
        by: Option<AgentId>,
    },
    Denied {
        by: AgentId,
        reason: String,
    },
}
