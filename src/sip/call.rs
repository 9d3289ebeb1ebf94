//! The handles that `voice` holds: one `Dialog` per INVITE dialog, either side. Verbs go through a mailbox that never blocks and never loses `end`;
//! events come through a bounded channel that closes after `Ended`.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};

use super::guard::Ban;
use super::net::Transport;
use super::registrar::PhoneNews;
use super::wire::digest::Credentials;
use super::wire::{Headers, NameAddr, Uri};

/// Events waiting for a call's owner. One that is deafer than this has lost the call: it is ended.
pub(crate) const EVENTS: usize = 64;
/// Verbs waiting for the endpoint; more within one wake-up ends the call.
const VERBS: usize = 32;

/// What comes from outside without a call of its own.
pub enum Incoming {
    Invite(Box<IncomingCall>),
    /// An agent's phones came, went or moved.
    Phones(PhoneNews),
    /// A source is turned away from now on.
    Banned(Ban),
}

/// Who sent an INVITE, as far as it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A trunk, by its addresses.
    Trunk(Arc<str>),
    /// An agent's desk phone, by its password.
    Phone(Arc<str>),
}

/// An INVITE from somebody we know. Nothing was answered yet but 100 Trying.
pub struct IncomingCall {
    pub caller: Caller,
    pub source: SocketAddr,
    pub transport: Transport,
    pub request_uri: Uri,
    pub from: NameAddr,
    pub to: NameAddr,
    /// P-Asserted-Identity (RFC 3325), the first one; only peers get this far, so it may be believed as far as the peer is.
    pub asserted: Option<NameAddr>,
    /// `Privacy: id` and its like (RFC 3323, 3325): who it is may be known, and not shown.
    pub private: bool,
    /// The call of ours whose place this one is to take (RFC 3891); only phones may ask for that.
    pub replaces: Option<DialogId>,
    pub headers: Headers,
    /// The SDP text; `None` asks us to offer in the answer.
    pub offer: Option<String>,
    /// When its INVITE was read.
    pub arrived: Instant,
    pub dialog: Dialog,
}

/// A call to be made.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub to: Uri,
    pub from: NameAddr,
    /// Only by this transport; `None` takes what the name server says, else UDP.
    pub transport: Option<Transport>,
    pub offer: String,
    /// Further headers, name and value.
    pub headers: Vec<(String, String)>,
    /// Used when the peer challenges.
    pub credentials: Option<Credentials>,
    /// Whether a REFER of the callee is listened to: a phone of ours, never a trunk.
    pub may_refer: bool,
}

/// Names a dialog on our side, from the first message on (the peer's tag may still change by forking).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DialogId {
    pub call_id: Arc<str>,
    pub local_tag: Arc<str>,
}

impl fmt::Display for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{}", self.call_id, self.local_tag)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialogEvent {
    /// UAC: 101–199, and the first 100: somebody is there.
    Progress {
        status: u16,
        sdp: Option<String>,
    },
    /// UAC: 2xx; the ACK is sent.
    Answered {
        sdp: Option<String>,
    },
    /// UAC: a 3xx says where the one called is to be had; `Rejected` follows.
    Redirected {
        targets: Vec<Uri>,
    },
    /// UAC: a final response of 300 and more, or 408/503 of our own when none came; `Ended` follows.
    Rejected {
        status: u16,
        reason: String,
        retry_after: Option<u32>,
    },
    /// UAS: our 2xx was acknowledged; `sdp` is the answer when we had offered.
    Confirmed {
        sdp: Option<String>,
    },
    /// UAS: the caller gave up before our 2xx; 487 is sent, `Ended` follows.
    Cancelled,
    /// re-INVITE, UPDATE or PRACK: `answer_offer` or `reject_offer` must follow. `None` asks us to offer.
    Offer {
        sdp: Option<String>,
    },
    /// To our `reinvite`, or the answer to what we offered in a re-INVITE without one.
    OfferAnswered {
        sdp: Option<String>,
    },
    OfferRejected {
        status: u16,
    },
    /// INFO with `application/dtmf-relay` or `application/dtmf`.
    Dtmf {
        digit: char,
        ms: u32,
    },
    /// INFO with `Record: on` or `Record: off`: the recording key of desk phones (Snom, Yealink, Grandstream), in no RFC.
    Record {
        on: bool,
    },
    /// A phone of ours wants its call led elsewhere (RFC 3515): `refer_progress` must follow. `replaces` names the call of ours that is to
    /// be joined instead of calling `to`.
    Refer {
        to: Uri,
        replaces: Option<DialogId>,
    },
    /// Our own address out there has changed: the peer should be offered the new one.
    Moved,
    /// Always the last event. `status` is what ended it: 408 without an answer or ACK, 503 when the transport failed, the final response otherwise.
    Ended {
        by_peer: bool,
        status: Option<u16>,
        reason: Option<String>,
    },
}

