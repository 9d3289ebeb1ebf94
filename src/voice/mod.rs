//! Calls: SIP and browser legs on one side, the desk's verbs on the other.
//!
//! `hear.rs` takes a call from a trunk, looks the caller up and tells the desk. From then on one task per call (`call.rs`) owns the legs
//! and their media: verbs come in (`VoiceAct`), domain events go out (`CallHeard`).
//!
//! *Invariant: no decision is made here; SDP and SIP codes do not leave.*

mod agent;
mod call;
mod caller;
mod customer;
pub mod hear;
pub mod prompts;
mod session;
pub mod softphone;
mod trunks;

use crate::desk::id::{CallId, TrunkId};
use crate::media::Plane;
use crate::sip::Endpoint;
use crate::store::Store;
use crate::switchboard::Switchboard;
use prompts::Prompts;
use softphone::Softphones;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

pub use trunks::Trunk;

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
    pub settings: Settings,
    /// The folder of recordings.
    pub recordings: PathBuf,
}

/// What a reload may change.
#[derive(Clone)]
pub struct Settings {
    pub trunks: Vec<Trunk>,
    pub prompts: Prompts,
    /// Calls are placed where browser legs live only if there are agents with a browser phone.
    pub browser_agents: bool,
    /// Shown to desk phones as the calling host: our own SIP address.
    pub host: std::net::SocketAddr,
}

struct Shared {
    store: Store,
    switchboard: Switchboard,
    endpoint: Endpoint,
    plane: Plane,
    softphones: Softphones,
    recordings: PathBuf,
    /// Read once per call, swapped whole at a reload.
    settings: RwLock<Arc<Settings>>,
    /// Calls are numbered here, because the call must have its wire before the desk hears of it.
    next_call: AtomicU64,
}

impl Voice {
    /// Tells the endpoint its trunks, registers where that is asked for, and starts to take calls.
    pub async fn start(parts: Parts, incoming: tokio::sync::mpsc::Receiver<crate::sip::Incoming>) -> anyhow::Result<Voice> {
        let next_call = AtomicU64::new(parts.store.next_call_id()?);
        let voice = Voice {
            shared: Arc::new(Shared {
                store: parts.store,
                switchboard: parts.switchboard,
                endpoint: parts.endpoint,
                plane: parts.plane,
                softphones: parts.softphones,
                recordings: parts.recordings,
                settings: RwLock::new(Arc::new(parts.settings)),
                next_call,
            }),
        };
        trunks::apply(&voice.shared.endpoint, &[], &voice.settings().trunks).await;
        tokio::spawn(hear::run(voice.clone(), incoming));
        Ok(voice)
    }

    /// Takes over a reloaded configuration; running calls keep what they began with.
    pub async fn reload(&self, settings: Settings) {
        let old = self.settings();
        trunks::apply(&self.shared.endpoint, &old.trunks, &settings.trunks).await;
        *self.shared.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(settings);
    }

    fn settings(&self) -> Arc<Settings> {
        self.shared.settings.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn mint(&self) -> CallId {
        CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed))
    }

    fn trunk<'a>(settings: &'a Settings, id: &TrunkId) -> Option<&'a Trunk> {
        settings.trunks.iter().find(|trunk| &trunk.id == id)
    }
}
