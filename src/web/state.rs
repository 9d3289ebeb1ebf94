//! What every handler has: one struct, cheap to clone, made in `app.rs`.

use super::api::Callers;
use super::i18n::I18n;
use super::live::Live;
use super::topics;
use super::wallboard::today;
use crate::auth::Gate;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::desk::callback::link::Links;
use crate::desk::id::{AgentId, At, ChannelId};
use crate::store::Store;
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use axum::extract::FromRef;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The axum state of the private and the public router.
#[derive(Clone)]
pub struct WebState {
    pub store: Store,
    pub switchboard: Switchboard,
    pub config: Arc<ArcSwap<Loaded>>,
    pub clock: Clock,
    pub i18n: I18n,
    pub live: Live,
    pub gate: Gate,
    pub site: Arc<Site>,
    pub reload: Reload,
    /// What customers' links to callbacks are checked with; `None` while there is no address for them.
    pub links: Arc<ArcSwap<Option<Links>>>,
    pub trials: Trials,
    pub sources: Sources,
    pub channels: Channels,
    /// Programs that ask, and how often.
    pub callers: Callers,
    /// What customers speak of, as it was counted last.
    pub topics: topics::Cache,
    /// The day so far, as it was counted last.
    pub today: today::Cache,
}

/// What does not change while the process runs.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Where the running configuration was read from; `None` in the demo, which has no file.
    pub config_path: Option<PathBuf>,
    /// The local authority's certificate (PEM), where this server is its own.
    pub ca_pem: Option<String>,
    /// Further origins whose pages may send commands and open sockets (`https://desk.example.com` behind a proxy that rewrites Host).
    pub origins: Vec<String>,
    /// Whether the demo's one-click log-in is open.
    pub demo: bool,
}

/// Asks `app.rs` to read the configuration again: the same path that SIGHUP takes.
#[derive(Clone)]
pub struct Reload(mpsc::Sender<oneshot::Sender<Result<(), String>>>);

impl Reload {
    /// The asking side, and the receiver on which `app.rs` answers each request with `Ok` or the report of why not.
    pub fn channel() -> (Reload, mpsc::Receiver<oneshot::Sender<Result<(), String>>>) {
        let (sender, receiver) = mpsc::channel(4);
        (Reload(sender), receiver)
    }

    /// Reads, checks and swaps the configuration; the error is the report to show, and then the old one goes on.
    pub async fn now(&self) -> Result<(), String> {
        let (answer, done) = oneshot::channel();
        self.0.send(answer).await.map_err(|_| "shutting down".to_owned())?;
        done.await.map_err(|_| "shutting down".to_owned())?
    }
}

/// A trunk to be tried.
pub struct TrialAsk {
    /// `None`: whichever is likely meant.
    pub trunk: Option<String>,
    /// To be called; `None`: wait for a call that comes in.
    pub number: Option<String>,
    /// The administrator, or `None` for the owner of the machine.
    pub by: Option<String>,
    /// Of the answer, BCP 47.
    pub language: String,
    pub lines: mpsc::Sender<TrialLine>,
}

/// One thing found out, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialLine {
    /// `note`, `ok`, `odd` or `bad`.
    pub mark: &'static str,
    pub text: String,
}

/// Asks `app.rs` to try a trunk: pages do not know of voice.
#[derive(Clone)]
pub struct Trials(mpsc::Sender<TrialAsk>);

impl Trials {
    /// The asking side, and the receiver for who tries.
    pub fn channel() -> (Trials, mpsc::Receiver<TrialAsk>) {
        let (sender, receiver) = mpsc::channel(2);
        (Trials(sender), receiver)
    }

    /// False when others are being tried already.
    pub fn begin(&self, ask: TrialAsk) -> bool {
        self.0.try_send(ask).is_ok()
    }
}

/// A source of SIP to be let in again.
pub struct AllowAsk {
    pub source: IpAddr,
    /// The administrator.
    pub by: AgentId,
    /// Whether it was turned away.
    pub answer: oneshot::Sender<bool>,
}

