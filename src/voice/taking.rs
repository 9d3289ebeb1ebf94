//! An agent's running call taken over by another phone of theirs (RFC 3891): its INVITE says in Replaces whose place it takes, and is led to the
//! call that has this leg. Asked are the calls of that agent alone, so nobody gets into anybody else's.

use super::Voice;
use crate::desk::id::{AgentId, CallId};
use crate::sip::IncomingCall;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// INVITEs that wait for one call's task.
const ROOM: usize = 4;

/// An INVITE that asks for the place of a leg.
pub(super) struct Taking {
    pub agent: AgentId,
    pub invited: Box<IncomingCall>,
    /// To whom it goes back that none of this call's legs is meant by it.
    pub back: oneshot::Sender<Box<IncomingCall>>,
}

/// The way to a call's task.
pub(super) type Way = mpsc::Sender<Taking>;

pub(super) fn way() -> (Way, mpsc::Receiver<Taking>) {
    mpsc::channel(ROOM)
}

/// Which calls agents have at desk phones.
#[derive(Default)]
pub(super) struct AtPhones {
    calls: Mutex<BTreeMap<AgentId, Vec<(CallId, Way)>>>,
}

/// One leg at a desk phone, for as long as it is there.
pub(super) struct AtPhone {
    all: Arc<AtPhones>,
    agent: AgentId,
    call: CallId,
}

impl AtPhones {
    pub(super) fn enter(self: &Arc<Self>, agent: AgentId, call: CallId, way: Way) -> AtPhone {
        self.with(|calls| calls.entry(agent.clone()).or_default().push((call, way)));
        AtPhone { all: self.clone(), agent, call }
    }

    fn of(&self, agent: &AgentId) -> Vec<Way> {
        self.with(|calls| calls.get(agent).map(|calls| calls.iter().map(|(_, way)| way.clone()).collect())).unwrap_or_default()
    }

    fn with<T>(&self, f: impl FnOnce(&mut BTreeMap<AgentId, Vec<(CallId, Way)>>) -> T) -> T {
        f(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for AtPhone {
    fn drop(&mut self) {
        self.all.with(|calls| {
            let Some(of) = calls.get_mut(&self.agent) else { return };
            if let Some(at) = of.iter().position(|(call, _)| *call == self.call) {
                of.swap_remove(at);
            }
            if of.is_empty() {
                calls.remove(&self.agent);
            }
        });
    }
}

/// Offers the INVITE to each call that the agent has at a phone. A call that ends over it refuses it by dropping it.
pub(super) async fn take(voice: &Voice, agent: AgentId, mut invited: Box<IncomingCall>) {
    for way in voice.shared.at_phones.of(&agent) {
        let (back, wait) = oneshot::channel();
        let taking = Taking { agent: agent.clone(), invited, back };
        invited = match way.send(taking).await {
            Ok(()) => match wait.await {
                Ok(invited) => invited,
                Err(_) => return,
            },
            Err(mpsc::error::SendError(taking)) => taking.invited,
        };
    }
    tracing::info!(%agent, "a phone asks for the place of a call that is not its agent's");
    invited.dialog.reject(603, "");
}
