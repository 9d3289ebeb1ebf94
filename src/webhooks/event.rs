//! What programs are told of a fact: names and fields that do not change with our own (docs/webhooks.md).

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Body, Delivery, TicketChange};
use crate::desk::person::Identity;
use crate::desk::rules::Subject;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// All kinds, in the order of the documentation.
pub const KINDS: [&str; 44] = [
    "agent.status",
    "call.answered",
    "call.ended",
    "call.recorded",
    "call.started",
    "callback.booked",
    "callback.closed",
    "callback.listed",
    "callback.not_reached",
    "channel.down",
    "channel.up",
    "contact.assigned",
    "contact.queued",
    "contact.transferred",
    "contact.wrapped_up",
    "conversation.abandoned",
    "conversation.opened",
    "conversation.resolved",
    "form.answered",
    "message.changed",
    "message.delivery",
    "message.received",
    "message.sent",
    "person.added",
    "person.consent",
    "person.identity_added",
    "person.identity_removed",
    "person.merged",
    "person.opted_out",
    "person.tagged",
    "person.unmerged",
    "person.untagged",
    "rule.did",
    "rule.refused",
    "rule.webhook",
    "survey.answered",
    "ticket.approval",
    "ticket.changed",
    "ticket.linked",
    "ticket.merged",
    "ticket.not_solved",
    "ticket.opened",
    "ticket.promise",
    "ticket.split",
];

/// What is told of nothing that happened.
pub const TRIAL: &str = "trial";

/// One event as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// One of [`KINDS`].
    pub kind: &'static str,
    pub data: Value,
    /// Only the address of this name is told, whatever it asks for.
    pub only: Option<String>,
}

/// What is told of a fact; `None`: nothing, it matters inside the house alone.
pub fn told(fact: &Fact) -> Option<Told> {
    let (kind, data) = match fact {
        Fact::Person(person, fact) => of_person(*person, fact)?,
        Fact::Call(call, fact) => of_call(*call, fact)?,
        Fact::Callback(callback, fact) => of_callback(*callback, fact)?,
        Fact::Form(form, FormFact::Answered { .. }) => ("form.answered", json!({ "form": form })),
        Fact::Conversation(conversation, fact) => of_conversation(*conversation, fact)?,
        Fact::Routing(work, fact) => of_routing(*work, fact)?,
        Fact::Agent(agent, AgentFact::Status { status, reason, why }) => {
            ("agent.status", json!({ "agent": agent, "status": status, "reason": reason, "why": why }))
        }
        Fact::Ticket(ticket, fact) => of_ticket(*ticket, fact)?,
        Fact::Channel(channel, ChannelFact::Down { .. }) => ("channel.down", json!({ "channel": channel })),
        Fact::Channel(channel, ChannelFact::Up { .. }) => ("channel.up", json!({ "channel": channel })),
        Fact::Rule(rule, fact) => of_rule(rule, fact),
        Fact::Survey(id, SurveyFact::Answered { survey, scale, person, work, agent, score, comment, low }) => {
            let data = json!({ "id": id, "survey": survey, "scale": scale, "person": person, "about": work.map(subject_of),
                "agent": agent, "score": score, "comment": comment, "low": low });
            ("survey.answered", data)
        }
        Fact::Survey(..)
        | Fact::Form(..)
        | Fact::Channel(_, ChannelFact::Announced)
        | Fact::Proactive(..)
        | Fact::Flow(..)
        | Fact::Agent(..)
        | Fact::Trunk(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..) => return None,
    };
    let only = match fact {
        Fact::Rule(_, RuleFact::Did { did: Did::Webhook { to, .. }, .. }) => Some(to.clone()),
        _ => None,
    };
    Some(Told { kind, data, only })
}

