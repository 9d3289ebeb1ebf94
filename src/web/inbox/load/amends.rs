//! What agents have made of messages of theirs, and what the reader may still make of one.

use crate::desk::callback::link::covered;
use crate::desk::id::Work;
use crate::desk::input::{Body, Change, Delivery};
use crate::store::amendments::Amendment;
use crate::store::messages::{Changed, MessageKind, MessageRow};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::inbox::view::{AmendLine, May};

/// Offered where it would be done now; the desk looks again.
pub(super) fn may(reader: &Reader, message: &MessageRow) -> Option<May> {
    let (conversation, channel) = (message.conversation?, message.channel.as_ref()?);
    let mine = message.kind == MessageKind::Out && message.agent.as_ref() == Some(reader.me());
    let serves = reader.floor.serving.iter().any(|row| row.work == Work::Conversation(conversation) && row.agent == *reader.me());
    let reached = matches!(message.delivery, Some(Delivery::Queued | Delivery::Sent | Delivery::Delivered | Delivery::Read));
    if !mine || !serves || !reached || message.changed == Some(Changed::Recalled) {
        return None;
    }
    let spec = reader.catalog().channels.get(channel)?;
    let age = reader.page.now.since(message.at);
    // What is covered for the reader must not come back as what they wrote.
    let plain = !message.text.is_empty() && message.extra.is_none() && covered(&message.text) == message.text;
    let (edit, recall) = (plain && spec.traits.edit.allows(age), spec.traits.recall.allows(age));
    (edit || recall).then_some(May { conversation, edit, recall })
}

pub(super) fn amend_lines(say: &Say, amendments: Vec<Amendment>) -> Vec<AmendLine> {
    amendments.into_iter().map(|amendment| amend_line(say, amendment)).collect()
}

fn amend_line(say: &Say, Amendment { by, change, at, state, was, .. }: Amendment) -> AmendLine {
    let what = match change {
        Change::Edited(_) => "edit",
        Change::Recalled => "recall",
    };
    let (by, time) = (say.agent(&by), say.clock(at));
    let (how, reason, bad) = match state {
        Delivery::Queued => ("queued", String::new(), false),
        Delivery::Sent | Delivery::Delivered | Delivery::Read => ("done", String::new(), false),
        Delivery::Unknown => ("unknown", String::new(), true),
        Delivery::Failed { reason } => ("failed", reason, true),
    };
    let key = format!("desk.amend.{what}.{how}");
    let text = say.with(&key, &[("by", by.as_str()), ("time", time.as_str()), ("reason", reason.as_str())]);
    let was = was.map(|was| Body { text: covered(&was.text), ..was });
    AmendLine { text, bad, was }
}
