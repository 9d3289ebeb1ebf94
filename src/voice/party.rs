//! Everybody's leg in a call but the caller's: an agent's desk phone or browser, and whoever we dial.

use super::customer::{LegError, renegotiate};
use super::session::{Session, recorded_as};
use super::taking::AtPhone;
use crate::desk::dial::DialRoute;
use crate::desk::id::AgentId;
use crate::desk::input::{LegFailure, LegParty};
use crate::media::{LegId, PeerId, Remote, Room};
use crate::rtp::Law;
use crate::sip::{Dialog, DialogEvent, Uri};
use futures_util::future::select_all;
use std::collections::VecDeque;
use std::future::pending;
use tokio::sync::watch;
use tokio::time::Instant;

/// One party's part in a call.
pub(super) struct PartyLeg {
    /// `None` while the browser's connection is gone and the page may bring another.
    pub leg: Option<LegId>,
    pub device: Device,
    /// `AgentAnswered` or `PartyAnswered` has been told.
    pub answered: bool,
    /// The desk phone has put us on hold (RFC 3264 §8.4): music has been asked for.
    pub holds: bool,
    /// Its recording's, where it is the one who is recorded on the left.
    pub law: Law,
    /// An agent's desk phone: another one may take its place.
    pub at_phone: Option<AtPhone>,
    /// What is left to try; `None` for agents, and once it is answered.
    pub dialling: Option<Dialling>,
}

/// A number that is being called.
pub(super) struct Dialling {
    pub routes: VecDeque<DialRoute>,
    /// The one in use.
    pub route: Option<DialRoute>,
    /// Where its trunk has sent us instead.
    pub elsewhere: Vec<Uri>,
    /// How often that was followed.
    pub hops: u8,
    /// When it must have shown a sign of life; `None` once it has.
    pub patience: Option<Instant>,
    /// When ringing has lasted long enough.
    pub deadline: Instant,
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

/// What is heard from a party's device.
pub(super) enum PartyEvent {
    Dialog(DialogEvent),
    /// The dialog ended without a last word.
    DialogGone,
    /// The browser leg was replaced.
    Peer(PeerId),
    /// The trunk has shown no sign of life.
    Silent,
    /// It has rung for long enough.
    TooLong,
}

impl PartyLeg {
    /// The next event of this device; cancel-safe.
    pub(super) async fn recv(&mut self) -> PartyEvent {
        let deadline = self.dialling.as_ref().map(|dialling| dialling.deadline);
        let patience = self.dialling.as_ref().and_then(|dialling| dialling.patience);
        match &mut self.device {
            Device::Phone { dialog, .. } => tokio::select! {
                event = dialog.recv() => event.map_or(PartyEvent::DialogGone, PartyEvent::Dialog),
                () = until(deadline) => PartyEvent::TooLong,
                () = until(patience) => PartyEvent::Silent,
            },
            Device::Browser { peers } => loop {
                if peers.changed().await.is_err() {
                    return pending().await;
                }
                if let Some(peer) = *peers.borrow_and_update() {
                    return PartyEvent::Peer(peer);
                }
            },
        }
    }

    pub(super) fn new(leg: LegId, device: Device) -> PartyLeg {
        PartyLeg { leg: Some(leg), device, answered: false, holds: false, law: Law::Pcmu, at_phone: None, dialling: None }
    }

    /// Takes in a description from the phone. `Some` when it puts the others on hold by it, or takes them back.
    pub(super) fn negotiate(&mut self, room: &Room, event: &DialogEvent) -> Option<bool> {
        let Device::Phone { dialog, session } = &mut self.device else { return None };
        if let DialogEvent::Refer { .. } = event {
            // Nobody here knows how to lead a call elsewhere.
            dialog.refer_progress(603);
        }
        let remote = renegotiate(session, dialog, event)?;
        self.set_remote(room, remote);
        let holds = !remote.send;
        (self.answered && std::mem::replace(&mut self.holds, holds) != holds).then_some(holds)
    }

    /// The phone was picked up, or sends audio before: it flows to where its answer says.
    pub(super) fn described(&mut self, room: &Room, answer: Option<&str>) -> Result<(), LegError> {
        let remote = match (&mut self.device, answer) {
            (Device::Phone { session, .. }, Some(answer)) => session.answered(answer)?,
            _ => return Ok(()),
        };
        self.set_remote(room, remote);
        Ok(())
    }

    fn set_remote(&mut self, room: &Room, remote: Remote) {
        if let Some(leg) = self.leg {
            self.law = recorded_as(remote.codec);
            room.set_remote(leg, remote);
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => pending().await,
    }
}

/// The next event of any party's device. Waits for ever while there is none.
pub(super) async fn next(parties: &mut [(LegParty, PartyLeg)]) -> (LegParty, PartyEvent) {
    if parties.is_empty() {
        return pending().await;
    }
    // Each future lives until one is ready: a watch forgets whom to wake when its future is dropped.
    let devices = parties.iter_mut().map(|(party, leg)| Box::pin(async move { (party.clone(), leg.recv().await) }));
    select_all(devices).await.0
}

/// The agent whose leg it is.
pub(super) fn agent_of(party: &LegParty) -> Option<&AgentId> {
    match party {
        LegParty::Agent(agent) => Some(agent),
        LegParty::Customer | LegParty::Outside(_) => None,
    }
}

/// What a refusal means (RFC 3261 §21).
pub(super) fn failure(status: u16) -> LegFailure {
    match status {
        486 | 600 => LegFailure::Busy,
        603 | 403 => LegFailure::Declined,
        408 | 480 | 487 => LegFailure::NoAnswer,
        404 | 410 | 484 | 604 => LegFailure::NoSuchNumber,
        _ => LegFailure::Unreachable,
    }
}

/// Whether the one called has spoken, so that no other route will bring them (RFC 3261 §21.4.18, §21.4.24, §21.6).
pub(super) fn is_final(status: u16) -> bool {
    matches!(status, 480 | 486 | 487 | 600 | 603)
}
