//! The chat window on web sites: a visitor's browser speaks to us over a WebSocket, or by plain requests where that is blocked.
//!
//! ```text
//!  widget.js ──POST session──▶ token   ──hello──▶ socket.rs ─┐                 ┌─▶ hear.rs ──Input──▶ desk
//!  (any site)                          ──POST──▶ poll.rs ────┴──▶ VisitorSays ─┘
//!            ◀──────── VisitorHears ──── visitors.rs ◀──── act.rs ◀── Outbound, recorded facts, the floor
//! ```
//!
//! The page and the visitor are hostile until proven otherwise: sites are allowed by name, texts and files are bounded and counted, file
//! types are told by their bytes, and nobody's HTML is ever shown. A visitor proves who they were by a signed token, kept by the page.

mod accounts;
mod act;
pub mod call;
mod callers;
mod calls;
pub mod config;
mod continued;
mod files;
mod hear;
mod limits;
mod origin;
mod outages;
mod poll;
mod presence;
pub mod push;
mod rate;
mod routes;
mod session;
mod socket;
mod token;
mod visitors;
pub mod visits;
pub mod wire;

#[cfg(test)]
mod tests;

use crate::auth::{Relays, Wires};
use crate::clock::Clock;
use crate::desk::callback::link::Links;
use crate::desk::id::{ChannelId, SurveyName};
use crate::store::Store;
use crate::switchboard::Switchboard;
use accounts::Accounts;
use arc_swap::ArcSwap;
use call::CallAsk;
use calls::Calls;
use limits::{Limits, OPEN, OPEN_PER_NETWORK};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use token::Key;
use tokio::sync::{Semaphore, mpsc};
use visitors::Visitors;

/// One chat window's settings, resolved from the configuration.
#[derive(Debug, Clone)]
pub struct Window {
    pub id: ChannelId,
    /// Origins (`https://shop.example`) that may show the window; our own pages always may.
    pub origins: Vec<String>,
    pub title: String,
    pub greeting: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    pub files: bool,
    /// Visitors may call.
    pub calls: bool,
    /// And show their camera or screen.
    pub video: bool,
    /// What is said and shown may be recorded.
    pub records: bool,
    /// There is a help centre to search before anybody is asked.
    pub help: bool,
    /// Visitors' pages are kept, where they agree.
    pub visits: Option<visits::Visits>,
    /// What customers may be asked when a conversation is over.
    pub questions: BTreeMap<SurveyName, wire::Question>,
    /// Who is told of messages for an app that is not there.
    pub push: Option<push::Push>,
    /// The house's other channels whose outage the window announces, by the names that customers know, in each language.
    pub outages: BTreeMap<ChannelId, BTreeMap<String, String>>,
    /// What calls may go through where nothing else gets through.
    pub relays: Option<Relays>,
    /// Bytes.
    pub max_file: u64,
    /// Of a film; bytes.
    pub max_video: u64,
    /// Characters.
    pub max_text: usize,
    /// The key with which the site says who is signed in there.
    pub account_key: Option<SecretString>,
    /// The house's language where the visitor's browser asks for neither.
    pub language: String,
}

/// All chat windows; cheap to clone.
#[derive(Clone)]
pub struct WebChat {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    key: Key,
    visitors: Visitors,
    accounts: Accounts,
    limits: Limits,
    pushes: push::Pushes,
    wires: Wires,
    /// Questions about calls.
    calls: mpsc::Sender<CallAsk>,
    calls_shown: Calls,
    /// What links are checked with; `None` while customers have no address of ours.
    links: Arc<ArcSwap<Option<Links>>>,
    strangers: origin::Strangers,
    /// Uploads in memory at once.
    uploads: Semaphore,
    /// Films on their way to the disk at once.
    films: Semaphore,
    windows: RwLock<Arc<BTreeMap<ChannelId, Window>>>,
}

impl WebChat {
    /// Opens each window's wire from the desk and begins to follow what pages must be told.
    ///
    /// `secret` signs visitors' tokens; whoever has it can read any visitor's chat. `calls` is where pages' questions about calls go.
    pub fn start(
        store: Store,
        switchboard: Switchboard,
        clock: Clock,
        secret: [u8; 32],
        windows: Vec<Window>,
        calls: mpsc::Sender<CallAsk>,
        links: Arc<ArcSwap<Option<Links>>>,
    ) -> WebChat {
        let chat = WebChat {
            shared: Arc::new(Shared {
                store,
                switchboard,
                clock,
                key: Key::new(secret),
                visitors: Visitors::default(),
                accounts: Accounts::default(),
                limits: Limits::default(),
                pushes: push::Pushes::default(),
                wires: Wires::new(OPEN, OPEN_PER_NETWORK),
                calls,
                links,
                calls_shown: Calls::default(),
                strangers: origin::Strangers::default(),
                uploads: Semaphore::new(files::AT_ONCE),
                films: Semaphore::new(files::FILMS_AT_ONCE),
                windows: RwLock::default(),
            }),
        };
        chat.reload(windows);
        tokio::spawn(act::follow_facts(chat.clone()));
        tokio::spawn(act::follow_floor(chat.clone()));
        tokio::spawn(push::run(chat.clone()));
        tokio::spawn(calls::follow(chat.clone()));
        tokio::spawn(act::follow_signals(chat.clone()));
        tokio::spawn(presence::follow(chat.clone()));
        chat
    }

    /// Takes over a reloaded configuration. Windows that are new get their wire; a wire of a window that is gone falls silent.
    pub fn reload(&self, windows: Vec<Window>) {
        let windows: BTreeMap<_, _> = windows.into_iter().map(|window| (window.id.clone(), window)).collect();
        self.shared.pushes.look();
        let old = std::mem::replace(&mut *self.shared.windows.write().unwrap_or_else(PoisonError::into_inner), Arc::new(windows.clone()));
        for id in windows.keys().filter(|id| !old.contains_key(*id)) {
            let outlet = self.shared.switchboard.open_outlet(id.clone());
            tokio::spawn(act::run(self.clone(), outlet));
        }
    }

    /// The visitors' side: `/chat/…`.
    pub fn router(&self) -> axum::Router {
        routes::router(self.clone())
    }

    fn window(&self, id: &str) -> Option<Window> {
        self.windows().get(&ChannelId::from(id)).cloned()
    }

    fn windows(&self) -> Arc<BTreeMap<ChannelId, Window>> {
        self.shared.windows.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
