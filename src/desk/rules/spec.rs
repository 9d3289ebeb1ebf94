//! Rules as the desk works with them, resolved from `[[rules]]`.

use super::words::{Mood, Moods};
use crate::desk::form::spec::Titles;
use crate::desk::hours::Hours;
use crate::desk::id::*;
use crate::desk::input::{Purpose, Wording};
use crate::desk::person::Consent;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All rules, in the order in which they look at what happens.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub list: Vec<Rule>,
    /// What the house counts as good or bad words besides.
    pub moods: Moods,
    /// The longest time that a rule looks back, ms; 0: none does.
    pub past_ms: i64,
    /// Some rule asks for fields of customers.
    pub reads_fields: bool,
}

impl Rules {
    pub fn get(&self, id: &RuleId) -> Option<&Rule> {
        self.list.iter().find(|rule| rule.id == *id)
    }
}

/// When this happens, if that holds, then these.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: RuleId,
    pub title: Titles,
    pub when: When,
    pub given: Given,
    pub then: Vec<Do>,
    /// It acts again for the same contact, ticket or event after so long, ms; 0: never.
    pub again_ms: i64,
    /// Rules after it do not look at what it has acted upon.
    pub stop: bool,
}

#[derive(Debug, Clone)]
pub struct When {
    pub event: Happening,
    /// So long after it, ms.
    pub after_ms: i64,
    /// Unless one of these has happened meanwhile.
    pub unless: Vec<Happening>,
    /// Facts call it off only where this value is the same.
    pub same: Option<String>,
}

/// What may happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// A conversation or a call of a customer's begins.
    Opened,
    /// The customer has written.
    Message,
    Queued,
    /// An agent has it.
    Assigned,
    /// An agent has written, or talks.
    Answered,
    CallEnded,
    WrappedUp,
    /// Somebody did not reach us: they stand on the call list.
    Missed,
    Resolved,
    TicketOpened,
    TicketState,
    /// What was promised was not kept.
    TicketLate,
    Rating,
    /// A rule or an agent has given a tag.
    Tagged,
    /// A program of the firm's has told of something by this name.
    Fact(String),
}

impl Happening {
    /// The words in the file, without those of the firm's programs.
    pub const WORDS: [(&'static str, Happening); 14] = [
        ("opened", Happening::Opened),
        ("message", Happening::Message),
        ("queued", Happening::Queued),
        ("assigned", Happening::Assigned),
        ("answered", Happening::Answered),
        ("call_ended", Happening::CallEnded),
        ("wrapped_up", Happening::WrappedUp),
        ("missed", Happening::Missed),
        ("resolved", Happening::Resolved),
        ("ticket_opened", Happening::TicketOpened),
        ("ticket_state", Happening::TicketState),
        ("ticket_late", Happening::TicketLate),
        ("rating", Happening::Rating),
        ("tagged", Happening::Tagged),
    ];

    pub fn read(word: &str) -> Option<Happening> {
        if let Some(name) = word.strip_prefix("fact:") {
            return is_fact_name(name).then(|| Happening::Fact(name.to_owned()));
        }
        Happening::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, happening)| happening)
    }

    /// Of tickets, not of contacts.
    pub fn of_tickets(&self) -> bool {
        matches!(self, Happening::TicketOpened | Happening::TicketState | Happening::TicketLate)
    }

    /// There is something that the customer has said.
    pub fn has_text(&self) -> bool {
        matches!(self, Happening::Opened | Happening::Message | Happening::Rating | Happening::TicketOpened)
    }
}

/// Names of what programs tell: 1 to 64 small letters, digits, `.`, `_` and `-`.
pub fn is_fact_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// What must hold; of each list one, and an empty one asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub channels: Vec<ChannelId>,
    /// Kinds of channels; `call` for calls.
    pub kinds: Vec<String>,
    pub queues: Vec<QueueId>,
    pub tiers: Vec<TierId>,
    pub tags: Vec<String>,
    pub no_tags: Vec<String>,
    pub words: Vec<String>,
    pub mood: Option<Mood>,
    /// The contact's queue is open, or is not.
    pub open: Option<bool>,
    /// Within these hours, or outside of them.
    pub hours: Option<(Hours, bool)>,
    pub languages: Vec<String>,
    /// Of the customer, by the field's name.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Of what a program has told.
    pub values: BTreeMap<String, Vec<String>>,
    pub consent: Option<Consent>,
    pub states: Vec<String>,
    pub dispositions: Vec<String>,
    pub ticket_kinds: Vec<TicketKind>,
    pub lowest: Option<u8>,
    pub highest: Option<u8>,
    /// What the customer's other contacts, and this one, must have been.
    pub past: Vec<Past>,
}

/// Where a contact moves that moves to the call list; no channel is called so.
pub const CALLS: &str = "calls";

/// So many contacts like this within that time, this one among them.
#[derive(Debug, Clone)]
pub struct Past {
    /// Kinds of channels, `call`, or `text` for all but calls; empty for all.
    pub kinds: Vec<String>,
    pub tag: Option<String>,
    pub least: usize,
    pub within_ms: i64,
}

/// What is done.
#[derive(Debug, Clone)]
pub enum Do {
    Assign {
        agent: AgentId,
    },
    Queue {
        queue: QueueId,
    },
    /// Points for contacts.
    Prioritise {
        points: i32,
    },
    /// 1 (most urgent) to 4.
    TicketPriority {
        priority: u8,
    },
    Tag {
        tag: String,
        of: TagOf,
    },
    Reply {
        text: Titles,
        template: Option<Wording>,
    },
    Message(Box<Letter>),
    Ticket(Box<TicketAsked>),
    Notify {
        agents: Vec<AgentId>,
        supervisors: bool,
        text: Titles,
    },
    Webhook {
        to: String,
    },
    /// The customer is put on the call list of this queue; `None`: of the contact's own.
    CallList {
        queue: Option<QueueId>,
    },
    Alert {
        text: Titles,
        for_ms: i64,
    },
    /// The customer is asked how it was.
    Survey {
        survey: SurveyName,
    },
}

impl Do {
    /// The word in the file.
    pub fn word(&self) -> &'static str {
        match self {
            Do::Assign { .. } => "assign",
            Do::Queue { .. } => "queue",
            Do::Prioritise { .. } | Do::TicketPriority { .. } => "prioritise",
            Do::Tag { .. } => "tag",
            Do::Reply { .. } => "reply",
            Do::Message(_) => "message",
            Do::Ticket(_) => "ticket",
            Do::Notify { .. } => "notify",
            Do::Webhook { .. } => "webhook",
            Do::CallList { .. } => "call_list",
            Do::Alert { .. } => "alert",
            Do::Survey { .. } => "survey",
        }
    }
}

/// Whose tag it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagOf {
    #[default]
    Person,
    /// Of this contact alone.
    Contact,
}

/// A message of the house's own accord.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// By language; under the empty name for all.
    pub text: BTreeMap<String, String>,
    pub subject: BTreeMap<String, String>,
    pub template: Option<Wording>,
    pub purpose: Purpose,
    /// Only these, in this order; empty: whichever reaches them best.
    pub channels: Vec<ChannelId>,
}

#[derive(Debug, Clone)]
pub struct TicketAsked {
    pub subject: Titles,
    pub kind: Option<TicketKind>,
    pub department: Option<DepartmentId>,
    pub priority: Option<u8>,
    pub assignee: Option<AgentId>,
    pub note: Titles,
}
