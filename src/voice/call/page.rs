//! A customer at a page: rung, connected, silent, back with another connection, gone.

use super::{Call, Next};
use crate::desk::input::{CallHeard, EndCause, EndedBy, LegFailure, LegParty};
use crate::desk::person::Page;
use crate::media::{Clip, LegId, PeerId, Repeat};
use crate::voice::customer::Customer;
use crate::voice::moment;
use crate::voice::page_leg::PageLeg;
use crate::voice::pages::PageHeard;
use std::sync::Arc;
use std::time::Duration;

/// What the customer hears while nobody talks to them; a page that was loaded again hears it on.
#[derive(Clone)]
pub(super) enum Sounding {
    Music(String),
    Clip(Arc<Clip>),
}

impl Call {
    /// Rings the customer's page.
    pub(super) fn knock(&mut self, page: &Page, ring_ms: i64) {
        let until = moment() + Duration::from_millis(u64::try_from(ring_ms).unwrap_or_default());
        match self.voice.shared.pages.register(page, self.id) {
            Some(line) => self.caller = Some(Customer::Page(PageLeg::rung(line, until))),
            None => self.tell(CallHeard::PartyFailed { party: LegParty::Customer, cause: LegFailure::Busy }),
        }
    }

    pub(super) fn page_event(&mut self, heard: PageHeard) -> Next {
        match heard {
            PageHeard::Peer(peer) => self.page_came(peer),
            PageHeard::Silent(peer) | PageHeard::Gone(peer) => {
                if self.page().is_some_and(|page| page.is(peer)) {
                    self.page_silent();
                }
            }
            PageHeard::Declined => self.page_not_had(LegFailure::Declined),
            PageHeard::TooLong => self.page_not_had(LegFailure::NoAnswer),
            PageHeard::HungUp => {
                // One that is still rung is not in the call.
                if self.page().is_some_and(PageLeg::stop_ringing) {
                    self.tell(CallHeard::PartyFailed { party: LegParty::Customer, cause: LegFailure::Declined });
                } else {
                    return Next::Over(EndedBy::Customer, EndCause::Normal);
                }
            }
        }
        Next::On
    }

    fn page(&mut self) -> Option<&mut PageLeg> {
        match &mut self.caller {
            Some(Customer::Page(page)) => Some(page),
            _ => None,
        }
    }

    fn page_not_had(&mut self, cause: LegFailure) {
        if self.page().is_some_and(PageLeg::stop_ringing) {
            self.tell(CallHeard::PartyFailed { party: LegParty::Customer, cause });
        }
    }

    /// A connection of the page carries media: it takes the call that rings there, or the place of the one before.
    fn page_came(&mut self, peer: PeerId) {
        let Some(Customer::Page(page)) = &mut self.caller else { return };
        let taken = page.stop_ringing();
        if taken {
            page.answered = true;
        }
        let former = page.take(&mut self.room, peer);
        let (answered, leg) = (page.answered, page.leg);
        if let Some(leg) = leg {
            self.room.record_as(leg);
        }
        if taken {
            self.tell(CallHeard::PartyAnswered { party: LegParty::Customer });
        } else if answered && former.peer.is_some() {
            // Between the two there was nobody: the agent has music until the new one is heard.
            self.page_silent();
        }
        self.close(former.leg, LegParty::Customer);
        if let Some(old) = former.peer {
            self.voice.shared.plane.remove_peer(old);
        }
        if let Some(leg) = leg {
            self.sound_on(leg);
        }
        self.repaint();
    }

    /// The page hears on what it heard before it was loaded again.
    fn sound_on(&mut self, leg: LegId) {
        match self.sounding.clone() {
            Some(Sounding::Music(name)) if self.picture.is_none() => self.music_to(leg, &name),
            Some(Sounding::Clip(clip)) if self.picture.is_none() => self.room.play(leg, clip, Repeat::Once),
            _ => {}
        }
    }

    pub(super) fn page_silent(&mut self) {
        if self.page().is_some_and(|page| !std::mem::replace(&mut page.silent, true)) {
            self.tell(CallHeard::CustomerSilent);
        }
    }

    pub(super) fn page_heard(&mut self) {
        if self.page().is_some_and(|page| std::mem::replace(&mut page.silent, false)) {
            self.tell(CallHeard::CustomerHeard);
        }
    }

    /// The page's leg has gone by itself: it may come back. Says whether the customer is at a page at all.
    pub(super) fn page_lost(&mut self) -> bool {
        let Some(page) = self.page() else { return false };
        page.leg = None;
        self.page_silent();
        true
    }
}
