//! An agent's leg in a call: a desk phone that is rung, or the browser leg that waits between calls.

use super::customer::{LegError, renegotiate};
use super::session::Session;
use crate::desk::id::AgentId;
use crate::desk::input::LegFailure;
use crate::media::{LegId, PeerId, Room};
use crate::sip::{Dialog, DialogEvent};
use std::future::{Future, pending};
use std::pin::pin;
use std::task::Poll;
use tokio::sync::watch;

/// One agent's part in a call.
pub(super) struct AgentLeg {
    pub leg: LegId,
    pub device: Device,
    /// `AgentAnswered` has been told.
    pub answered: bool,
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

    /// Takes in a description from the phone.
    pub(super) fn negotiate(&mut self, room: &Room, event: &DialogEvent) {
        if let Device::Phone { dialog, session } = &mut self.device
            && let Some(remote) = renegotiate(session, dialog, event)
        {
            room.set_remote(self.leg, remote);
        }
    }

    /// The phone was picked up: audio flows to where its answer says.
    pub(super) fn picked_up(&mut self, room: &Room, answer: Option<&str>) -> Result<(), LegError> {
        if let (Device::Phone { session, .. }, Some(answer)) = (&mut self.device, answer) {
            room.set_remote(self.leg, session.answered(answer)?);
        }
        Ok(())
    }
}

/// The next event of any agent's device. Waits for ever while there is none.
pub(super) async fn next(agents: &mut [(AgentId, AgentLeg)]) -> (AgentId, AgentEvent) {
    std::future::poll_fn(|context| {
        for (agent, leg) in agents.iter_mut() {
            if let Poll::Ready(event) = pin!(leg.recv()).poll(context) {
                return Poll::Ready((agent.clone(), event));
            }
        }
        Poll::Pending
    })
    .await
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
