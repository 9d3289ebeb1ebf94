//! The line: hear → decide → record → act.
//!
//! Edges send an `Input`; one task decides (`decide.rs`), one task records (`record.rs`), and acts leave through `act.rs`.
//! Voice acts and the push that rings leave with the decision, because they promise nothing and must be quick; everything that
//! promises durability (the answer to an asker, a message to a platform, a page's timeline) leaves after its commit. Each in order.

mod act;
mod decide;
mod live;
mod record;
#[cfg(test)]
mod tests;
mod ways;

use crate::clock::Clock;
use crate::desk::catalog::Catalog;
use crate::desk::floor::Floor;
use crate::desk::id::{CallId, ChannelId};
use crate::desk::input::{Command, Input};
use crate::desk::refusal::Refusal;
use crate::desk::step::{Answer, Step};
use crate::desk::{Desk, act::Look, act::Notice, act::Outbound, act::VoiceAct};
use crate::store::Store;
pub use act::Begun;
use act::Outlets;
use futures_util::FutureExt;
pub use live::{Arrow, ArrowAt, Here, LineQuality, PictureOf, Pointer, SeenPage, Typing, Typist};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Inputs that may wait for the desk. Past it, edges are told "busy" (SIP 503, webhook 503).
const INPUTS: usize = 8_192;
/// Steps that may wait for the disk. Past it, steps are lost to history but calls go on; see `decide.rs`.
const STEPS: usize = 16_384;
/// Unrecorded steps from which on new text is told "busy" and new calls are told to come again, so that the rest of the wire is left to the calls
/// that run.
const LONGEST_BACKLOG: usize = 4_096;
/// Steps a slow page may lag behind before it must resync.
const PAGES: usize = 1_024;

/// The desk's queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the desk is busy")]
pub struct Busy;

/// The way to the desk; cheap to clone, the same for every edge and page.
#[derive(Clone)]
pub struct Switchboard {
    inputs: mpsc::Sender<Heard>,
    /// Steps decided but not yet on disk: what `LONGEST_BACKLOG` is compared with.
    backlog: Arc<AtomicUsize>,
    /// Commits fail: the backlog says nothing about how much there is to do.
    failing: Arc<AtomicBool>,
    outlets: Arc<Outlets>,
    floor: watch::Receiver<Arc<Floor>>,
    decided: broadcast::Sender<Arc<Step>>,
    recorded: broadcast::Sender<Arc<Step>>,
    typing: broadcast::Sender<Typing>,
    arrows: broadcast::Sender<Arrow>,
    seen: broadcast::Sender<Here>,
    lines: broadcast::Sender<LineQuality>,
    calls: Numbers,
    ended: CancellationToken,
}

/// Numbers calls: those that arrive, and those that the desk begins.
#[derive(Clone)]
struct Numbers(Arc<AtomicU64>);

