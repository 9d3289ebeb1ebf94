//! `open_text`: who wrote while the queue was closed is told some time after it has opened, once, if nobody has answered by then. Until then
//! nobody counts as missed because they have left: what they wrote is waited for by the house, not by them.

use super::Desk;
use super::conversation::Conversation;
use super::fact::ConversationFact;
use super::id::*;
use super::input::Body;
use super::push::sendable;
use super::refusal::Refusal;
use super::work::Stage;
use serde::{Deserialize, Serialize};

/// How it stands with somebody who wrote while the queue was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Opening {
    /// They wrote this then, and nobody has answered.
    Owed { since: At, message: MessageId },
    /// They were told, or could not be, and nobody has answered.
    Told,
}

impl Desk {
    /// Somebody has written. Who is talking with an agent needs no word of the house's.
    pub(super) fn owe_opening(&mut self, id: ConversationId, message: MessageId) {
        let Some(conversation) = self.conversations.get(&id).filter(|c| c.opening.is_none()) else { return };
        let tells = self.catalog.channels.get(&conversation.channel).is_some_and(|channel| channel.open_text.is_some());
        let closed = queue_of(conversation).is_some_and(|queue| !self.is_open(queue));
        if !tells || !closed || self.talking_to(id).is_some() {
            return;
        }
        let since = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.opening = Some(Opening::Owed { since, message });
        }
        self.touch(Work::Conversation(id));
    }

    /// When they are told; computed, so that other hours count at once.
    pub(super) fn opening_at(&self, conversation: &Conversation) -> Option<At> {
        let Some(Opening::Owed { since, .. }) = conversation.opening else { return None };
        let channel = self.catalog.channels.get(&conversation.channel).filter(|channel| channel.open_text.is_some())?;
        let hours = self.queue_spec(queue_of(conversation)?)?.hours.as_ref();
        let opens = hours.map_or(Some(since), |hours| hours.next_open(since))?;
        Some(opens.after(channel.open_after_ms))
    }

    /// Tells them, if its time has come. What cannot be sent is said to whoever looks after them.
    pub(super) fn opening_due(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let Some(Opening::Owed { message, .. }) = conversation.opening else { return };
        if self.opening_at(conversation).is_none_or(|at| at > self.now) {
            return;
        }
        let Some(channel) = self.catalog.channels.get(&conversation.channel) else { return };
        let body = Body::text(channel.open_text.clone().unwrap_or_default());
        let may = match conversation.window(channel.traits.window, self.now).is_open() {
            true => sendable(channel, &conversation.job, &body),
            false => Err(Refusal::WindowClosed),
        };
        let person = conversation.job.person;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.opening = Some(Opening::Told);
        }
        self.touch(Work::Conversation(id));
        match may {
            Ok(()) => _ = self.send(id, None, body, format!("open-{message}")),
            Err(why) => self.conversation_fact(id, ConversationFact::OpeningUnsent { person, why }),
        }
    }
}

/// Whose hours count for them: those of the queue in which they wait, or out of which they are served.
fn queue_of(conversation: &Conversation) -> Option<&QueueId> {
    match &conversation.job.stage {
        Stage::Apart => None,
        Stage::Waiting(waiting) => Some(&waiting.queue),
        Stage::Serving(serving) => Some(&serving.queue),
    }
}