/// What a handle asks of its dialog.
#[derive(Debug)]
pub(crate) enum Verb {
    Ringing(Option<String>),
    Answer(String),
    Reject(u16, &'static str),
    Reinvite(String),
    AnswerOffer(String),
    RejectOffer(u16),
    Dtmf(char, u32),
    ReferProgress(u16),
}

/// The endpoint's own name of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CallKey(pub u64);

/// Which calls have something in their mailbox; holds each call at most once, so it is as bounded as they are.
#[derive(Default)]
pub(crate) struct Ready {
    keys: Mutex<Vec<Arc<Mailbox>>>,
    pub notify: Notify,
}

impl Ready {
    pub fn take(&self) -> Vec<Arc<Mailbox>> {
        std::mem::take(&mut *lock(&self.keys))
    }
}

/// One call's verbs on their way to the endpoint.
pub(crate) struct Mailbox {
    pub key: CallKey,
    inner: Mutex<Letters>,
}

#[derive(Default)]
struct Letters {
    verbs: Vec<Verb>,
    end: Option<Option<String>>,
    listed: bool,
}

impl Mailbox {
    /// The verbs in their order, then perhaps the end with its reason.
    pub fn take(&self) -> (Vec<Verb>, Option<Option<String>>) {
        let mut letters = lock(&self.inner);
        letters.listed = false;
        (std::mem::take(&mut letters.verbs), letters.end.take())
    }
}

/// A poisoned lock only means that some thread panicked between two assignments; what it guards is still a list.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One INVITE dialog. Dropping it ends it as its stage asks: CANCEL, BYE or 480.
pub struct Dialog {
    id: DialogId,
    /// Of a call over several ways: the one that answered.
    won: Option<Arc<OnceLock<DialogId>>>,
    /// Of a call over several ways: those that it began with.
    ways: Vec<DialogId>,
    mailbox: Arc<Mailbox>,
    ready: Arc<Ready>,
    events: mpsc::Receiver<DialogEvent>,
    over: bool,
}

impl Dialog {
    pub(crate) fn new(id: DialogId, key: CallKey, ready: Arc<Ready>) -> (Dialog, mpsc::Sender<DialogEvent>) {
        let (sender, events) = mpsc::channel(EVENTS);
        let mailbox = Arc::new(Mailbox { key, inner: Mutex::default() });
        (Dialog { id, won: None, ways: Vec::new(), mailbox, ready, events, over: false }, sender)
    }

    /// The handle of several dialogs of which one will win.
    pub(super) fn won_by(mut self, won: Arc<OnceLock<DialogId>>, ways: Vec<DialogId>) -> Dialog {
        (self.won, self.ways) = (Some(won), ways);
        self
    }

    pub fn id(&self) -> &DialogId {
        self.won.as_ref().and_then(|won| won.get()).unwrap_or(&self.id)
    }

    /// Whether this is the dialog of that name; before one of several ways has won, any of them.
    pub fn is(&self, id: &DialogId) -> bool {
        match self.won.as_ref().and_then(|won| won.get()) {
            Some(won) => won == id,
            None => self.id == *id || self.ways.contains(id),
        }
    }

    pub fn call_id(&self) -> &str {
        &self.id().call_id
    }

    /// The next event; `None` after `Ended`. Cancel-safe.
    pub async fn recv(&mut self) -> Option<DialogEvent> {
        let event = self.events.recv().await;
        if matches!(event, None | Some(DialogEvent::Ended { .. })) {
            self.over = true;
        }
        event
    }

    /// UAS: 180, or 183 when it carries SDP.
    pub fn ringing(&self, sdp: Option<String>) {
        self.post(Verb::Ringing(sdp));
    }

    /// UAS: 200 with our answer, or our offer when the INVITE had none.
    pub fn answer(&self, sdp: String) {
        self.post(Verb::Answer(sdp));
    }

    /// UAS: a final response of 300–699; `reason` is the Reason header's text, or empty.
    pub fn reject(&self, status: u16, reason: &'static str) {
        self.post(Verb::Reject(status, reason));
    }

    /// CANCEL, BYE or 480, whichever is right now; `reason` goes into a Reason header. `Ended` follows at once.
    pub fn end(&self, reason: Option<String>) {
        self.write(|letters| letters.end = Some(reason));
    }

    /// Offers a new session. While the peer's offer is open the answer is `OfferRejected { status: 491 }`; a 491 from the peer is retried inside.
    pub fn reinvite(&self, sdp: String) {
        self.post(Verb::Reinvite(sdp));
    }

    pub fn answer_offer(&self, sdp: String) {
        self.post(Verb::AnswerOffer(sdp));
    }

    pub fn reject_offer(&self, status: u16) {
        self.post(Verb::RejectOffer(status));
    }

    /// INFO with `application/dtmf-relay`.
    pub fn info_dtmf(&self, digit: char, ms: u32) {
        self.post(Verb::Dtmf(digit, ms));
    }

    pub(super) fn post(&self, verb: Verb) {
        self.write(|letters| {
            if letters.verbs.len() < VERBS {
                letters.verbs.push(verb);
            } else {
                letters.end = Some(None);
            }
        });
    }

    /// How a `Refer` goes, as a SIP status; 200 and more end it (RFC 3515 §2.4.5).
    pub fn refer_progress(&self, status: u16) {
        self.post(Verb::ReferProgress(status));
    }

    fn write(&self, change: impl FnOnce(&mut Letters)) {
        let list = {
            let mut letters = lock(&self.mailbox.inner);
            change(&mut letters);
            !std::mem::replace(&mut letters.listed, true)
        };
        if list {
            lock(&self.ready.keys).push(self.mailbox.clone());
            self.ready.notify.notify_one();
        }
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        if !self.over {
            self.end(None);
        }
    }
}

impl fmt::Debug for Dialog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialog({})", self.id())
    }
}