/// Asks `app.rs` to let a source in again: pages do not know of voice.
#[derive(Clone)]
pub struct Sources(mpsc::Sender<AllowAsk>);

impl Sources {
    /// The asking side, and the receiver for who knows of sources.
    pub fn channel() -> (Sources, mpsc::Receiver<AllowAsk>) {
        let (sender, receiver) = mpsc::channel(4);
        (Sources(sender), receiver)
    }

    /// Whether it was turned away; false too when the process is stopping.
    pub async fn allow(&self, source: IpAddr, by: AgentId) -> bool {
        let (answer, done) = oneshot::channel();
        self.0.send(AllowAsk { source, by, answer }).await.is_ok() && done.await.unwrap_or_default()
    }
}

/// Something that only channels know.
pub enum ChannelAsk {
    /// Its templates shall be read from the platform now; whether they were.
    Templates { channel: ChannelId, done: oneshot::Sender<bool> },
    /// How each of them stands.
    Standing { answer: oneshot::Sender<Vec<ChannelStanding>> },
    /// Does everything work that this one needs? `None`: there is no such channel.
    Try { channel: ChannelId, answer: oneshot::Sender<Option<Vec<Tried>>> },
}

/// How one channel stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelStanding {
    pub channel: ChannelId,
    /// Where the platform's console takes our address; `None`: it never calls us, but is asked.
    pub called: Option<&'static str>,
    /// Where we are called; `None` while we have no address.
    pub hook: Option<String>,
    /// Long enough to say so.
    pub down: bool,
    pub hearing: Way,
    pub sending: Way,
    /// The heartbeat.
    pub probing: Way,
    /// What the last trial found that stops nobody, but that somebody should see to.
    pub odd: Vec<Tried>,
    /// Requests to our address that were not believed, one after the other: how many, the last, and why.
    pub disbelieved: Option<(u32, At, &'static str)>,
}

/// One direction of a channel, since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub worked_at: Option<At>,
    /// Since when it does not, and the newest reason in the platform's words.
    pub failing: Option<(At, String)>,
    /// The newest trouble, also when it is over.
    pub last: Option<(At, String)>,
}

/// One thing that a trial found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its name below `channels.probe`.
    pub what: &'static str,
    /// What the platform said.
    pub said: String,
    pub verdict: Verdict,
    /// The platform's own name of the setting to look at.
    pub setting: &'static str,
}

/// How a trial went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Works,
    /// Why somebody should see to it nevertheless, a name below `channels.odd`.
    Odd(&'static str),
    /// The kind of trouble, a name below `channels.trouble`.
    Fails(&'static str),
}

/// Asks `app.rs` of channels: pages do not know of them.
#[derive(Clone)]
pub struct Channels(mpsc::Sender<ChannelAsk>);

impl Channels {
    /// The asking side, and the receiver for who knows of channels.
    pub fn channel() -> (Channels, mpsc::Receiver<ChannelAsk>) {
        let (sender, receiver) = mpsc::channel(16);
        (Channels(sender), receiver)
    }

    /// Waits until the platform has told its templates, or has not; the store has what it told.
    pub async fn read_templates(&self, channel: ChannelId) -> bool {
        let (done, read) = oneshot::channel();
        self.0.send(ChannelAsk::Templates { channel, done }).await.is_ok() && read.await.unwrap_or_default()
    }

    /// Those behind which a platform stands.
    pub async fn standing(&self) -> Vec<ChannelStanding> {
        let (answer, told) = oneshot::channel();
        // Nobody answers while the process stops.
        let _ = self.0.send(ChannelAsk::Standing { answer }).await;
        told.await.unwrap_or_default()
    }

    /// Waits for the platform, a while at most.
    pub async fn try_it(&self, channel: ChannelId) -> Option<Vec<Tried>> {
        let (answer, told) = oneshot::channel();
        self.0.send(ChannelAsk::Try { channel, answer }).await.ok()?;
        told.await.ok()?
    }
}

impl FromRef<WebState> for Gate {
    fn from_ref(state: &WebState) -> Gate {
        state.gate.clone()
    }
}
