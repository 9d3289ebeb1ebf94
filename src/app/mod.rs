//! The wiring: every wire made, every task started, and stopped in reverse. Nothing here decides anything.
//!
//! ```text
//!  store ─▶ switchboard ─▶ media, sip ─▶ voice
//!                       ├▶ webchat, post
//!                       └▶ pages (private and public listeners)
//! ```

mod alerts;
mod calls;
mod channels;
mod chat;
pub mod control;
pub mod demo;
mod flows;
mod lost;
mod network;
mod outages;
mod page_calls;
mod pages;
mod post;
mod relays;
mod reload;
mod signals;
pub mod trial;
mod upkeep;

use crate::channels::post::Post;
use crate::channels::webchat::WebChat;
use crate::channels::webchat::call::ASKS;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::desk::callback::link::Links;
use crate::desk::input::{CallHeard, Input};
use crate::lookup::Lookups;
use crate::lookup::crm::Records;
use crate::media::recording;
use crate::store::{Store, recordings, users};
use crate::switchboard::Switchboard;
use crate::tls::acme::Acme;
use crate::voice::voicemail;
use crate::web::state::{AllowAsk, Channels, Reload, Sources, TrialAsk, Trials};
use crate::webhooks::Webhooks;
use anyhow::Context;
use arc_swap::ArcSwap;
use calls::Calls;
use pages::Pages;
use rustix::fs::Mode;
use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use chat::known_secret;
pub use demo::{DemoOptions, demo};
pub use signals::{PID_FILE, RELOAD_FILE};

/// How long a stop waits for the last steps to be on disk.
const DRAIN: Duration = Duration::from_secs(5);

/// A running Hubline.
pub struct App {
    pub store: Store,
    pub switchboard: Switchboard,
    config: Arc<ArcSwap<Loaded>>,
    calls: Calls,
    chat: WebChat,
    post: Post,
    /// What customers' links are made and checked with.
    links: Arc<ArcSwap<Option<Links>>>,
    secret: [u8; 32],
    lookups: Lookups,
    records: Records,
    pages: Pages,
    upkeep: JoinHandle<()>,
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
    pub sip_tls: Option<SocketAddr>,
}

