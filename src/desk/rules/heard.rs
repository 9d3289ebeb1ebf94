//! What of a fact is something that a rule may wait for.

use super::spec::Happening;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Body, Extra};
use crate::desk::survey::Scale;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Characters of what was said that a rule looks at.
const TEXT: usize = 2_000;

/// What a rule acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Work(Work),
    Ticket(TicketId),
    /// Something that a program has told of a customer, or an agent said of them by a tag.
    Told(ToldId),
}

impl Subject {
    pub fn work(self) -> Option<Work> {
        match self {
            Subject::Work(work) => Some(work),
            Subject::Ticket(_) | Subject::Told(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Work(Work::Call(id)) => write!(f, "call/{id}"),
            Subject::Work(Work::Conversation(id)) => write!(f, "conversation/{id}"),
            Subject::Work(Work::Callback(id)) => write!(f, "callback/{id}"),
            Subject::Ticket(id) => write!(f, "ticket/{id}"),
            Subject::Told(id) => write!(f, "told/{id}"),
        }
    }
}

/// One thing that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub what: Happening,
    pub subject: Subject,
    /// What the customer said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl Heard {
    fn of(what: Happening, subject: Subject) -> Heard {
        Heard { what, subject, text: String::new(), score: None, tag: None, disposition: None, values: BTreeMap::new() }
    }

    /// This has the tag from now on.
    pub fn tagged(subject: Subject, tag: &str) -> Heard {
        Heard { tag: Some(tag.to_owned()), ..Heard::of(Happening::Tagged, subject) }
    }

    fn saying(self, text: &str) -> Heard {
        Heard { text: text.chars().take(TEXT).collect(), ..self }
    }
}

/// What a fact means to rules; mostly nothing.
pub fn heard(fact: &Fact) -> Option<Heard> {
    let work = |what, work| Heard::of(what, Subject::Work(work));
    Some(match fact {
        Fact::Call(id, CallFact::Started { direction, .. }) if direction.is_inbound() => work(Happening::Opened, Work::Call(*id)),
        Fact::Call(id, CallFact::Ended { .. }) => work(Happening::CallEnded, Work::Call(*id)),
        Fact::Conversation(id, fact) => {
            let work = |what| work(what, Work::Conversation(*id));
            match fact {
                ConversationFact::Opened { .. } => work(Happening::Opened),
                ConversationFact::Received { body, .. } if !automatic(body) => work(Happening::Message).saying(&said(body)),
                ConversationFact::Queued { by: Some(_), .. } | ConversationFact::Elsewhere { .. } => work(Happening::Answered),
                ConversationFact::Resolved { disposition, .. } => Heard { disposition: disposition.clone(), ..work(Happening::Resolved) },
                _ => return None,
            }
        }
        Fact::Routing(id, fact) => match fact {
            RoutingFact::Queued { .. } => work(Happening::Queued, *id),
            RoutingFact::Assigned { .. } => work(Happening::Assigned, *id),
            RoutingFact::WrapUpDone { disposition, .. } => Heard { disposition: disposition.clone(), ..work(Happening::WrappedUp, *id) },
            _ => return None,
        },
        // Of a contact that is remembered; other scales have other numbers.
        Fact::Survey(_, SurveyFact::Answered { work: Some(id), scale: Scale::Csat, score, comment, .. }) => {
            Heard { score: Some(*score), ..work(Happening::Rating, *id).saying(comment) }
        }
        // Who was listed by a rule has not been missed.
        Fact::Callback(id, CallbackFact::Listed { why, .. }) if *why != MissedWhy::Rule => work(Happening::Missed, Work::Callback(*id)),
        Fact::Ticket(id, fact) => {
            let ticket = |what| Heard::of(what, Subject::Ticket(*id));
            match fact {
                TicketFact::Opened { subject, .. } => ticket(Happening::TicketOpened).saying(subject),
                TicketFact::Changed { change: crate::desk::input::TicketChange::State(_), .. } => ticket(Happening::TicketState),
                TicketFact::Clock { now: ClockNow::Late, .. } => ticket(Happening::TicketLate),
                _ => return None,
            }
        }
        Fact::Person(_, PersonFact::Told { told, name, values, .. }) => {
            Heard { values: values.clone(), ..Heard::of(Happening::Fact(name.clone()), Subject::Told(*told)) }
        }
        Fact::Rule(_, RuleFact::Did { subject, did: Did::Tagged { tag, .. }, .. })
        | Fact::Person(_, PersonFact::Tagged { tag, subject, .. }) => Heard::tagged(*subject, tag),
        _ => return None,
    })
}

/// A machine says nothing that a rule should heed.
fn automatic(body: &Body) -> bool {
    matches!(&body.extra, Some(Extra::Mail(mail)) if mail.automatic)
}

fn said(body: &Body) -> String {
    match &body.extra {
        Some(Extra::Mail(mail)) if !mail.subject.is_empty() => format!("{}\n{}", mail.subject, body.text),
        _ => body.text.clone(),
    }
}
