//! What customers are shown of the agent: that somebody writes, that theirs was read. Of no consequence: what is too much, too late or fails
//! is left out, and no message ever waits for it.

use super::{Open, Post};
use crate::channels::platform::Signal;
use crate::desk::fact::{ConversationFact, Fact};
use crate::desk::id::{At, ChannelId, ConversationId};
use crate::desk::person::Identity;
use crate::store::conversations;
use crate::switchboard::Typist;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

/// Platforms show a signal for five seconds and longer; an agent's page says every 2.5 s that they go on.
const EVERY_MS: i64 = 4_000;
/// Signals of one channel that are under way at a time.
const UNDER_WAY: usize = 4;
const LONGEST: Duration = Duration::from_secs(5);
/// Conversations whose last signal is remembered before old ones are forgotten.
const REMEMBERED: usize = 4_096;

/// What was shown last, and how much is under way.
#[derive(Default)]
struct Shown {
    /// When somebody was last shown typing.
    last: HashMap<ConversationId, At>,
    room: HashMap<ChannelId, Arc<Semaphore>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Typing,
    Read,
}

/// Follows who types and who has read until the house stops.
pub(super) async fn run(post: Post) {
    let (mut typing, mut recorded) = (post.shared.switchboard.typing(), post.shared.switchboard.recorded());
    let mut shown = Shown::default();
    loop {
        tokio::select! {
            typed = typing.recv() => match typed {
                Ok(typed) if typed.on && matches!(typed.from, Typist::Agent(_)) => show(&post, &mut shown, typed.conversation, Kind::Typing).await,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            step = recorded.recv() => match step {
                Ok(step) => {
                    for fact in &step.facts {
                        if let Fact::Conversation(id, ConversationFact::ReadByAgent { .. }) = fact {
                            show(&post, &mut shown, *id, Kind::Read).await;
                        }
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

async fn show(post: &Post, shown: &mut Shown, conversation: ConversationId, kind: Kind) {
    let now = post.shared.clock.now();
    if !shown.may(conversation, kind, now) {
        return;
    }
    let found = conversations::address(&post.shared.store, conversation).await;
    let Ok(Some((channel, to))) = found else { return };
    let Some(open) = post.account(&channel) else { return };
    let tells = open.account.platform.traits().tells;
    let wanted = match kind {
        Kind::Typing => tells.shows_typing,
        Kind::Read => tells.shows_read,
    };
    let healthy = open.running.health.lock().unwrap_or_else(std::sync::PoisonError::into_inner).failing().is_none();
    if !wanted || !healthy {
        return;
    }
    let room = shown.room.entry(channel).or_insert_with(|| Arc::new(Semaphore::new(UNDER_WAY))).clone();
    if let Ok(place) = room.try_acquire_owned() {
        tokio::spawn(async move {
            hand(open, to, kind).await;
            drop(place);
        });
    }
}

async fn hand(open: Arc<Open>, to: Identity, kind: Kind) {
    let signal = match kind {
        Kind::Typing => Signal::Typing,
        Kind::Read => Signal::Read,
    };
    if tokio::time::timeout(LONGEST, open.account.platform.signal(&to, signal)).await.is_err() {
        tracing::debug!(channel = %open.account.id, "a signal took too long");
    }
}

impl Shown {
    /// Typing now and then. What is read is told each time that it is: pages tell it seldom, and a mark that is left out stays out.
    fn may(&mut self, conversation: ConversationId, kind: Kind, now: At) -> bool {
        if kind == Kind::Read {
            return true;
        }
        if self.last.get(&conversation).is_some_and(|last| now.since(*last) < EVERY_MS) {
            return false;
        }
        if self.last.len() >= REMEMBERED {
            self.last.retain(|_, last| now.since(*last) < EVERY_MS);
        }
        if self.last.len() < REMEMBERED {
            self.last.insert(conversation, now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_is_shown_now_and_then() {
        let mut shown = Shown::default();
        let (one, other) = (ConversationId(1), ConversationId(2));
        assert!(shown.may(one, Kind::Typing, At(0)));
        assert!(!shown.may(one, Kind::Typing, At(EVERY_MS - 1)));
        assert!(shown.may(other, Kind::Typing, At(1)), "each has their own");
        assert!(shown.may(one, Kind::Typing, At(EVERY_MS)));
        assert!(shown.may(one, Kind::Read, At(EVERY_MS)) && shown.may(one, Kind::Read, At(EVERY_MS)));
        for id in 0..2 * REMEMBERED as u64 {
            shown.may(ConversationId(id), Kind::Typing, At(0));
        }
        assert!(shown.last.len() <= REMEMBERED, "what is remembered is bounded");
    }
}
