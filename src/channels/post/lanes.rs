//! Messages that wait for their turn: one customer's behind one another, different customers' beside each other, however long one of them
//! has to wait. The platform is asked a few things at once only.

use crate::desk::act::Outbound;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Requests to the platform at once.
const AT_ONCE: usize = 16;
/// Messages of one channel that wait here; more wait with the desk.
const WAITING: usize = 2_048;
/// While nothing goes out.
const BETWEEN_TRIALS: Duration = Duration::from_secs(1);

/// Whose messages: the value of their identity.
pub(super) type Lane = String;

pub(super) struct Lanes {
    /// A lane without messages is being emptied: its last one is under way.
    waiting: Mutex<BTreeMap<Lane, VecDeque<(Outbound, OwnedSemaphorePermit)>>>,
    room: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    trial: Arc<tokio::sync::Mutex<()>>,
}

/// Who asks the platform: with others, or alone while nothing goes out.
pub(super) struct Turn {
    _place: Option<OwnedSemaphorePermit>,
    alone: Option<OwnedMutexGuard<()>>,
}

impl Turn {
    /// It was in vain: nobody else asks for a moment.
    pub(super) async fn over(self) {
        if self.alone.is_some() {
            tokio::time::sleep(BETWEEN_TRIALS).await;
        }
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Lanes {
            waiting: Mutex::default(),
            room: Arc::new(Semaphore::new(WAITING)),
            requests: Arc::new(Semaphore::new(AT_ONCE)),
            trial: Arc::default(),
        }
    }
}

impl Lanes {
    /// Puts it behind what waits for the same customer; gives their lane if nobody is emptying it yet. Waits for room.
    pub(super) async fn enter(&self, outbound: Outbound) -> Option<Lane> {
        let room = self.room.clone().acquire_owned().await.ok()?;
        let lane = outbound.to.value.clone();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = !waiting.contains_key(&lane);
        waiting.entry(lane.clone()).or_default().push_back((outbound, room));
        begins.then_some(lane)
    }

    /// The next one; with the last the lane is gone.
    pub(super) fn next(&self, lane: &Lane) -> Option<Outbound> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let next = waiting.get_mut(lane).and_then(VecDeque::pop_front);
        if next.is_none() {
            waiting.remove(lane);
        }
        next.map(|(outbound, _)| outbound)
    }

    /// For one request to the platform. While nothing goes out, one message tries for all of them.
    pub(super) async fn turn(&self, sends_nothing: impl Fn() -> bool) -> Turn {
        let alone = if sends_nothing() { Some(self.trial.clone().lock_owned().await) } else { None };
        // It may work again since then.
        let alone = alone.filter(|_| sends_nothing());
        Turn { _place: self.requests.clone().acquire_owned().await.ok(), alone }
    }
}
