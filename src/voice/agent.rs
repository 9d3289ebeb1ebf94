//! An agent's leg in a call: a desk phone that is rung, or the browser leg that waits between calls.

use super::customer::{LegError, renegotiate};
use super::session::Session;
use crate::desk::id::AgentId;
use crate::desk::input::LegFailure;
use crate::media::{LegId, PeerId, Room};
use crate::sip::{Dialog, DialogEvent};
use futures_util::future::select_all;
use std::future::pending;
use tokio::sync::watch;

/// One agent's part in a call.
pub(super) struct AgentLeg {
    /// `None` while the browser's connection is gone and the page may bring another.
    pub leg: Option<LegId>,
    pub device: Device,
    /// `AgentAnswered` has been told.
    pub answered: bool,
    /// The desk phone has put us on hold (RFC 3264 §8.4): music has been asked for.
    pub holds: bool,
}

pub(super) enum Device {
    Phone {
        dialog: Dialog,
        session: Session,
    },
    /// Watches for the new leg that a reloaded page brings.
    Browser {
        peers: watch::Receiver<Option<PeerId>>,
    },
}

/// What is heard from an agent's device.
pub(super) enum AgentEvent {
    Dialog(DialogEvent),
    /// The dialog ended without a last word.
    DialogGone,
    /// The browser leg was replaced.
    Peer(PeerId),
}

impl AgentLeg {
    /// The next event of this device; cancel-safe.
    async fn recv(&mut self) -> AgentEvent {
        match &mut self.device {
            Device::Phone { dialog, .. } => dialog.recv().await.map_or(AgentEvent::DialogGone, AgentEvent::Dialog),
            Device::Browser { peers } => loop {
                if peers.changed().await.is_err() {
                    return pending().await;
                }
                if let Some(peer) = *peers.borrow_and_update() {
                    return AgentEvent::Peer(peer);
                }
            },
        }
    }

    pub(super) fn new(leg: LegId, device: Device) -> AgentLeg {
        AgentLeg { leg: Some(leg), device, answered: false, holds: false }
    }

    /// Takes in a description from the phone. `Some` when it puts the customer on hold by it, or takes them back.
    pub(super) fn negotiate(&mut self, room: &Room, event: &DialogEvent) -> Option<bool> {
        let Device::Phone { dialog, session } = &mut self.device else { return None };
        let remote = renegotiate(session, dialog, event)?;
        room.set_remote(self.leg?, remote);
        let holds = !remote.send;
        (self.answered && std::mem::replace(&mut self.holds, holds) != holds).then_some(holds)
    }

    /// The phone was picked up: audio flows to where its answer says.
    pub(super) fn picked_up(&mut self, room: &Room, answer: Option<&str>) -> Result<(), LegError> {
        if let (Device::Phone { session, .. }, Some(answer), Some(leg)) = (&mut self.device, answer, self.leg) {
            room.set_remote(leg, session.answered(answer)?);
        }
        Ok(())
    }
}

/// The next event of any agent's device. Waits for ever while there is none.
pub(super) async fn next(agents: &mut [(AgentId, AgentLeg)]) -> (AgentId, AgentEvent) {
    if agents.is_empty() {
        return pending().await;
    }
    // Each future lives until one is ready: a watch forgets whom to wake when its future is dropped.
    let devices = agents.iter_mut().map(|(agent, leg)| Box::pin(async move { (agent.clone(), leg.recv().await) }));
    select_all(devices).await.0
}

/// What a phone's refusal means (RFC 3261 §21).
pub(super) fn failure(status: u16) -> LegFailure {
    match status {
        486 | 600 => LegFailure::Busy,
        603 | 403 => LegFailure::Declined,
        408 | 480 | 487 => LegFailure::NoAnswer,
        _ => LegFailure::Unreachable,
    }
}
