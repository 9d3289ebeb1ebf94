//! Which pages are open, of whom, and their queues. An agent whose last page is gone is reported to the desk after the page has had
//! time to come back: a reload is not a departure.

use super::{Audience, Frame};
use crate::auth::{Role, SessionId};
use crate::desk::id::{AgentId, ConversationId};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, mpsc};

/// Frames that may wait for one page; past it the page is told to resync.
const QUEUE: usize = 256;

/// One open page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageId(pub u64);

/// All open pages; cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Hub>);

struct Hub {
    next: AtomicU64,
    pages: Mutex<HashMap<PageId, Open>>,
    typing: broadcast::Sender<(AgentId, ConversationId)>,
}

impl Default for Live {
    fn default() -> Live {
        let (typing, _) = broadcast::channel(QUEUE);
        Live(Arc::new(Hub { next: AtomicU64::new(0), pages: Mutex::default(), typing }))
    }
}

struct Open {
    agent: AgentId,
    role: Role,
    session: SessionId,
    frames: mpsc::Sender<Frame>,
    missed: Arc<AtomicBool>,
    close: Arc<Notify>,
}

/// The receiving side of one open page.
pub(super) struct Seat {
    pub id: PageId,
    pub frames: mpsc::Receiver<Frame>,
    /// Set when a frame did not fit: the next thing the page is told is `resync`.
    pub missed: Arc<AtomicBool>,
    pub close: Arc<Notify>,
    /// Whether this is the agent's only page.
    pub first: bool,
}

impl Live {
    /// Sends to every open page of this agent.
    pub fn to_agent(&self, agent: &AgentId, frame: Frame) {
        self.to(&Audience::Agent(agent.clone()), frame);
    }

    /// Sends to every open page.
    pub fn to_all(&self, frame: Frame) {
        self.to(&Audience::All, frame);
    }

    /// Sends to whoever is meant. Never waits: a full queue makes that page resync.
    pub fn to(&self, audience: &Audience, frame: Frame) {
        for page in self.pages().values().filter(|p| meant(audience, p)) {
            if page.frames.try_send(frame.clone()).is_err() {
                page.missed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Sends to one page only (answers to what that page said).
    pub fn to_page(&self, page: PageId, frame: Frame) {
        if let Some(page) = self.pages().get(&page)
            && page.frames.try_send(frame).is_err()
        {
            page.missed.store(true, Ordering::Relaxed);
        }
    }

    /// Agents as they type, for the channels whose customers may see it. A reader that lags has missed nothing that matters.
    pub fn typing(&self) -> broadcast::Receiver<(AgentId, ConversationId)> {
        self.0.typing.subscribe()
    }

    pub(super) fn typed(&self, agent: &AgentId, conversation: ConversationId) {
        // Nobody may be listening.
        let _ = self.0.typing.send((agent.clone(), conversation));
    }

    /// Agents with an open page.
    pub fn agents(&self) -> HashSet<AgentId> {
        self.pages().values().map(|p| p.agent.clone()).collect()
    }

    /// How many pages this agent has open.
    pub fn open_pages(&self, agent: &AgentId) -> usize {
        self.pages().values().filter(|p| p.agent == *agent).count()
    }

    /// Closes every page of a session that was revoked.
    pub fn close(&self, session: SessionId) {
        for page in self.pages().values().filter(|p| p.session == session) {
            page.close.notify_one();
        }
    }

    /// Tells every page to reload what it shows: a broadcast lagged.
    pub fn resync_all(&self) {
        self.to_all(Frame::resync());
    }

    pub(super) fn enter(&self, agent: AgentId, role: Role, session: SessionId) -> Seat {
        let id = PageId(self.0.next.fetch_add(1, Ordering::Relaxed));
        let (sender, frames) = mpsc::channel(QUEUE);
        let (missed, close) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let mut pages = self.pages();
        let first = !pages.values().any(|p| p.agent == agent);
        pages.insert(id, Open { agent, role, session, frames: sender, missed: missed.clone(), close: close.clone() });
        Seat { id, frames, missed, close, first }
    }

    /// True when the agent has no page left.
    pub(super) fn leave(&self, page: PageId) -> bool {
        let mut pages = self.pages();
        let Some(gone) = pages.remove(&page) else {
            return false;
        };
        !pages.values().any(|p| p.agent == gone.agent)
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<PageId, Open>> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn meant(audience: &Audience, page: &Open) -> bool {
    match audience {
        Audience::Agent(agent) => page.agent == *agent,
        Audience::Supervisors => page.role >= Role::Supervisor,
        Audience::All => true,
    }
}
