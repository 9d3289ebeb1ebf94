//! The one task that decides. It owns the desk, never awaits anything but its next input or deadline, and survives a panic of the desk.

use super::Heard;
use super::act::{Outlets, Passed};
use super::record::Decided;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::desk::act::Act;
use crate::desk::catalog::Catalog;
use crate::desk::fact::{CallFact, Fact};
use crate::desk::floor::Floor;
use crate::desk::id::{At, CallId, Work};
use crate::desk::input::{CallHeard, CallbackCommand, Command, Input};
use crate::desk::refusal::Refusal;
use crate::desk::step::Step;
use crate::store::Store;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How often the snapshot for pages is made at most.
pub(super) const FLOOR_EVERY: i64 = 100;
/// Two panics of the desk within this time end the process: its supervisor starts it again.
const PANIC_WINDOW: i64 = 60_000;
/// How long a rebuild waits for the recorder to write what was decided before the panic.
const DRAIN: Duration = Duration::from_secs(10);

pub(super) struct Decider {
    pub desk: Desk,
    /// Kept to rebuild the desk after a panic.
    pub catalog: Arc<Catalog>,
    pub clock: Clock,
    pub store: Store,
    pub heard: mpsc::Receiver<Heard>,
    pub steps: mpsc::Sender<Decided>,
    pub backlog: Arc<AtomicUsize>,
    pub outlets: Arc<Outlets>,
    pub floor: watch::Sender<Arc<Floor>>,
    pub decided: broadcast::Sender<Arc<Step>>,
    pub calls: super::Numbers,
    pub unrecorded: Unrecorded,
    /// Nothing is decided any more.
    pub ended: CancellationToken,
}

/// Steps that the disk was too slow for, told once a second: thousands of lines would make it slower.
#[derive(Default)]
pub(super) struct Unrecorded {
    count: u64,
    told: Option<At>,
}

impl Unrecorded {
    fn lost(&mut self, at: At) {
        self.count += 1;
        if self.told.is_none_or(|told| at.since(told) >= 1_000) {
            tracing::error!(steps = self.count, "the disk is too slow: steps could not be recorded, calls go on");
            (self.count, self.told) = (0, Some(at));
        }
    }
}

/// Decides until it is ended, or every sender of inputs is gone.
pub(super) async fn run(mut decider: Decider) {
    let mut floor_due: Option<At> = None;
    let mut last_panic: Option<At> = None;
    loop {
        let now = decider.clock.now();
        let deadline = [decider.desk.next_deadline(), floor_due].into_iter().flatten().min();
        let wait = deadline.map(|at| Duration::from_millis(at.since(now) as u64));
        let heard = tokio::select! {
            biased;
            () = decider.ended.cancelled() => return,
            heard = decider.heard.recv() => match heard {
                Some(heard) => Some(heard),
                None => return,
            },
            () = sleep(wait) => None,
        };
        let now = decider.clock.now();
        if floor_due.is_some_and(|due| due <= now) {
            floor_due = None;
            decider.floor.send_replace(Arc::new(decider.desk.floor(now)));
        }
        let due = decider.desk.next_deadline().is_some_and(|at| at <= now);
        let heard = match heard {
            Some(heard) => heard,
            None if due => Heard { input: Input::Clock, reply: None },
            None => continue,
        };
        if let Input::Catalog(catalog) = &heard.input {
            decider.catalog = catalog.clone();
        }
        let mut queue = VecDeque::from([heard]);
        if due && !matches!(queue.back(), Some(Heard { input: Input::Clock, .. })) {
            // A wire that never empties must not stop the clock.
            queue.push_back(Heard { input: Input::Clock, reply: None });
        }
        while let Some(heard) = queue.pop_front() {
            if decider.decide(heard, &mut queue).is_err() {
                if last_panic.is_some_and(|last| now.since(last) < PANIC_WINDOW) {
                    tracing::error!("the desk panicked twice within a minute: stopping");
                    std::process::exit(70);
                }
                last_panic = Some(now);
                decider.rebuild().await;
            }
        }
        floor_due.get_or_insert(now.after(FLOOR_EVERY));
    }
}

/// The desk panicked; its state cannot be trusted.
struct Panicked;

