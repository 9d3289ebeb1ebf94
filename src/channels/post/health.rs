//! Whether a channel works, as its last requests in each direction tell, and the heartbeat.

use super::{Post, Running};
use crate::channels::platform::{Found, HookRefused, Probe, Trouble};
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Input;
use http::StatusCode;
use std::sync::PoisonError;

/// Requests that may fail in a row before somebody is told; one is enough where the platform says that it will go on so.
const PATIENCE: u32 = 3;
/// Requests to our address, one after the other, that may be no platform's before administrators see it.
const FORGIVEN: u32 = 5;

/// How one channel stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub hearing: Standing,
    pub sending: Standing,
    /// What the heartbeat finds. A standing of its own: one message that goes out says nothing of a callback that is switched off.
    pub probing: Standing,
    /// What the last trial found that stops nobody, but that somebody should see to.
    pub odd: Vec<Probe>,
    refused: Refused,
    /// Asked since the start.
    is_probed: bool,
    /// What the desk was told last; at the start it may remember something from before.
    told: Option<Option<String>>,
}

/// Requests to our address that were not believed, since the last that was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Refused {
    run: u32,
    last: Option<(At, &'static str)>,
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
    /// The first standing that is bad for long enough to say so.
    pub fn failing(&self) -> Option<&(At, String)> {
        let failing = |standing: &'_ Standing| standing.failures >= PATIENCE;
        self.standings().into_iter().find(|standing| failing(standing)).and_then(|standing| standing.failing.as_ref())
    }

    /// Requests to our address are no platform's, again and again: how many, the last, and why it was not believed. A warning alone, because
    /// anybody can send such.
    pub fn disbelieved(&self) -> Option<(u32, At, &'static str)> {
        let Refused { run, last } = self.refused;
        last.filter(|_| run >= FORGIVEN).map(|(at, why)| (run, at, why))
    }

    fn standings(&self) -> [&Standing; 3] {
        [&self.hearing, &self.sending, &self.probing]
    }

    /// After a start the desk may remember that the channel does not work. The first failures neither deny nor confirm it, and what works does
    /// not deny what only the heartbeat finds.
    fn is_undecided(&self) -> bool {
        let fails = self.standings().iter().any(|standing| standing.failures > 0);
        self.told.is_none() && (fails || !self.is_probed) && self.failing().is_none()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Notes how a request went.
pub(super) fn heard(post: &Post, id: &ChannelId, running: &Running, direction: Direction, result: Result<(), &Trouble>) {
    let mut health = running.health.lock().unwrap_or_else(PoisonError::into_inner);
    let now = post.shared.clock.now();
    match direction {
        Direction::In => health.hearing.note(id, "hearing", now, result),
        Direction::Out => health.sending.note(id, "sending", now, result),
    }
    tell(post, id, &mut health);
}

/// Nothing goes out, whoever it is for.
pub(super) fn sends_nothing(running: &Running) -> bool {
    running.health.lock().unwrap_or_else(PoisonError::into_inner).sending.failures >= PATIENCE
}

/// Notes what a trial found. A trouble of one thing alone, a template, one of several senders, is no trouble of the channel.
pub(super) fn probed(post: &Post, id: &ChannelId, running: &Running, probes: &[Probe]) {
    let mut health = running.health.lock().unwrap_or_else(PoisonError::into_inner);
    let now = post.shared.clock.now();
    let mut troubles: Vec<&Trouble> = probes.iter().filter_map(of_the_channel).collect();
    troubles.sort_by_key(|trouble| !lasts(trouble));
    match troubles.first() {
        Some(trouble) => health.probing.note(id, "probing", now, Err(trouble)),
        None if probes.iter().any(Probe::works) => health.probing.note(id, "probing", now, Ok(())),
        // There is nothing that could be tried, or it tells nothing of the channel as a whole.
        None => {}
    }
    let odd = |probe: &&Probe| !matches!(probe.found, Found::Well(_)) && of_the_channel(probe).is_none();
    health.odd = probes.iter().filter(odd).cloned().collect();
    health.is_probed = true;
    tell(post, id, &mut health);
}

/// Notes whether a request to our address was believed.
pub(super) fn knocked(post: &Post, running: &Running, result: Result<(), &HookRefused>) {
    let mut health = running.health.lock().unwrap_or_else(PoisonError::into_inner);
    match result {
        Ok(()) => health.refused = Refused::default(),
        Err(HookRefused { status: StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, why }) => {
            let run = health.refused.run.saturating_add(1);
            health.refused = Refused { run, last: Some((post.shared.clock.now(), why)) };
        }
        // Too large, another method: whoever tries addresses, and no platform with another secret.
        Err(_) => {}
    }
}

/// What a trial found of the channel as a whole.
pub(super) fn of_the_channel(probe: &Probe) -> Option<&Trouble> {
    match &probe.found {
        Found::Bad(trouble) if !is_of_one(trouble) => Some(trouble),
        Found::Bad(_) | Found::Odd(_) | Found::Well(_) => None,
    }
}

/// It concerns one customer, or one thing, alone.
fn is_of_one(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::WindowClosed | Trouble::Blocked(_) | Trouble::Refused(_) | Trouble::LaterForThem(_))
}

/// The platform says that it will go on so.
fn lasts(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Down(_) | Trouble::Quota(_))
}

impl Standing {
    fn note(&mut self, id: &ChannelId, what: &'static str, now: At, result: Result<(), &Trouble>) {
        let Err(trouble) = result.or_else(|trouble| if is_of_one(trouble) { Ok(()) } else { Err(trouble) }) else {
            self.worked_at = Some(now);
            self.failures = 0;
            if self.failing.take().is_some() {
                tracing::info!(channel = %id, what, "the channel works again");
            }
            return;
        };
        if self.failing.is_none() {
            tracing::error!(channel = %id, what, %trouble, "the channel does not work");
        }
        let since = self.failing.take().map_or(now, |(since, _)| since);
        self.failing = Some((since, trouble.to_string()));
        self.last = Some((now, trouble.to_string()));
        self.failures = if lasts(trouble) { PATIENCE } else { self.failures.saturating_add(1) };
    }
}

fn tell(post: &Post, id: &ChannelId, health: &mut Health) {
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
        Health { hearing: Standing { failing, failures, ..Standing::default() }, is_probed: true, told, ..Health::default() }
    }

    #[test]
    fn the_first_failures_after_a_start_deny_nothing() {
        assert!(!after(0, None).is_undecided(), "it works");
        assert!(after(1, None).is_undecided() && after(PATIENCE - 1, None).is_undecided());
        assert!(!after(PATIENCE, None).is_undecided(), "it does not");
        assert!(!after(1, Some(None)).is_undecided(), "the desk knows that it worked a moment ago");
        let unasked = Health { is_probed: false, ..after(0, None) };
        assert!(unasked.is_undecided(), "what went well does not say that the heartbeat will find nothing");
        assert!(!Health { is_probed: false, ..after(PATIENCE, None) }.is_undecided());
    }
}
