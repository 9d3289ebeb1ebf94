//! An exchange of messages on one channel, from the first message until it is resolved, and a while longer: delivery reports and late
//! duplicates arrive after the end, and a customer who writes again within a day meets the same agent.

use super::card::Asked;
use super::id::*;
use super::input::{Change, Delivery};
use super::ivr::Run;
use super::opening::Opening;
use super::traits::Window;
use super::window::{Measure, Standing};
use super::work::{Job, Stage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// External ids and reply keys remembered per conversation. The store's unique index is the lasting guard; this one covers what is
/// heard again before the first has been committed.
const RECENT: usize = 16;

/// Outgoing messages followed per conversation.
const FOLLOWED: usize = 64;

/// A resolved conversation is remembered this long, ms.
pub(super) const REOPEN_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Conversation {
    pub id: ConversationId,
    pub job: Job,
    pub channel: ChannelId,
    /// Beginning of the first message: the subject of a ticket.
    pub subject: String,
    /// Recent external ids with what they became.
    pub heard: Vec<(String, MessageId)>,
    /// Recent reply keys with what they became.
    pub replies: Vec<(String, MessageId)>,
    /// Outgoing messages that may still get further.
    pub out: BTreeMap<MessageId, Delivery>,
    /// What agents want of messages that were sent, and the channel has not done yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amending: Vec<Amending>,
    /// The last message of either side: nobody has read further.
    #[serde(default)]
    pub newest: Option<MessageId>,
    pub read_by_agent: Option<MessageId>,
    pub read_by_customer: Option<MessageId>,
    /// Since when the customer has had no window open.
    #[serde(default)]
    pub left_at: Option<At>,
    pub resolved: Option<At>,
    /// When the customer last wrote, and how often they have been answered since: what the platform's window is measured by; and what it
    /// is, where they have done less than write.
    #[serde(default)]
    pub heard_at: Option<At>,
    #[serde(default)]
    pub answers: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrow: Option<Window>,
    /// The house wrote first, then; nobody has answered while the stage is `Apart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<At>,
    /// Questions of ours with choices, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    /// Written while the queue was closed, and nobody has answered since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// Put aside by an agent; the stage is `Apart` meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<Snooze>,
    /// The way through a flow.
    #[serde(default)]
    pub run: Option<Run>,
}

/// Who put a conversation aside, out of which queue, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Snooze {
    pub by: AgentId,
    pub queue: QueueId,
    pub until: At,
}

/// An amendment on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amending {
    pub amendment: MessageId,
    pub message: MessageId,
    pub change: Change,
}

impl Conversation {
    /// In a flow, before anybody serves it.
    pub fn in_flow(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.node.is_some())
    }
}

/// Characters of the first message that name a ticket.
const SUBJECT: usize = 60;

impl Conversation {
    /// A conversation of which nothing is known yet but its beginning; `begun` when the house writes first.
    pub fn new(id: ConversationId, job: Job, channel: ChannelId, text: &str, begun: Option<At>) -> Conversation {
        Conversation {
            id,
            job,
            channel,
            subject: text.trim().chars().take(SUBJECT).collect(),
            heard: Vec::new(),
            replies: Vec::new(),
            out: Default::default(),
            amending: Vec::new(),
            newest: None,
            read_by_agent: None,
            read_by_customer: None,
            left_at: None,
            resolved: None,
            heard_at: None,
            answers: 0,
            narrow: None,
            begun,
            asked: Vec::new(),
            opening: None,
            snoozed: None,
            run: None,
        }
    }

    /// How the platform's window stands.
    pub fn window(&self, window: Option<Window>, now: At) -> Standing {
        self.measure().standing(window, now)
    }

    pub fn measure(&self) -> Measure {
        Measure { at: self.heard_at, answers: self.answers, narrow: self.narrow }
    }

    pub fn measured(&mut self, Measure { at, answers, narrow }: Measure) {
        (self.heard_at, self.answers, self.narrow) = (at, answers, narrow);
    }

    /// When it is forgotten, unless something comes.
    pub fn forget_at(&self) -> Option<At> {
        let quiet = self.begun.filter(|_| self.job.stage == Stage::Apart && self.snoozed.is_none());
        self.resolved.or(quiet).map(|at| at.after(REOPEN_MS))
    }

    pub fn heard_as(&self, external_id: &str) -> Option<MessageId> {
        self.heard.iter().find(|(id, _)| id == external_id).map(|(_, message)| *message)
    }

    pub fn replied_as(&self, key: &str) -> Option<MessageId> {
        self.replies.iter().find(|(k, _)| k == key).map(|(_, message)| *message)
    }

    pub fn remember_heard(&mut self, external_id: String, message: MessageId) {
        push_recent(&mut self.heard, (external_id, message));
    }

    pub fn remember_reply(&mut self, key: String, message: MessageId) {
        push_recent(&mut self.replies, (key, message));
    }

    /// Follows one more outgoing message; gives back one that is no longer followed.
    pub fn follow(&mut self, message: MessageId) -> Option<MessageId> {
        self.out.insert(message, Delivery::Queued);
        if self.out.len() > FOLLOWED { self.out.pop_first().map(|(id, _)| id) } else { None }
    }
}

fn push_recent<T>(recent: &mut Vec<T>, item: T) {
    if recent.len() >= RECENT {
        recent.remove(0);
    }
    recent.push(item);
}

/// Whether a report says more than what is known. Reports overtake each other, so only progress counts; what has reached the
/// customer cannot fail any more.
pub(super) fn is_progress(known: &Delivery, heard: &Delivery) -> bool {
    match (known, heard) {
        (Delivery::Failed { .. }, _) => false,
        (Delivery::Delivered | Delivery::Read, Delivery::Failed { .. }) => false,
        _ => heard > known,
    }
}