impl Decider {
    /// Decides one input and sends its step on. Calls that turn out to be deaf are queued as further inputs.
    fn decide(&mut self, heard: Heard, queue: &mut VecDeque<Heard>) -> Result<(), Panicked> {
        let at = self.clock.now();
        let Heard { input, reply } = heard;
        let label = input.clone();
        if begins_calls(&input) && self.desk.lacks_call() {
            self.desk.lend_call(self.calls.mint());
        }
        let decided = catch_unwind(AssertUnwindSafe(|| self.desk.handle(at, input)));
        let Ok(step) = decided else {
            tracing::error!(input = ?label, "the desk panicked on this input: it is skipped and the desk rebuilt");
            if let Some(reply) = reply {
                let _ = reply.send(Err(Refusal::NotRecorded));
            }
            return Err(Panicked);
        };
        let step = Arc::new(step);
        for act in &step.acts {
            match act {
                Act::Voice(call, voice) if self.outlets.voice(*call, voice.clone()) == Passed::Lost => queue.push_back(lost(*call)),
                Act::Look(look) if !self.outlets.look(look.clone()) => {
                    tracing::error!(work = %look.work, "a lookup cannot be asked: its caller goes on without");
                    queue.push_back(Heard { input: Input::Found { work: look.work, serial: look.serial, found: None }, reply: None });
                }
                Act::Voice(..)
                | Act::Look(_)
                | Act::Send(_)
                | Act::Notify(_)
                | Act::Ways { .. }
                | Act::RuleWays { .. }
                | Act::SurveyWays { .. } => {}
            }
        }
        if step.facts.is_empty() && step.acts.is_empty() && step.live.is_empty() && reply.is_none() {
            return Ok(());
        }
        // The card of a colleague is drawn from the floor, where a call that has just begun would stand only with its next publication.
        if step.facts.iter().any(|fact| matches!(fact, Fact::Call(_, CallFact::Rung { .. }))) {
            self.floor.send_replace(Arc::new(self.desk.floor(at)));
        }
        // No page open is no error.
        let _ = self.decided.send(step.clone());
        // Counted before the recorder can count it off.
        self.backlog.fetch_add(1, Ordering::Relaxed);
        match self.steps.try_send(Decided { step, reply }) {
            Ok(()) => {}
            Err(refused) => {
                self.backlog.fetch_sub(1, Ordering::Relaxed);
                self.unrecorded.lost(at);
                if let Some(reply) = refused.into_inner().reply {
                    let _ = reply.send(Err(Refusal::Busy));
                }
            }
        }
        Ok(())
    }

    /// Waits until everything decided is on disk, then makes the desk anew from it.
    async fn rebuild(&mut self) {
        let drained = tokio::time::timeout(DRAIN, async {
            while self.backlog.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        if drained.await.is_err() {
            tracing::error!("the recorder did not drain: the rebuilt desk may lag behind");
        }
        let rows = match self.store.live_rows() {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "the desk's memory cannot be read: stopping");
                std::process::exit(70);
            }
        };
        let known = rows.iter().filter_map(|row| row.key.strip_prefix("call/")?.parse().ok()).map(CallId).collect();
        match Desk::restore(self.catalog.clone(), rows) {
            Ok(desk) => {
                self.desk = desk;
                self.outlets.end_unknown(&known);
            }
            Err(error) => {
                tracing::error!(%error, "the desk's memory cannot be rebuilt: stopping");
                std::process::exit(70);
            }
        }
    }
}

/// Inputs upon which the desk may begin a call, for which it needs a number. All others must not use numbers up.
fn begins_calls(input: &Input) -> bool {
    match input {
        // What a customer answers may be the number at which they are to be called.
        Input::Form(..) => true,
        Input::Command(_, command) => {
            matches!(
                command,
                Command::Call { .. }
                    | Command::Dial { .. }
                    | Command::Accept(Work::Callback(_))
                    | Command::Callback(_, CallbackCommand::Call)
            )
        }
        _ => false,
    }
}

fn lost(call: CallId) -> Heard {
    tracing::error!(%call, "the call's task does not listen: the call is lost");
    Heard { input: Input::Call(call, CallHeard::Lost), reply: None }
}

/// Sleeps for the time given, or for ever.
async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
