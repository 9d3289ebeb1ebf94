//! The leg of a customer at a page. Connections come and go under it: each that carries media takes the former's place.

use super::pages::{PageHeard, PageLine};
use crate::media::{LegId, PeerId, Plane, Room};
use std::future::pending;
use tokio::time::Instant;

pub(super) struct PageLeg {
    line: PageLine,
    /// Until when the page is rung, in a call of ours that it has not taken yet.
    rung: Option<Instant>,
    peer: Option<PeerId>,
    pub leg: Option<LegId>,
    /// The call has audio for it.
    pub answered: bool,
    /// The desk knows that nothing is heard of it.
    pub silent: bool,
}

/// What a new connection has put aside.
pub(super) struct Former {
    pub leg: Option<LegId>,
    pub peer: Option<PeerId>,
}

impl PageLeg {
    pub(super) fn new(line: PageLine) -> PageLeg {
        PageLeg { line, rung: None, peer: None, leg: None, answered: false, silent: false }
    }

    /// Of a page that is rung until then.
    pub(super) fn rung(line: PageLine, until: Instant) -> PageLeg {
        PageLeg { rung: Some(until), ..PageLeg::new(line) }
    }

    /// The next that is heard of it; cancel-safe.
    pub(super) async fn recv(&mut self) -> PageHeard {
        let rung = self.rung;
        let late = async {
            match rung {
                Some(until) => tokio::time::sleep_until(until).await,
                None => pending().await,
            }
        };
        tokio::select! {
            // The sender is kept in the list for as long as this leg lives.
            heard = self.line.heard.recv() => match heard {
                Some(heard) => heard,
                None => pending().await,
            },
            () = late => PageHeard::TooLong,
        }
    }

    /// It has taken our call, or is not wanted any more; whether it was being rung.
    pub(super) fn stop_ringing(&mut self) -> bool {
        self.rung.take().is_some()
    }

    pub(super) fn answer(&mut self, room: &mut Room) {
        if !std::mem::replace(&mut self.answered, true) {
            self.leg = self.peer.map(|peer| room.add_peer(peer));
        }
    }

    /// Puts a connection in the place of the former one.
    pub(super) fn take(&mut self, room: &mut Room, peer: PeerId) -> Former {
        let former = Former { leg: self.leg.take(), peer: self.peer.replace(peer) };
        self.leg = self.answered.then(|| room.add_peer(peer));
        former
    }

    pub(super) fn is(&self, peer: PeerId) -> bool {
        self.peer == Some(peer)
    }

    /// Says goodbye, so that the page notices at once.
    pub(super) fn end(&self, plane: &Plane) {
        if let Some(peer) = self.peer {
            plane.remove_peer(peer);
        }
    }
}
