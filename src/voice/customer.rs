//! The customer's leg: the dialog a trunk opened and the audio beside it, or the page that they call from.

use super::page_leg::PageLeg;
use super::pages::PageHeard;
use super::session::{Session, recorded_as};
use super::trunks::Trunk;
use crate::desk::act::RejectCause;
use crate::media::{LegId, MediaError, Plane, Remote, Room};
use crate::rtp::{Codec, Law};
use crate::sip::sdp::SdpError;
use crate::sip::{Dialog, DialogEvent, IncomingCall, Srtp};
use crate::sound::Improve;

/// The leg of the customer.
pub(super) enum Customer {
    Phone(Phone),
    Page(PageLeg),
}

/// What is heard from it.
pub(super) enum CustomerEvent {
    /// `None`: the dialog ended without a last word.
    Dialog(Option<DialogEvent>),
    Page(PageHeard),
}

/// A caller at a telephone.
pub(super) struct Phone {
    dialog: Dialog,
    /// What the caller offered; `None` when it leaves the offer to us (RFC 3261 §13.2.1).
    offer: Option<String>,
    srtp: Srtp,
    /// What its trunk speaks, the preferred one first.
    codecs: Vec<Codec>,
    improve: Improve,
    audio: Option<Audio>,
}

/// Audio exists from the answer on.
struct Audio {
    leg: LegId,
    session: Session,
    codec: Codec,
}

/// Why a leg has no audio.
#[derive(Debug, thiserror::Error)]
pub(super) enum LegError {
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Sdp(#[from] SdpError),
}

impl Customer {
    /// A caller of that trunk; of none that we know, what all speak.
    pub(super) fn at_phone(invited: Box<IncomingCall>, trunk: Option<&Trunk>, srtp: Srtp) -> Customer {
        let codecs = trunk.map_or(Codec::ALL.to_vec(), |trunk| trunk.codecs.clone());
        let improve = trunk.map_or(Improve::default(), |trunk| trunk.improve);
        Customer::Phone(Phone { dialog: invited.dialog, offer: invited.offer, codecs, improve, srtp, audio: None })
    }

    /// The media leg, once answered.
    pub(super) fn leg(&self) -> Option<LegId> {
        match self {
            Customer::Phone(phone) => phone.audio.as_ref().map(|audio| audio.leg),
            Customer::Page(page) => page.leg,
        }
    }

    /// The law of the recording.
    pub(super) fn law(&self) -> Law {
        self.codec().map_or(Law::Pcmu, recorded_as)
    }

    /// What is spoken, once answered.
    pub(super) fn codec(&self) -> Option<Codec> {
        match self {
            Customer::Phone(phone) => phone.audio.as_ref().map(|audio| audio.codec),
            // What pages prefer, as agents' do.
            Customer::Page(_) => Some(Codec::Law(Law::Pcmu)),
        }
    }

    /// A page knows by itself that it waits.
    pub(super) fn ringing(&self) {
        if let Customer::Phone(phone) = self {
            phone.dialog.ringing(None);
        }
    }

    /// Answers the call: from here on it is heard and hears.
    pub(super) fn answer(&mut self, room: &mut Room) -> Result<(), LegError> {
        match self {
            Customer::Phone(phone) => phone.answer(room),
            Customer::Page(page) => {
                page.answer(room);
                Ok(())
            }
        }
    }

    pub(super) fn refuse(&self, status: u16, plane: &Plane) {
        match self {
            Customer::Phone(phone) => phone.dialog.reject(status, ""),
            Customer::Page(page) => page.end(plane),
        }
    }

    pub(super) fn end(&self, plane: &Plane) {
        match self {
            Customer::Phone(phone) => phone.dialog.end(None),
            Customer::Page(page) => page.end(plane),
        }
    }

    /// Takes in a description that came after the answer: the caller's answer to our offer, or a re-INVITE.
    pub(super) fn negotiate(&mut self, room: &Room, event: &DialogEvent) {
        if let Customer::Phone(phone) = self {
            phone.negotiate(room, event);
        }
    }
}

impl Phone {
    fn answer(&mut self, room: &mut Room) -> Result<(), LegError> {
        if self.audio.is_some() {
            return Ok(());
        }
        let (leg, local) = room.add_rtp()?;
        let mut session = Session::new(local.port(), self.codecs.clone(), self.srtp);
        if self.improve.any() {
            room.improve(leg, self.improve);
        }
        let body = match &self.offer {
            Some(offer) => {
                let (answer, remote) = session.answer(offer)?;
                self.audio = Some(Audio { leg, session, codec: remote.codec });
                room.set_remote(leg, remote);
                answer
            }
            None => {
                let offer = session.offer();
                self.audio = Some(Audio { leg, session, codec: Codec::Law(Law::Pcmu) });
                offer
            }
        };
        self.dialog.answer(body);
        Ok(())
    }

    fn negotiate(&mut self, room: &Room, event: &DialogEvent) {
        let Some(audio) = &mut self.audio else {
            // Nothing has been said yet of their first one.
            if matches!(event, DialogEvent::Offer { .. }) {
                self.dialog.reject_offer(488);
            }
            return;
        };
        let remote = renegotiate(&mut audio.session, &self.dialog, event);
        if let Some(remote) = remote {
            audio.codec = remote.codec;
            room.set_remote(audio.leg, remote);
        }
    }
}

/// The next event of the customer's own leg. Waits for ever where there is none.
pub(super) async fn next(customer: Option<&mut Customer>) -> CustomerEvent {
    match customer {
        Some(Customer::Phone(phone)) => CustomerEvent::Dialog(phone.dialog.recv().await),
        Some(Customer::Page(page)) => CustomerEvent::Page(page.recv().await),
        None => std::future::pending().await,
    }
}

/// What a later offer or answer makes of a leg. Answers offers on the dialog; an offer we cannot take leaves the leg as it is (RFC 3261 §14.2).
pub(super) fn renegotiate(session: &mut Session, dialog: &Dialog, event: &DialogEvent) -> Option<Remote> {
    match event {
        DialogEvent::Confirmed { sdp: Some(answer) } | DialogEvent::OfferAnswered { sdp: Some(answer) } => {
            session.answered(answer).inspect_err(|error| tracing::warn!(%error, "the peer's answer cannot be used")).ok()
        }
        DialogEvent::Offer { sdp: Some(offer) } => match session.answer(offer) {
            Ok((answer, remote)) => {
                dialog.answer_offer(answer);
                Some(remote)
            }
            Err(error) => {
                tracing::info!(%error, "a re-INVITE was refused");
                dialog.reject_offer(488);
                None
            }
        },
        DialogEvent::Offer { sdp: None } => {
            dialog.answer_offer(session.offer());
            None
        }
        DialogEvent::Moved => {
            dialog.reinvite(session.offer());
            None
        }
        _ => None,
    }
}

/// How a refusal is said in SIP (RFC 3261 §21.4–21.6).
pub(super) fn status(cause: RejectCause) -> u16 {
    match cause {
        RejectCause::NoSuchNumber => 404,
        RejectCause::Declined => 603,
        RejectCause::Unavailable => 480,
        RejectCause::Busy => 486,
        RejectCause::Overloaded => 503,
    }
}
