//! INVITE dialogs from both sides, RFC 3261 §12–15: `state` is the dialog of §12, `uas` and `uac` make calls, `within` is what happens inside one,
//! `modify` is re-INVITE and UPDATE with their glare (RFC 3311), `reliable` is PRACK and early dialogs (RFC 3262), `timer` session timers
//! (RFC 4028), `refer` what a phone wants done with its call (RFC 3515, 3891), `finish` is every way to the end. The machine is the `Call`; the core that owns it acts.

mod finish;
mod modify;
mod refer;
mod reliable;
mod state;
mod timer;
mod uac;
mod uas;
mod within;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::core::TxId;
use super::net::Flow;
use super::transaction::{T1, T2, T64};
use super::wire::digest::{Credentials, DigestClient};
pub(crate) use refer::Ended;
use refer::Referring;
use reliable::{Early, Reliable};
pub(crate) use state::DialogState;
use timer::SessionTimer;
pub(super) use timer::{MIN_SE, SUPPORTED};
pub(super) use uac::{leading_number, tagged};

/// Where a call stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// UAS: their INVITE has no final response yet.
    Ringing { tx: TxId },
    /// UAC: our INVITE has none.
    Calling(Calling),
    /// A 2xx was sent or received.
    Up,
}

#[derive(Debug)]
pub(crate) struct Calling {
    pub tx: TxId,
    /// A provisional response came, so CANCEL may go out (§9.1).
    pub proceeding: bool,
    /// The caller gave up: CANCEL as soon as allowed, BYE should a 2xx win the race. The reason is for the Reason header.
    pub abandoned: Option<Option<String>>,
    /// Challenges answered so far.
    pub challenges: u8,
    /// Session intervals that were too short for somebody on the way, RFC 4028 §7.3.
    pub intervals: u8,
}

/// Their offer, waiting for our owner.
#[derive(Debug)]
pub(crate) struct OpenOffer {
    pub tx: TxId,
    pub invite: bool,
    pub cseq: u32,
    /// They asked us to offer; their answer comes with the ACK.
    pub empty: bool,
    /// Our answer to the INVITE, which waits for this one.
    pub then: Option<String>,
}

/// Our re-INVITE.
#[derive(Debug)]
pub(crate) struct OurOffer {
    pub sdp: String,
    /// The INVITE that carries it.
    pub tx: Option<TxId>,
    pub tries: u8,
    /// After a 491, §14.1.
    pub retry_at: Option<Instant>,
}

/// Our 2xx to an INVITE, repeated until its ACK comes, §13.3.1.4.
#[derive(Debug)]
pub(crate) struct Unacked {
    pub tx: TxId,
    pub cseq: u32,
    /// The INVITE that made the call, not one within it.
    pub first: bool,
    /// The 2xx carried our offer: the ACK must carry the answer.
    pub offered: bool,
    flow: Flow,
    response: Bytes,
    at: Instant,
    interval: Duration,
    give_up: Instant,
}

impl Unacked {
    fn new(now: Instant, tx: TxId, cseq: u32, first: bool, offered: bool, (flow, response): (Flow, Bytes)) -> Unacked {
        Unacked { tx, cseq, first, offered, flow, response, at: now + T1, interval: T1, give_up: now + T64 }
    }
}

/// One INVITE dialog usage.
#[derive(Debug)]
pub(crate) struct Call {
    pub call_id: Arc<str>,
    pub local_tag: Arc<str>,
    /// Where the peer's messages come from, or where our first INVITE went.
    pub flow: Flow,
    pub stage: Stage,
    /// UAS: from the start. UAC: with the 2xx.
    pub dialog: Option<DialogState>,
    pub unacked: Option<Unacked>,
    pub open_offer: Option<OpenOffer>,
    pub our_offer: Option<OurOffer>,
    /// §15: a callee may not send BYE before the ACK; the reason waits here.
    pub bye_after_ack: Option<Option<String>>,
    /// We made the call: decides the waiting times after a 491 (§14.1).
    pub caller: bool,
    pub credentials: Option<Credentials>,
    pub digest: Option<DigestClient>,
    /// UAC: before the 2xx, by remote tag.
    pub early: Vec<Early>,
    /// UAS: the caller insists on reliable provisional responses; the last number.
    pub rseq: Option<u32>,
    pub reliable: Option<Reliable>,
    pub timer: Option<SessionTimer>,
    /// An UPDATE that renews the session is on its way.
    pub refreshing: bool,
    /// The peer allows UPDATE.
    pub updates: bool,
    /// What we described last, for a re-INVITE that only renews.
    pub last_sdp: Option<String>,
    /// A phone of ours: its REFER is listened to.
    pub may_refer: bool,
    pub referring: Option<Referring>,
    /// UAC: see [`DialogState::pinned`].
    pub pinned: bool,
    /// The owner was told `Ended`.
    pub silent: bool,
    /// The entry in the timer heap.
    pub armed: Option<Instant>,
}

impl Call {
    pub(super) fn new(call_id: Arc<str>, local_tag: Arc<str>, flow: Flow, stage: Stage, caller: bool) -> Call {
        Call {
            call_id,
            local_tag,
            flow,
            stage,
            dialog: None,
            unacked: None,
            open_offer: None,
            our_offer: None,
            bye_after_ack: None,
            caller,
            credentials: None,
            digest: None,
            early: Vec::new(),
            rseq: None,
            reliable: None,
            timer: None,
            refreshing: false,
            updates: false,
            last_sdp: None,
            may_refer: false,
            referring: None,
            pinned: false,
            silent: false,
            armed: None,
        }
    }

    pub fn is_up(&self) -> bool {
        matches!(self.stage, Stage::Up)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let unacked = self.unacked.as_ref().map(|unacked| unacked.at.min(unacked.give_up));
        let retry = self.our_offer.as_ref().and_then(|offer| offer.retry_at);
        let timer = self.timer.filter(|_| matches!(self.stage, Stage::Up)).map(|timer| timer.due);
        let reliable = self.reliable.as_ref().map(|reliable| reliable.at.min(reliable.give_up));
        [unacked, retry, timer, reliable].into_iter().flatten().min()
    }
}

/// The next time a 2xx goes out again: doubling up to T2.
fn again(unacked: &mut Unacked, now: Instant) {
    unacked.interval = (unacked.interval * 2).min(T2);
    unacked.at = now + unacked.interval;
}
