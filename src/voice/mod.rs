//! Calls: SIP and browser legs on one side, the desk's verbs on the other.
//!
//! `hear.rs` takes a call from a trunk, looks the caller up and tells the desk. From then on one task per call (`call.rs`) owns the legs
//! and their media: verbs come in (`VoiceAct`), domain events go out (`CallHeard`).
//!
//! *Invariant: no decision is made here; SDP and SIP codes do not leave.*

mod admission;
mod begin;
mod call;
mod caller;
mod customer;
mod dialled;
mod health;
pub mod hear;
mod keys;
mod page_leg;
pub mod pages;
mod party;
mod phones;
pub mod prompts;
mod quality;
mod session;
pub mod softphone;
mod taking;
pub mod trial;
mod trunks;
pub mod voicemail;
mod way;

use crate::clock::Clock;
use crate::desk::id::{AgentId, TrunkId};
use crate::media::Plane;
use crate::sip::{Account, Endpoint, IpNet, Srtp};
use crate::speech::Speech;
use crate::store::Store;
use crate::switchboard::Switchboard;
use crate::webrtc::WebConfig;
use prompts::Prompts;
use softphone::Softphones;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use trunks::Trunk;

/// How long a stop waits for calls to tell their last figures and for recordings to be closed.
const FAREWELL: Duration = Duration::from_secs(8);

/// What the calls share; cheap to clone.
#[derive(Clone)]
pub struct Voice {
    shared: Arc<Shared>,
}

/// What [`Voice::start`] needs.
pub struct Parts {
    pub store: Store,
    pub switchboard: Switchboard,
    pub endpoint: Endpoint,
    pub plane: Plane,
    pub softphones: Softphones,
    /// Where customers' pages reach us.
    pub web: WebConfig,
    pub clock: Clock,
    pub settings: Settings,
    /// The folder of recordings.
    pub recordings: PathBuf,
}

/// What a reload may change.
#[derive(Clone)]
pub struct Settings {
    pub trunks: Vec<Trunk>,
    /// Log-ins of desk phones.
    pub phones: Vec<DeskPhone>,
    /// What leads to an agent when it is dialled on a desk phone: their id, their own line.
    pub colleagues: BTreeMap<String, AgentId>,
    pub prompts: Prompts,
    /// Who speaks texts.
    pub speech: Speech,
    /// The house's language, BCP 47.
    pub language: String,
    /// Calls are placed where browser legs live only if there can be any: agents with a browser phone, customers who call from a page.
    pub browsers: bool,
    /// Shown to desk phones as the calling host: our own SIP address.
    pub host: std::net::SocketAddr,
}

/// A desk phone that registers here.
#[derive(Debug, Clone)]
pub struct DeskPhone {
    pub account: Account,
    pub srtp: Srtp,
}

impl Settings {
    fn accounts(&self) -> Vec<Account> {
        self.phones.iter().map(|phone| phone.account.clone()).collect()
    }

    /// What a trunk does about encrypted audio.
    fn trunk_srtp(&self, trunk: &TrunkId) -> Srtp {
        Voice::trunk(self, trunk).map_or(Srtp::Off, |trunk| trunk.srtp)
    }

    /// What an agent's desk phone does about encrypted audio.
    fn phone_srtp(&self, agent: &AgentId) -> Srtp {
        self.phones.iter().find(|phone| phone.account.agent == agent.0).map_or(Srtp::Off, |phone| phone.srtp)
    }
}

struct Shared {
    store: Store,
    switchboard: Switchboard,
    endpoint: Endpoint,
    plane: Plane,
    softphones: Softphones,
    phones: phones::Phones,
    pages: pages::Pages,
    web: WebConfig,
    dialled: dialled::Dialled,
    at_phones: Arc<taking::AtPhones>,
    admission: admission::Admission,
    clock: Clock,
    recordings: PathBuf,
    /// Read once per call, swapped whole at a reload.
    settings: RwLock<Arc<Settings>>,
    /// Held while the settings and the endpoint's trunks change, so that the two stay the same.
    changing: tokio::sync::Mutex<()>,
    /// Cancelled when the trunks that are watched are others.
    watching: std::sync::Mutex<CancellationToken>,
    /// Cancelled when the process stops.
    stop: CancellationToken,
    /// The tasks of all calls.
    tasks: TaskTracker,
}