impl Numbers {
    fn mint(&self) -> CallId {
        CallId(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An input on its way, with whoever waits for the answer.
struct Heard {
    input: Input,
    reply: Option<oneshot::Sender<Result<Answer, Refusal>>>,
}

impl Switchboard {
    /// Rebuilds the desk from the store, starts the line, and tells the desk that the process has started.
    pub fn start(store: Store, clock: Clock, catalog: Arc<Catalog>) -> anyhow::Result<Switchboard> {
        let desk = Desk::restore(catalog.clone(), store.live_rows()?)?;
        let calls = Numbers(Arc::new(AtomicU64::new(store.next_call_id()?)));
        let (inputs, heard) = mpsc::channel(INPUTS);
        let (steps, to_record) = mpsc::channel(STEPS);
        let (backlog, failing) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let outlets = Arc::new(Outlets::default());
        let (floor_out, floor) = watch::channel(Arc::new(desk.floor(clock.now())));
        let (decided, _) = broadcast::channel(PAGES);
        let (recorded, _) = broadcast::channel(PAGES);
        let (typing, _) = broadcast::channel(PAGES);
        let (arrows, _) = broadcast::channel(PAGES);
        let (seen, _) = broadcast::channel(PAGES);
        let (lines, _) = broadcast::channel(PAGES);
        let ended = CancellationToken::new();
        let switchboard = Switchboard {
            inputs,
            backlog: backlog.clone(),
            failing: failing.clone(),
            outlets: outlets.clone(),
            floor,
            decided: decided.clone(),
            recorded: recorded.clone(),
            typing,
            arrows,
            seen,
            lines,
            calls: calls.clone(),
            ended: ended.clone(),
        };
        let (wanted, to_answer) = ways::wire();
        vital(ways::run(store.clone(), to_answer, switchboard.inputs.downgrade()));
        vital(record::run(record::Recorder {
            store: store.clone(),
            wanted,
            steps: to_record,
            backlog: backlog.clone(),
            failing,
            outlets: outlets.clone(),
            recorded,
        }));
        vital(decide::run(decide::Decider {
            desk,
            catalog,
            clock,
            store,
            heard,
            steps,
            backlog,
            outlets,
            floor: floor_out,
            decided,
            calls,
            unrecorded: decide::Unrecorded::default(),
            ended,
        }));
        // Wires were made a line above and are empty, so the first input always fits.
        let _ = switchboard.tell(Input::Started);
        Ok(switchboard)
    }

    /// Sends an input and waits until its step is on disk.
    ///
    /// Errors: `Busy` when the wire or, for text, the disk's backlog is full; `NotRecorded` when the commit failed; else the desk's own refusal.
    pub async fn ask(&self, input: Input) -> Result<Answer, Refusal> {
        if is_text(&input) && self.backlog.load(Ordering::Relaxed) > LONGEST_BACKLOG {
            return Err(Refusal::Busy);
        }
        let (reply, answer) = oneshot::channel();
        self.inputs.try_send(Heard { input, reply: Some(reply) }).map_err(|_| Refusal::Busy)?;
        answer.await.unwrap_or(Err(Refusal::NotRecorded))
    }

    /// Sends an input and goes on: what voice does. Never waits.
    pub fn tell(&self, input: Input) -> Result<(), Busy> {
        self.inputs.try_send(Heard { input, reply: None }).map_err(|_| Busy)
    }

    /// More is decided than can be written: new calls would take from those that run. A disk that takes nothing at all is another matter: calls go on
    /// without it.
    pub fn is_behind(&self) -> bool {
        self.backlog.load(Ordering::Relaxed) > LONGEST_BACKLOG && !self.failing.load(Ordering::Relaxed)
    }

    /// The newest snapshot of who is here and who waits; at most 100 ms behind.
    pub fn floor(&self) -> Arc<Floor> {
        self.floor.borrow().clone()
    }

    /// Waits until what was decided before now stands in the snapshot.
    pub async fn drawn(&self) {
        tokio::time::sleep(Duration::from_millis(2 * decide::FLOOR_EVERY.unsigned_abs())).await;
    }

    /// Wakes at each new snapshot.
    pub fn floor_changes(&self) -> watch::Receiver<Arc<Floor>> {
        self.floor.clone()
    }

    /// Steps as they are decided, before they are on disk: for what must be quick and promises nothing (rings, call state).
    pub fn decided(&self) -> broadcast::Receiver<Arc<Step>> {
        self.decided.subscribe()
    }

    /// Steps after their commit, in order. A reader that lags must reload what it shows.
    pub fn recorded(&self) -> broadcast::Receiver<Arc<Step>> {
        self.recorded.subscribe()
    }

    /// Shows how a line sounds.
    pub fn show_line(&self, line: LineQuality) {
        // Nobody looking is no error.
        let _ = self.lines.send(line);
    }

    /// How the lines of calls sound, every few seconds.
    pub fn lines(&self) -> broadcast::Receiver<LineQuality> {
        self.lines.subscribe()
    }

    /// Shows that somebody is typing.
    pub fn show_typing(&self, typing: Typing) {
        // Nobody looking is no error.
        let _ = self.typing.send(typing);
    }

    /// Who is typing, for those who look.
    pub fn typing(&self) -> broadcast::Receiver<Typing> {
        self.typing.subscribe()
    }

    /// Shows where a customer is on the firm's site.
    pub fn show_here(&self, here: Here) {
        // Nobody looking is no error.
        let _ = self.seen.send(here);
    }

    /// Where customers are, for those who look.
    pub fn here(&self) -> broadcast::Receiver<Here> {
        self.seen.subscribe()
    }

    /// Shows an arrow over a picture.
    pub fn show_arrow(&self, arrow: Arrow) {
        // Nobody looking is no error.
        let _ = self.arrows.send(arrow);
    }

    /// Arrows over pictures, for those who look.
    pub fn arrows(&self) -> broadcast::Receiver<Arrow> {
        self.arrows.subscribe()
    }

    /// The number of a call that has just arrived.
    pub fn number_call(&self) -> CallId {
        self.calls.mint()
    }

    /// Calls that the desk begins, for `voice`; `None` for the second who asks.
    pub fn begun(&self) -> Option<mpsc::Receiver<Begun>> {
        self.outlets.begun()
    }

    /// The wire on which one call's task is told what to do. Opened by the edge before it tells the desk of the call.
    pub fn open_line(&self, call: CallId) -> mpsc::Receiver<VoiceAct> {
        self.outlets.open_line(call)
    }

    /// Forgets a call's wire; acts for it are then dropped, because there is nobody left to do them.
    pub fn close_line(&self, call: CallId) {
        self.outlets.close_line(call);
    }

    /// The wire on which one channel account is given messages to send.
    pub fn open_outlet(&self, channel: ChannelId) -> mpsc::Receiver<Outbound> {
        self.outlets.open_outlet(channel)
    }

    /// The notices of outages, for customers elsewhere; `None` for the second who asks.
    pub fn notices(&self) -> Option<mpsc::Receiver<Notice>> {
        self.outlets.notices()
    }

    /// The wire on which lookups of flows are asked for.
    pub fn open_lookups(&self) -> mpsc::Receiver<Look> {
        self.outlets.open_lookups()
    }

    /// Waits until everything told so far is decided and on disk; from then on nothing is decided, so that whoever opens the same data next is
    /// alone with them. Error: it could not be recorded.
    pub async fn end(&self) -> Result<(), Refusal> {
        // The line keeps its order, and the clock promises nothing to anyone.
        let drained = self.ask(Input::Clock).await.map(drop);
        self.ended.cancel();
        drained
    }

    /// Puts recorded but unsent messages (of a former process, or of a full wire) on their channels' wires, unless they are there already.
    /// `unsent` reads them from the store; one such reading at a time.
    pub async fn resend<E>(&self, unsent: impl Future<Output = Result<Vec<Outbound>, E>>) -> Result<(), E> {
        self.outlets.begin_resend();
        let unsent = unsent.await;
        let (messages, result) = unsent.map_or_else(|error| (Vec::new(), Err(error)), |messages| (messages, Ok(())));
        self.outlets.end_resend(messages);
        result
    }

    /// Calls that have a task now.
    pub fn lines_open(&self) -> usize {
        self.outlets.lines()
    }
}

/// Runs one of the line's two tasks. Without either the process would answer and do nothing, so its supervisor is to start it again.
fn vital(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move {
        if AssertUnwindSafe(task).catch_unwind().await.is_err() {
            tracing::error!("the line panicked: stopping");
            std::process::exit(70);
        }
    });
}

/// Inputs that can be told "try again" without a caller hearing silence.
fn is_text(input: &Input) -> bool {
    matches!(
        input,
        Input::Message(_)
            | Input::Elsewhere(_)
            | Input::Proactive(_)
            | Input::Command(_, Command::Reply { .. } | Command::Template { .. } | Command::Note { .. } | Command::Push { .. })
    )
}
