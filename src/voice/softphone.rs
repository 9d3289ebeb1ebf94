//! Agents' browser phones: one media connection per agent, made when the page opens and kept between calls, so that answering costs no
//! set-up and a dead microphone or network is known before a call is offered.

use crate::auth::SessionId;
use crate::clock::Clock;
use crate::desk::id::AgentId;
use crate::desk::input::{Device, Input};
use crate::media::{PeerEvent, PeerId, Plane};
use crate::switchboard::Switchboard;
use crate::webrtc::{self, WebConfig, WebrtcError};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Offers one agent may make within `OFFERS_WITHIN`: reloads and network changes, not a loop gone wild.
const OFFERS: usize = 12;
const OFFERS_WITHIN: Duration = Duration::from_secs(30);
/// Events one browser leg may have waiting.
const EVENTS: usize = 16;

/// The browser phones of all agents; cheap to clone.
#[derive(Clone)]
pub struct Softphones {
    shared: Arc<Shared>,
}

struct Shared {
    plane: Plane,
    web: WebConfig,
    switchboard: Switchboard,
    clock: Clock,
    /// The connected leg of each agent, watched by the calls they are in: a reloaded page brings a new one.
    agents: Mutex<HashMap<AgentId, watch::Sender<Option<PeerId>>>>,
    /// Every connection with the session that asked for it: when that is over, nobody may listen on.
    peers: Mutex<HashMap<PeerId, (AgentId, SessionId)>>,
    /// Offers of the last moments; as many entries at most as agents times `OFFERS`.
    offers: Mutex<Vec<(AgentId, Instant)>>,
}

/// Why a page gets no media connection.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    #[error("too many connections in a short time")]
    TooMany,
    #[error(transparent)]
    Webrtc(#[from] WebrtcError),
    #[error("the connection could not be made: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Softphones {
    pub fn new(plane: Plane, web: WebConfig, switchboard: Switchboard, clock: Clock) -> Softphones {
        Softphones {
            shared: Arc::new(Shared {
                plane,
                web,
                switchboard,
                clock,
                agents: Mutex::default(),
                peers: Mutex::default(),
                offers: Mutex::default(),
            }),
        }
    }

    /// Whether the agent's page may have another connection now: each offer holds memory until it is connected or given up.
    fn may_offer(&self, agent: &AgentId) -> bool {
        let now = self.shared.clock.instant();
        let mut offers = self.shared.offers.lock().unwrap_or_else(PoisonError::into_inner);
        offers.retain(|(_, at)| now.duration_since(*at) < OFFERS_WITHIN);
        let allowed = offers.iter().filter(|(of, _)| of == agent).count() < OFFERS;
        if allowed {
            offers.push((agent.clone(), now));
        }
        allowed
    }

    /// Answers a page's offer. The leg counts as the agent's once audio can flow; until then an older one stays in use.
    /// `phone` is the name by which the page speaks of itself to the desk, too.
    pub async fn offer(&self, agent: AgentId, session: SessionId, phone: String, offer: String) -> Result<String, OfferError> {
        if !self.may_offer(&agent) {
            return Err(OfferError::TooMany);
        }
        let shared = self.shared.clone();
        let answered = tokio::task::spawn_blocking(move || webrtc::answer(&shared.web, &offer, shared.clock.instant())).await??;
        let (events, heard) = mpsc::channel(EVENTS);
        let peer = self.shared.plane.add_peer(answered.peer, events);
        self.peers().insert(peer, (agent.clone(), session));
        tokio::spawn(follow(self.clone(), agent, phone, peer, heard));
        Ok(answered.answer)
    }

    /// Whose connections there are, by the sessions that asked for them.
    pub fn sessions(&self) -> HashSet<(AgentId, SessionId)> {
        self.peers().values().cloned().collect()
    }

    /// Ends the connections of a session that is over. A call that ran on one has music, then another agent.
    pub fn end_session(&self, session: SessionId) {
        let ended: Vec<PeerId> = self.peers().iter().filter(|(_, (_, of))| *of == session).map(|(peer, _)| *peer).collect();
        for peer in ended {
            self.shared.plane.remove_peer(peer);
        }
    }

    /// The agent's connected leg, now and whenever it changes.
    pub(super) fn watch(&self, agent: &AgentId) -> watch::Receiver<Option<PeerId>> {
        self.agents().entry(agent.clone()).or_insert_with(|| watch::channel(None).0).subscribe()
    }

    /// Puts a connected leg in the place of the former one.
    fn connected(&self, agent: &AgentId, phone: &str, peer: PeerId) {
        let mut former = None;
        self.agents().entry(agent.clone()).or_insert_with(|| watch::channel(None).0).send_if_modified(|used| {
            // One that was only silent for a while is connected again: its call has it already.
            let new = *used != Some(peer);
            if new {
                former = used.replace(peer);
            }
            new
        });
        if let Some(former) = former {
            self.shared.plane.remove_peer(former);
        }
        self.tell(agent, Device::VoiceReady { phone: phone.to_owned() });
    }

    /// A leg is gone; only the one in use counts.
    fn gone(&self, agent: &AgentId, peer: PeerId, problem: &str) {
        let was_used = self.agents().get(agent).is_some_and(|used| {
            used.send_if_modified(|used| {
                let same = *used == Some(peer);
                if same {
                    *used = None;
                }
                same
            })
        });
        if was_used {
            self.tell(agent, Device::VoiceLost { problem: problem.to_owned() });
        }
    }

    fn tell(&self, agent: &AgentId, device: Device) {
        if self.shared.switchboard.tell(Input::Device(agent.clone(), device)).is_err() {
            tracing::error!(%agent, "the desk is too busy to hear of a browser phone");
        }
    }

    fn peers(&self) -> std::sync::MutexGuard<'_, HashMap<PeerId, (AgentId, SessionId)>> {
        self.shared.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn agents(&self) -> std::sync::MutexGuard<'_, HashMap<AgentId, watch::Sender<Option<PeerId>>>> {
        self.shared.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows one leg from its offer to its end.
async fn follow(softphones: Softphones, agent: AgentId, phone: String, peer: PeerId, mut heard: mpsc::Receiver<PeerEvent>) {
    while let Some(event) = heard.recv().await {
        tracing::debug!(%agent, ?peer, ?event, "browser phone");
        match event {
            PeerEvent::Connected => softphones.connected(&agent, &phone, peer),
            // The page may come back on another network; offers stop meanwhile, a running call keeps its leg.
            PeerEvent::Disconnected => softphones.tell_disconnected(&agent, peer),
            PeerEvent::Closed | PeerEvent::Failed => break,
        }
    }
    softphones.peers().remove(&peer);
    softphones.gone(&agent, peer, "media_lost");
    softphones.shared.plane.remove_peer(peer);
}

impl Softphones {
    fn tell_disconnected(&self, agent: &AgentId, peer: PeerId) {
        let used = self.agents().get(agent).is_some_and(|used| *used.borrow() == Some(peer));
        if used {
            self.tell(agent, Device::VoiceLost { problem: "media_lost".into() });
        }
    }
}