type Event = (&'static str, Value);

fn of_person(person: PersonId, fact: &PersonFact) -> Option<Event> {
    Some(match fact {
        PersonFact::Added { name, identity } => ("person.added", json!({ "person": person, "name": name, "identity": known_by(identity) })),
        PersonFact::IdentityAdded { identity, .. } => {
            ("person.identity_added", json!({ "person": person, "identity": known_by(identity) }))
        }
        PersonFact::IdentityRemoved { identity, by } => {
            ("person.identity_removed", json!({ "person": person, "identity": known_by(identity), "agent": by }))
        }
        PersonFact::OptedOut { identity, out } => {
            ("person.opted_out", json!({ "person": person, "identity": known_by(identity), "opted_out": out }))
        }
        PersonFact::Merged { from, by, .. } => ("person.merged", json!({ "person": person, "from": from, "agent": by })),
        PersonFact::Unmerged { from, by, .. } => ("person.unmerged", json!({ "person": person, "from": from, "agent": by })),
        PersonFact::Tagged { tag, by, .. } => ("person.tagged", json!({ "person": person, "tag": tag, "agent": by })),
        PersonFact::Untagged { tag, by } => ("person.untagged", json!({ "person": person, "tag": tag, "agent": by })),
        PersonFact::Consent { consent, by } => ("person.consent", json!({ "person": person, "consent": consent, "agent": by })),
        _ => return None,
    })
}

fn of_call(call: CallId, fact: &CallFact) -> Option<Event> {
    Some(match fact {
        CallFact::Started { person, trunk, from, dialled, direction, queue, chat } => {
            let data = json!({ "call": call, "person": person, "trunk": trunk, "from": from, "dialled": dialled,
                "direction": direction, "queue": queue, "conversation": chat });
            ("call.started", data)
        }
        CallFact::Answered => ("call.answered", json!({ "call": call })),
        CallFact::RecordingDone { millis, bytes, .. } => ("call.recorded", json!({ "call": call, "milliseconds": millis, "bytes": bytes })),
        CallFact::Ended { by, cause } => ("call.ended", json!({ "call": call, "by": named(by), "cause": named(cause) })),
        _ => return None,
    })
}

fn of_callback(callback: CallbackId, fact: &CallbackFact) -> Option<Event> {
    Some(match fact {
        CallbackFact::Listed { person, number, queue, why, call, since } => {
            let data = json!({ "callback": callback, "person": person, "number": number, "queue": queue, "why": why,
                "call": call, "since": moment(*since) });
            ("callback.listed", data)
        }
        CallbackFact::Booked { by, at } => ("callback.booked", json!({ "callback": callback, "by": named(by), "at": moment(*at) })),
        CallbackFact::NotReached { call, why, tried, next } => {
            let next = next.map(moment);
            ("callback.not_reached", json!({ "callback": callback, "call": call, "why": why, "tried": tried, "next": next }))
        }
        CallbackFact::Closed { how, by, outcome } => {
            ("callback.closed", json!({ "callback": callback, "how": how, "agent": by, "outcome": outcome }))
        }
        _ => return None,
    })
}

fn of_conversation(conversation: ConversationId, fact: &ConversationFact) -> Option<Event> {
    Some(match fact {
        ConversationFact::Opened { person, channel, identity, page } => {
            let data = json!({ "conversation": conversation, "person": person, "channel": channel,
                "identity": known_by(identity), "page": page });
            ("conversation.opened", data)
        }
        ConversationFact::Received { message, person, channel, body, sent, .. } => {
            let data = json!({ "conversation": conversation, "message": message, "person": person, "channel": channel,
                "sent_at": moment(*sent) });
            ("message.received", with_body(data, body))
        }
        ConversationFact::Queued { message, person, by, body, .. } => {
            let data = json!({ "conversation": conversation, "message": message, "person": person, "agent": by });
            ("message.sent", with_body(data, body))
        }
        ConversationFact::Changed { message, person, .. } | ConversationFact::FileCame { message, person, .. } => {
            ("message.changed", json!({ "conversation": conversation, "message": message, "person": person }))
        }
        // What failed, or nobody knows of, has changed nothing that a program could have read.
        ConversationFact::Amended { message, person, state, .. } if !matches!(state, Delivery::Unknown | Delivery::Failed { .. }) => {
            ("message.changed", json!({ "conversation": conversation, "message": message, "person": person }))
        }
        ConversationFact::Delivery { message, state } => {
            let reason = if let Delivery::Failed { reason } = state { Some(reason) } else { None };
            let data = json!({ "conversation": conversation, "message": message, "state": named(state), "reason": reason });
            ("message.delivery", data)
        }
        ConversationFact::Abandoned { person, queue, waited_ms } => {
            let data = json!({ "conversation": conversation, "person": person, "queue": queue, "waited_ms": waited_ms });
            ("conversation.abandoned", data)
        }
        ConversationFact::Resolved { by, disposition } => {
            ("conversation.resolved", json!({ "conversation": conversation, "agent": by, "disposition": disposition }))
        }
        _ => return None,
    })
}

fn of_routing(work: Work, fact: &RoutingFact) -> Option<Event> {
    let (kind, data) = match fact {
        RoutingFact::Queued { person, queue, priority, reason, .. } => {
            ("contact.queued", json!({ "person": person, "queue": queue, "priority": priority, "reason": named(reason) }))
        }
        RoutingFact::Assigned { person, agent, waited_ms } => {
            ("contact.assigned", json!({ "person": person, "agent": agent, "waited_ms": waited_ms }))
        }
        RoutingFact::Transferred { by, to, note } => ("contact.transferred", json!({ "agent": by, "to": to, "note": note })),
        RoutingFact::WrapUpDone { agent, disposition, note, .. } => {
            ("contact.wrapped_up", json!({ "agent": agent, "disposition": disposition, "note": note }))
        }
        _ => return None,
    };
    let (subject, id) = match work {
        Work::Call(id) => ("call", id.0),
        Work::Conversation(id) => ("conversation", id.0),
        Work::Callback(id) => ("callback", id.0),
    };
    Some((kind, with(data, subject, json!(id))))
}

fn of_ticket(ticket: TicketId, fact: &TicketFact) -> Option<Event> {
    Some(match fact {
        TicketFact::Opened { person, subject, work, queue, priority, by, .. } => {
            let data = json!({ "ticket": ticket, "person": person, "subject": subject, "queue": queue, "priority": priority,
                "agent": by, "from": work.map(subject_of) });
            ("ticket.opened", data)
        }
        TicketFact::Linked { work } => ("ticket.linked", json!({ "ticket": ticket, "to": subject_of(*work) })),
        TicketFact::Changed { by, change } => {
            let (field, value) = changed(change);
            ("ticket.changed", json!({ "ticket": ticket, "agent": by, "field": field, "value": value }))
        }
        TicketFact::Clock { clock, now: now @ (ClockNow::AtRisk | ClockNow::Late) } => {
            ("ticket.promise", json!({ "ticket": ticket, "promise": clock, "state": now }))
        }
        TicketFact::Clock { .. } => return None,
        TicketFact::Approval(fact) => match fact {
            ApprovalFact::Asked => ("ticket.approval", json!({ "ticket": ticket, "state": "asked", "agent": null, "reason": null })),
            ApprovalFact::Granted { by } => {
                ("ticket.approval", json!({ "ticket": ticket, "state": "granted", "agent": by, "reason": null }))
            }
            ApprovalFact::Denied { by, reason } => {
                ("ticket.approval", json!({ "ticket": ticket, "state": "denied", "agent": by, "reason": reason }))
            }
        },
        TicketFact::Merged { into, by } => ("ticket.merged", json!({ "ticket": ticket, "into": into, "agent": by })),
        TicketFact::Split { to, by, .. } => ("ticket.split", json!({ "ticket": ticket, "to": to, "agent": by })),
        TicketFact::NotSolved { text } => ("ticket.not_solved", json!({ "ticket": ticket, "text": text })),
        // Colleagues' bells are nothing to programs; what they ring for is told above.
        TicketFact::Notified { .. } => return None,
    })
}

fn of_rule(rule: &RuleId, fact: &RuleFact) -> Event {
    let about = |subject: &Subject| match subject {
        Subject::Work(work) => subject_of(*work),
        Subject::Ticket(ticket) => json!({ "ticket": ticket }),
        Subject::Told(told) => json!({ "told": told }),
    };
    match fact {
        RuleFact::Did { subject, person, did: Did::Webhook { text, .. } } => {
            ("rule.webhook", json!({ "rule": rule, "person": person, "about": about(subject), "text": text }))
        }
        RuleFact::Did { subject, person, did } => {
            let fields = serde_json::to_value(did).ok().and_then(|did| did.as_object().and_then(|did| did.values().next().cloned()));
            let data = json!({ "rule": rule, "person": person, "about": about(subject), "did": named(did), "with": fields });
            ("rule.did", data)
        }
        RuleFact::Refused { subject, person, what, .. } => {
            ("rule.refused", json!({ "rule": rule, "person": person, "about": about(subject), "action": what }))
        }
    }
}

fn changed(change: &TicketChange) -> (String, Value) {
    match serde_json::to_value(change) {
        Ok(Value::Object(fields)) => fields.into_iter().next().unwrap_or_default(),
        Ok(Value::String(field)) => (field, Value::Null),
        _ => (String::new(), Value::Null),
    }
}

fn subject_of(work: Work) -> Value {
    match work {
        Work::Call(id) => json!({ "call": id }),
        Work::Conversation(id) => json!({ "conversation": id }),
        Work::Callback(id) => json!({ "callback": id }),
    }
}

fn known_by(identity: &Identity) -> Value {
    json!({ "kind": identity.kind, "namespace": identity.namespace, "value": identity.value })
}

fn with_body(data: Value, body: &Body) -> Value {
    let files: Vec<Value> =
        body.files.iter().map(|file| json!({ "file": file.id, "name": file.name, "type": file.mime, "bytes": file.bytes })).collect();
    with(with(data, "text", json!(body.text)), "files", json!(files))
}

fn with(data: Value, field: &str, value: Value) -> Value {
    let mut fields = match data {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert(field.to_owned(), value);
    Value::Object(fields)
}

/// A variant's name, without what it holds.
fn named<T: Serialize>(value: &T) -> Value {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields.into_iter().next().map(|(name, _)| Value::String(name)).unwrap_or_default(),
        Ok(value) => value,
        Err(_) => Value::Null,
    }
}

/// RFC 3339, always with milliseconds: what is earlier also comes first as text.
pub fn moment(at: At) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| format!("{at:.3}")).unwrap_or_default()
}