/// `hubline serve`: runs until the process is told to stop.
pub async fn serve(loaded: Loaded, path: PathBuf) -> anyhow::Result<()> {
    keep_private();
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
        let secret = chat::secret(store.data())?;
        let base = lost::base(&loaded.config);
        let links = Arc::new(ArcSwap::from_pointee(lost::links(base.as_deref(), secret)));
        let catalog = lost::catalog(&loaded, links.load().as_ref().clone());
        let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(catalog))?;
        repair_recordings(&store, &switchboard).await?;
        let acme = Acme::open(&loaded.config, store.data(), clock.now()).context("certificates")?;
        let calls = calls::start(&loaded, &store, &switchboard, &clock, acme.as_ref()).await?;
        let stop = CancellationToken::new();
        let (platforms, house) = (post::names(&loaded.config), post::house(&secret));
        let post = Post::start(store.clone(), switchboard.clone(), clock.clone(), house, platforms, stop.child_token());
        let (page_calls, page_asks) = mpsc::channel(ASKS);
        let chat =
            WebChat::start(store.clone(), switchboard.clone(), clock.clone(), secret, chat::windows(&loaded)?, page_calls, links.clone());
        tokio::spawn(page_calls::carry(calls.voice.clone(), page_asks));
        let (reload, reloads) = Reload::channel();
        let (trials, asked) = Trials::channel();
        let (sources, allowed) = Sources::channel();
        let (channels, channel_asks) = Channels::channel();
        let config = Arc::new(ArcSwap::from_pointee(loaded.clone()));
        let pages = pages::start(pages::Parts {
            loaded: &loaded,
            config: config.clone(),
            store: store.clone(),
            switchboard: switchboard.clone(),
            clock: clock.clone(),
            calls: &calls,
            chat: &chat,
            post: &post,
            links: links.clone(),
            reload,
            trials,
            sources,
            channels,
            demo,
            acme: acme.clone(),
            stop: stop.clone(),
        })
        .await?;
        tokio::spawn(stop.clone().run_until_cancelled_owned(try_trunks(calls.clone(), config.clone(), asked)));
        tokio::spawn(stop.clone().run_until_cancelled_owned(allow_sources(calls.clone(), allowed)));
        tokio::spawn(stop.clone().run_until_cancelled_owned(channels::carry(post.clone(), channel_asks)));
        tokio::spawn(stop.clone().run_until_cancelled_owned(alerts::run(post.clone(), switchboard.clone(), config.clone(), clock.clone())));
        let webhooks = Webhooks { store: store.clone(), switchboard: switchboard.clone(), clock: clock.clone(), config: config.clone() };
        tokio::spawn(stop.clone().run_until_cancelled_owned(webhooks.run()));
        if let Some(notices) = switchboard.notices() {
            tokio::spawn(stop.clone().run_until_cancelled_owned(outages::run(store.clone(), switchboard.clone(), notices)));
        }
        if let Some(acme) = acme {
            tokio::spawn(stop.clone().run_until_cancelled_owned(acme.keep(clock.clone())));
        }
        control::listen(store.data(), calls.clone(), config.clone(), stop.clone());
        let lookups = Lookups::start(flows::asks(&loaded), switchboard.clone(), clock.clone(), stop.clone());
        let crm = crate::lookup::crm::Crm::new(&loaded.config.crm, &loaded.config.folder);
        let records = Records::start(crm, store.clone(), switchboard.clone(), clock.clone(), stop.clone());
        crate::store::persons::import::broken(&store).await?;
        let upkeep = tokio::spawn(upkeep::run(upkeep::Upkeep {
            store: store.clone(),
            switchboard: switchboard.clone(),
            gate: pages.gate.clone(),
            calls: calls.clone(),
            config: config.clone(),
            clock,
            stop: stop.clone(),
        }));
        let app = App { records, store, switchboard, config, calls, chat, lookups, post, links, secret, pages, upkeep, reloads, stop };
        let own = if base.is_none() { lost::own_base(&loaded.config, app.pages.address, app.pages.public) } else { None };
        if let Some(own) = &own {
            app.link_by(&loaded, own).await?;
        }
        app.post.open(post::accounts(&loaded.config, base.or(own).as_deref(), &app.secret)?).await;
        voicemail::catch_up(&app.store, &app.switchboard, Clock::system().now()).await?;
        Ok(app)
    }

    /// A house on this machine alone learns its address when it listens.
    async fn link_by(&self, loaded: &Loaded, own: &str) -> anyhow::Result<()> {
        self.links.store(Arc::new(lost::links(Some(own), self.secret)));
        let catalog = lost::catalog(loaded, self.links.load().as_ref().clone());
        self.switchboard.ask(Input::Catalog(Arc::new(catalog))).await.map_err(|refusal| anyhow::anyhow!("the desk: {refusal:?}"))?;
        Ok(())
    }

    /// The language of the house.
    fn language(&self) -> String {
        self.config.load().config.site.language.get_ref().clone()
    }

    pub fn addresses(&self) -> Addresses {
        Addresses {
            web: self.pages.address,
            public: self.pages.public,
            sip_udp: self.calls.endpoint.local_udp(),
            sip_tcp: self.calls.endpoint.local_tcp(),
            sip_tls: self.calls.endpoint.local_tls(),
        }
    }

    /// Stops in reverse: no new requests, calls ended properly, recordings closed, all that was decided on disk. What a full disk does not
    /// take is put in order by the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.pages.stopped().await;
        if let Err(error) = self.upkeep.await {
            tracing::error!(%error, "upkeep did not end properly");
        }
        self.calls.stop().await;
        match tokio::time::timeout(DRAIN, self.switchboard.end()).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => tracing::error!(?refusal, "the last steps are not on disk"),
            Err(_) => tracing::error!("the last steps did not come to disk in time"),
        }
    }
}

/// Tries trunks as pages ask for it, one after the other.
async fn try_trunks(calls: Calls, config: Arc<ArcSwap<Loaded>>, mut asked: mpsc::Receiver<TrialAsk>) {
    while let Some(ask) = asked.recv().await {
        trial::run(&calls, &config.load_full(), ask).await;
    }
}

/// Lets sources of SIP in again as administrators ask for it.
async fn allow_sources(calls: Calls, mut asked: mpsc::Receiver<AllowAsk>) {
    while let Some(AllowAsk { source, by, answer }) = asked.recv().await {
        // A page that was left needs no answer.
        let _ = answer.send(calls.voice.allow(source, by).await);
    }
}

/// Whatever this process makes is for its user alone: the data are other people's.
fn keep_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Opens the store, in a folder for this user alone if it is new, and takes over the declared users.
async fn open_store(loaded: &Loaded, clock: &Clock) -> anyhow::Result<Store> {
    let data = loaded.config.data();
    let folder = || format!("the data folder {}", data.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&data).with_context(folder)?;
    if std::fs::metadata(&data).with_context(folder)?.mode() & 0o007 != 0 {
        tracing::warn!(folder = %data.display(), "everyone on this machine may look into the data folder: chmod 700 would keep it private");
    }
    let store = Store::open(&data).with_context(folder)?;
    declare_users(loaded, &store, clock).await?;
    Ok(store)
}

/// Completes the recordings that the last process left open. One that cannot be is marked as failed, so that nobody waits for it.
async fn repair_recordings(store: &Store, switchboard: &Switchboard) -> anyhow::Result<()> {
    for row in recordings::left_open(store).await? {
        let path = store.data().join("recordings").join(&row.file);
        match recording::repair(&path) {
            Ok(whole) => recordings::repaired(store, &row.file, whole.millis, whole.bytes, &whole.films.join(" ")).await?,
            Err(error) => {
                tracing::warn!(call = %row.call, %error, "a recording that was cut off cannot be repaired");
                let failed = CallHeard::RecordingFailed { file: row.file, error: error.to_string() };
                switchboard.tell(Input::Call(row.call, failed))?;
            }
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests;
