//! Which pages are open, of whom, and their queues. An agent whose last page is gone is reported to the desk after the page has had
//! time to come back: a reload is not a departure.

use super::{Audience, Frame};
use crate::auth::{Role, SessionId};
use crate::desk::id::{AgentId, ConversationId, PersonId};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, mpsc};

/// Frames that may wait for one page; past it the page is told to resync.
const QUEUE: usize = 256;

/// What a page has told that it shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shows {
    /// Its path, without the query.
    pub path: String,
    /// The query as it stands in the address.
    pub query: String,
    /// Whose timeline it has open.
    pub person: Option<PersonId>,
}

/// A colleague at the same person's timeline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Other {
    pub agent: AgentId,
    pub name: String,
}

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
    /// As colleagues call them.
    name: String,
    shows: Shows,
    role: Role,
    session: SessionId,
    frames: mpsc::Sender<Frame>,
    missed: Arc<AtomicBool>,
    close: Arc<Notify>,
}

/// The receiving side of one open page.
pub(in crate::web) struct Seat {
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
            push(page, frame.clone());
        }
    }

    /// Sends to the pages that show this person's timeline.
    pub(super) fn to_viewers(&self, person: PersonId, frame: &Frame) {
        for page in self.pages().values().filter(|page| page.shows.person == Some(person)) {
            push(page, frame.clone());
        }
    }

    /// Sends to one page only (answers to what that page said).
    pub fn to_page(&self, page: PageId, frame: Frame) {
        if let Some(page) = self.pages().get(&page) {
            push(page, frame);
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

    /// Remembers what a page shows now, and tells everybody concerned who else looks at the same person.
    pub(in crate::web) fn look(&self, page: PageId, shows: Shows) {
        let mut pages = self.pages();
        let Some(open) = pages.get_mut(&page) else { return };
        let before = std::mem::replace(&mut open.shows, shows).person;
        let now = open.shows.person;
        // A page that has just come to a person hears who is there, even if nobody is.
        for person in [before.filter(|before| Some(*before) != now), now].into_iter().flatten() {
            tell_viewers(&pages, person);
        }
    }

    /// Somebody writes on this page: whoever looks at the same person is told, and nothing is kept.
    pub(super) fn writes(&self, page: PageId) {
        let pages = self.pages();
        let Some(open) = pages.get(&page) else { return };
        let Some(person) = open.shows.person else { return };
        let frame = Frame::new("writes", json!({ "person": person, "name": open.name }));
        for other in pages.values().filter(|other| other.shows.person == Some(person) && other.agent != open.agent) {
            push(other, frame.clone());
        }
    }

    /// Whether a page of this agent shows this person.
    pub fn looks_at(&self, agent: &AgentId, person: PersonId) -> bool {
        self.pages().values().any(|page| page.agent == *agent && page.shows.person == Some(person))
    }

    /// Agents of whose open pages one shows this person.
    pub fn lookers(&self, person: PersonId) -> Vec<AgentId> {
        self.pages().values().filter(|page| page.shows.person == Some(person)).map(|page| page.agent.clone()).collect()
    }

    /// Supervisors whose open pages say that they show this path, each with the query.
    pub fn supervisors_at(&self, path: &str) -> HashSet<(AgentId, String)> {
        let there = |page: &&Open| page.role >= Role::Supervisor && page.shows.path == path;
        self.pages().values().filter(there).map(|page| (page.agent.clone(), page.shows.query.clone())).collect()
    }

    /// Sends to the pages of this supervisor that show this path with this query.
    pub fn to_supervisor_at(&self, agent: &AgentId, path: &str, query: &str, frame: &Frame) {
        let shows = |page: &Open| page.shows.path == path && page.shows.query == query;
        let there = |page: &&Open| page.agent == *agent && page.role >= Role::Supervisor && shows(page);
        for page in self.pages().values().filter(there) {
            push(page, frame.clone());
        }
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

    pub(in crate::web) fn enter(&self, agent: AgentId, name: String, role: Role, session: SessionId) -> Seat {
        let id = PageId(self.0.next.fetch_add(1, Ordering::Relaxed));
        let (sender, frames) = mpsc::channel(QUEUE);
        let (missed, close) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let mut pages = self.pages();
        let first = !pages.values().any(|p| p.agent == agent);
        pages.insert(
            id,
            Open { agent, name, shows: Shows::default(), role, session, frames: sender, missed: missed.clone(), close: close.clone() },
        );
        Seat { id, frames, missed, close, first }
    }

    /// True when the agent has no page left.
    pub(super) fn leave(&self, page: PageId) -> bool {
        let mut pages = self.pages();
        let Some(gone) = pages.remove(&page) else {
            return false;
        };
        if let Some(person) = gone.shows.person {
            tell_viewers(&pages, person);
        }
        !pages.values().any(|p| p.agent == gone.agent)
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<PageId, Open>> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Never waits: a page whose queue is full reloads what it shows.
fn push(page: &Open, frame: Frame) {
    if page.frames.try_send(frame).is_err() {
        page.missed.store(true, Ordering::Relaxed);
    }
}

/// Tells each page at this person which colleagues are there, too.
fn tell_viewers(pages: &HashMap<PageId, Open>, person: PersonId) {
    let at: Vec<&Open> = pages.values().filter(|page| page.shows.person == Some(person)).collect();
    for page in &at {
        let others = at.iter().filter(|other| other.agent != page.agent);
        let others: BTreeSet<Other> = others.map(|other| Other { agent: other.agent.clone(), name: other.name.clone() }).collect();
        push(page, Frame::new("viewers", json!({ "person": person, "others": others })));
    }
}

fn meant(audience: &Audience, page: &Open) -> bool {
    match audience {
        Audience::Agent(agent) => page.agent == *agent,
        Audience::Supervisors => page.role >= Role::Supervisor,
        Audience::At(path) => {
            page.shows.path == *path || page.shows.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        }
        Audience::All => true,
    }
}