impl Voice {
    /// Tells the endpoint its trunks, registers where that is asked for, and starts to take calls.
    pub async fn start(parts: Parts, incoming: tokio::sync::mpsc::Receiver<crate::sip::Incoming>) -> anyhow::Result<Voice> {
        let voice = Voice {
            shared: Arc::new(Shared {
                store: parts.store,
                switchboard: parts.switchboard,
                endpoint: parts.endpoint,
                plane: parts.plane,
                softphones: parts.softphones,
                phones: phones::Phones::default(),
                pages: pages::Pages::default(),
                web: parts.web,
                dialled: dialled::Dialled::default(),
                at_phones: Arc::default(),
                admission: admission::Admission::new(parts.clock.clone()),
                clock: parts.clock,
                recordings: parts.recordings,
                settings: RwLock::new(Arc::new(parts.settings)),
                changing: tokio::sync::Mutex::default(),
                watching: std::sync::Mutex::default(),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        let settings = voice.settings();
        trunks::apply(&voice.shared.endpoint, &[], &settings.trunks).await;
        phones::begin(&voice.shared, settings.accounts()).await;
        voice.watch_trunks();
        let (admission, plane, desk) = (voice.shared.admission.clone(), voice.shared.plane.clone(), voice.shared.switchboard.clone());
        let behind = move || admission.is_behind() || plane.is_short_of_ports() || desk.is_behind();
        voice.shared.endpoint.set_behind(Arc::new(behind)).await;
        tokio::spawn(hear::run(voice.clone(), incoming));
        let begun = voice.shared.switchboard.begun().ok_or_else(|| anyhow::anyhow!("the calls of the desk are taken already"))?;
        tokio::spawn(begin::run(voice.clone(), begun));
        Ok(voice)
    }

    /// Takes over a reloaded configuration; running calls keep what they began with.
    pub async fn reload(&self, settings: Settings) {
        let _one = self.shared.changing.lock().await;
        self.change(settings).await;
    }

    /// Takes calls from where the trunks' servers are now; all else stays.
    pub async fn move_trunks(&self, found: Vec<(TrunkId, Vec<IpNet>)>) {
        let _one = self.shared.changing.lock().await;
        let mut settings = Settings::clone(&self.settings());
        let mut moved = false;
        for (id, sources) in found {
            if let Some(trunk) = settings.trunks.iter_mut().find(|trunk| trunk.id == id && trunk.sources != sources) {
                tracing::info!(trunk = %id, "the trunk's server has another address now");
                trunk.sources = sources;
                moved = true;
            }
        }
        if moved {
            self.change(settings).await;
        }
    }

    /// Writes down, for administrators, who is turned away.
    pub async fn write_bans(&self) {
        phones::write_bans(&self.shared).await;
    }

    /// An administrator lets a source in again before its time; whether it was turned away.
    pub async fn allow(&self, source: std::net::IpAddr, by: crate::desk::id::AgentId) -> bool {
        phones::allow(&self.shared, source, by).await
    }

    async fn change(&self, settings: Settings) {
        let old = self.settings();
        trunks::apply(&self.shared.endpoint, &old.trunks, &settings.trunks).await;
        self.shared.endpoint.set_accounts(settings.accounts(), Vec::new()).await;
        *self.shared.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(settings);
        self.watch_trunks();
    }

    /// Asks from now on these trunks how they are, and no others.
    fn watch_trunks(&self) {
        let until = self.shared.stop.child_token();
        let before = std::mem::replace(&mut *self.shared.watching.lock().unwrap_or_else(std::sync::PoisonError::into_inner), until.clone());
        before.cancel();
        health::watch(self, &self.settings(), &until);
    }

    /// Ends every call properly and waits until the desk has heard of it; new calls are turned away.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(FAREWELL, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!(calls = self.shared.tasks.len(), "calls did not end in time");
        }
    }

    fn settings(&self) -> Arc<Settings> {
        self.shared.settings.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn trunk<'a>(settings: &'a Settings, id: &TrunkId) -> Option<&'a Trunk> {
        settings.trunks.iter().find(|trunk| &trunk.id == id)
    }
}

/// This moment, for timers.
fn moment() -> tokio::time::Instant {
    tokio::time::Instant::from_std(Clock::system().instant())
}

#[cfg(test)]
mod tests;
