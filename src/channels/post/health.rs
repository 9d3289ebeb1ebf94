//! Whether a channel works, as its last requests in each direction tell.

use super::{Post, Running};
use crate::channels::platform::Trouble;
use crate::desk::id::{At, ChannelId};
use std::sync::PoisonError;

/// How one channel stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub hearing: Standing,
    pub sending: Standing,
}

/// One direction of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it last worked.
    pub worked_at: Option<At>,
    /// Since when it has not, and the platform's own words.
    pub failing: Option<(At, String)>,
}

impl Health {
    /// The first direction that does not work.
    pub fn failing(&self) -> Option<&(At, String)> {
        self.hearing.failing.as_ref().or(self.sending.failing.as_ref())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Notes how a request went. Troubles that concern one customer alone say nothing of the channel.
pub(super) fn heard(post: &Post, id: &ChannelId, running: &Running, direction: Direction, result: Result<(), &Trouble>) {
    let now = post.shared.clock.now();
    let mut health = running.health.lock().unwrap_or_else(PoisonError::into_inner);
    let standing = match direction {
        Direction::In => &mut health.hearing,
        Direction::Out => &mut health.sending,
    };
    match result {
        Ok(()) | Err(Trouble::WindowClosed | Trouble::Blocked(_) | Trouble::Refused(_)) => {
            standing.worked_at = Some(now);
            if standing.failing.take().is_some() {
                tracing::info!(channel = %id, ?direction, "the channel works again");
            }
        }
        Err(trouble) => {
            if standing.failing.is_none() {
                tracing::error!(channel = %id, ?direction, %trouble, "the channel does not work");
            }
            let since = standing.failing.take().map_or(now, |(since, _)| since);
            standing.failing = Some((since, trouble.to_string()));
        }
    }
}
