//! The wiring: every wire made, every task started, and stopped in reverse. Nothing here decides anything.
//!
//! ```text
//!  store ─▶ switchboard ─▶ media, sip ─▶ voice
//!                       ├▶ webchat
//!                       └▶ pages (private and public listeners)
//! ```

mod calls;
mod chat;
pub mod demo;
mod network;
mod pages;
mod reload;
mod signals;

use crate::channels::webchat::WebChat;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::media::recording;
use crate::store::{Store, messages, recordings, users};
use crate::switchboard::Switchboard;
use crate::web::state::Reload;
use anyhow::Context;
use arc_swap::ArcSwap;
use calls::Calls;
use pages::Pages;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub use demo::{DemoOptions, demo};

/// Messages of a former process that are sent again at the start; the rest follows at the next one.
const RESENT: u32 = 1_000;

/// A running Hubline.
pub struct App {
    pub store: Store,
    pub switchboard: Switchboard,
    config: Arc<ArcSwap<Loaded>>,
    calls: Calls,
    chat: WebChat,
    pages: Pages,
    reloads: mpsc::Receiver<oneshot::Sender<Result<(), String>>>,
    stop: CancellationToken,
}

/// Where a running Hubline is reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub web: SocketAddr,
    /// The customers' own listener, where there is one.
    pub public: Option<SocketAddr>,
    pub sip_udp: Option<SocketAddr>,
    pub sip_tcp: Option<SocketAddr>,
}

/// `hubline serve`: runs until the process is told to stop.
pub async fn serve(loaded: Loaded, path: PathBuf) -> anyhow::Result<()> {
    let app = App::start(loaded, false).await?;
    let addresses = app.addresses();
    tracing::info!(pages = %addresses.web, sip = ?addresses.sip_udp, config = %path.display(), "Hubline is running");
    signals::until_stopped(app).await
}

impl App {
    /// Starts everything, in the order in which one part needs the other. `demo` adds the demo's pages.
    pub async fn start(loaded: Loaded, demo: bool) -> anyhow::Result<App> {
        let clock = Clock::system();
        let store = open_store(&loaded, &clock).await?;
        let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(loaded.catalog.clone()))?;
        let calls = calls::start(&loaded, &store, &switchboard, &clock).await?;
        let secret = chat::secret(store.data())?;
        let chat = WebChat::start(store.clone(), switchboard.clone(), clock.clone(), secret, chat::windows(&loaded.config));
        switchboard.resend(messages::unsent(&store, RESENT).await?);
        let (reload, reloads) = Reload::channel();
        let (config, stop) = (Arc::new(ArcSwap::from_pointee(loaded.clone())), CancellationToken::new());
        let pages = pages::start(pages::Parts {
            loaded: &loaded,
            config: config.clone(),
            store: store.clone(),
            switchboard: switchboard.clone(),
            clock,
            calls: &calls,
            chat: &chat,
            reload,
            demo,
            stop: stop.clone(),
        })
        .await?;
        Ok(App { store, switchboard, config, calls, chat, pages, reloads, stop })
    }

    pub fn addresses(&self) -> Addresses {
        Addresses {
            web: self.pages.address,
            public: self.pages.public,
            sip_udp: self.calls.endpoint.local_udp(),
            sip_tcp: self.calls.endpoint.local_tcp(),
        }
    }

    /// Stops in reverse: no new requests, calls ended properly, recordings closed. What is decided is recorded by then or, at the latest,
    /// taken up by the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.pages.stopped().await;
        self.calls.stop().await;
    }
}

/// Opens the store, takes over the declared users, and repairs recordings that the last process left open.
async fn open_store(loaded: &Loaded, clock: &Clock) -> anyhow::Result<Store> {
    let data = loaded.config.data();
    let store = Store::open(&data).with_context(|| format!("the data folder {}", data.display()))?;
    declare_users(loaded, &store, clock).await?;
    for row in recordings::left_open(&store).await? {
        let path = store.data().join("recordings").join(&row.file);
        match recording::repair(&path) {
            Ok(repaired) => recordings::repaired(&store, &row.file, repaired.millis, repaired.bytes).await?,
            Err(error) => tracing::warn!(call = %row.call, %error, "a recording that was cut off cannot be repaired"),
        }
    }
    Ok(store)
}

/// Who may log in, by the configuration.
async fn declare_users(loaded: &Loaded, store: &Store, clock: &Clock) -> anyhow::Result<()> {
    let declared = loaded
        .config
        .members()
        .map(|member| users::Declared { id: member.id, name: member.name, role: member.role, language: Some(member.language) })
        .collect();
    Ok(users::declare(store, declared, clock.now()).await?)
}
