//! Whether a channel works, as its last requests in each direction tell.

use super::{Post, Running};
use crate::channels::platform::Trouble;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Input;
use std::sync::PoisonError;

/// Requests that may fail in a row before somebody is told; one is enough where the platform says that it will go on so.
const PATIENCE: u32 = 3;

/// How one channel stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub hearing: Standing,
    pub sending: Standing,
    /// What the desk was told last; at the start it may remember something from before.
    told: Option<Option<String>>,
}

/// One direction of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it last worked.
    pub worked_at: Option<At>,
    /// Since when it has not, and the platform's own words.
    pub failing: Option<(At, String)>,
    /// The newest trouble, also when it is over.
    pub last: Option<(At, String)>,
    /// Requests in a row that did not work.
    pub failures: u32,
}

impl Health {
    /// The first direction that does not work for long enough to say so.
    pub fn failing(&self) -> Option<&(At, String)> {
        let failing = |standing: &'_ Standing| standing.failures >= PATIENCE;
        [&self.hearing, &self.sending].into_iter().find(|standing| failing(standing)).and_then(|standing| standing.failing.as_ref())
    }

    /// After a start the desk may remember that the channel does not work: the first failures neither deny nor confirm it.
    fn is_undecided(&self) -> bool {
        let fails = [&self.hearing, &self.sending].iter().any(|standing| standing.failures > 0);
        self.told.is_none() && fails && self.failing().is_none()
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
            standing.failures = 0;
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
            standing.last = Some((now, trouble.to_string()));
            let lasting = matches!(trouble, Trouble::Down(_) | Trouble::Quota(_));
            standing.failures = if lasting { PATIENCE } else { standing.failures.saturating_add(1) };
        }
    }
    let now = health.failing().map(|(_, why)| why.clone());
    if !health.is_undecided() && health.told.as_ref() != Some(&now) {
        // A desk too busy to hear it hears it with the next request.
        if post.shared.switchboard.tell(Input::Channel(id.clone(), now.clone())).is_ok() {
            health.told = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32, told: Option<Option<String>>) -> Health {
        let failing = (failures > 0).then(|| (At(1), "no answer".to_owned()));
        Health { hearing: Standing { failing, failures, ..Standing::default() }, told, ..Health::default() }
    }

    #[test]
    fn the_first_failures_after_a_start_deny_nothing() {
        assert!(!after(0, None).is_undecided(), "it works");
        assert!(after(1, None).is_undecided() && after(PATIENCE - 1, None).is_undecided());
        assert!(!after(PATIENCE, None).is_undecided(), "it does not");
        assert!(!after(1, Some(None)).is_undecided(), "the desk knows that it worked a moment ago");
    }
}
