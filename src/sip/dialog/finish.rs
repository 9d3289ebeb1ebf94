//! Every way a call ends, RFC 3261 §15: our end, theirs, a timeout, a dead dialog; and the call's timers.

use std::sync::Arc;
use std::time::Instant;

use super::{Call, Stage};
use crate::sip::call::{CallKey, DialogEvent, Verb};
use crate::sip::core::{Core, Owner, Reply, Wake};
use crate::sip::net::Flow;
use crate::sip::wire::{Method, RequestSpec};

impl Core {
    /// What the handle asked for.
    pub fn handle_verb(&mut self, now: Instant, key: CallKey, verb: Verb) {
        match verb {
            Verb::Ringing(sdp) => self.ringing(now, key, sdp.as_deref()),
            Verb::Answer(sdp) => self.answer(now, key, &sdp),
            Verb::Reject(status, reason) => self.reject(now, key, status, reason),
            Verb::Reinvite(sdp) => self.reinvite(now, key, sdp),
            Verb::AnswerOffer(sdp) => self.answer_offer(now, key, &sdp),
            Verb::RejectOffer(status) => self.reject_offer(now, key, status),
            Verb::Dtmf(digit, ms) => self.send_dtmf(now, key, digit, ms),
            Verb::ReferProgress(status) => self.notify(now, key, status),
        }
    }

    /// Ends a call as its stage asks; correct in every race.
    pub fn end(&mut self, now: Instant, key: CallKey, reason: Option<String>) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        match &call.stage {
            Stage::Ringing { .. } => self.reject_incoming(now, key, with_reason(Reply::status(480), reason)),
            Stage::Calling(_) => self.abandon(now, key, reason),
            Stage::Up => {
                // §15: the callee waits for the ACK, or for its time to run out.
                if call.unacked.as_ref().is_some_and(|unacked| unacked.first) {
                    if call.bye_after_ack.is_none() {
                        call.bye_after_ack = Some(reason);
                    }
                    self.tell(key, DialogEvent::Ended { by_peer: false, status: None, reason: None });
                    return;
                }
                self.hang_up(now, key, reason.as_deref());
                self.over(now, key, DialogEvent::Ended { by_peer: false, status: None, reason: None });
            }
        }
    }

    /// Sends BYE and forgets the call once its owner knows.
    pub(super) fn hang_up(&mut self, now: Instant, key: CallKey, reason: Option<&str>) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let (credentials, flow) = (call.credentials.is_some(), call.flow);
        let Some(dialog) = call.dialog.as_mut() else {
            return;
        };
        let bye = dialog.request(Method::Bye);
        let hop = dialog.next_hop(flow);
        self.send_bye(now, hop, bye, reason, credentials.then_some(key));
        if self.calls.get(&key).is_some_and(|call| call.silent) {
            self.close(now, key);
        }
    }

    /// `call` keeps a name for the answer to a challenge.
    pub(super) fn send_bye(&mut self, now: Instant, hop: Flow, mut bye: RequestSpec, reason: Option<&str>, call: Option<CallKey>) {
        if let Some(reason) = reason {
            bye.headers.push(("Reason".to_owned(), reason.to_owned()));
        }
        if let Some(call) = call {
            self.authorize(call, &mut bye);
        }
        self.send_request(now, hop, &bye.clone(), Owner::Within { call, spec: Arc::new(bye), retried: false });
    }

    /// Tells the end and forgets the call.
    pub(super) fn over(&mut self, now: Instant, key: CallKey, event: DialogEvent) {
        self.tell(key, event);
        self.close(now, key);
    }

    /// Leaves no request of theirs without a final response (§15.1.2: 487).
    fn close(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let open = call.open_offer.take().map(|offer| offer.tx);
        if let Some(tx) = open {
            self.respond(now, tx, Reply::status(487));
        }
        self.forget(now, key);
    }

    pub(super) fn forget(&mut self, now: Instant, key: CallKey) {
        if let Some(call) = self.calls.remove(&key) {
            self.tags.remove(&call.local_tag);
            self.remember(&call);
            if let Some(tx) = call.our_offer.and_then(|offer| offer.tx) {
                self.give_up(now, tx);
            }
        }
        self.prune();
    }

    /// BYE to us, §15.1.2. A BYE while we still ring is an early dialog's end.
    pub(super) fn on_bye(&mut self, now: Instant, key: CallKey, reason: Option<String>) {
        let Some(call) = self.calls.get(&key) else {
            return;
        };
        if let Stage::Ringing { tx } = call.stage {
            let tag = call.local_tag.clone();
            self.respond(now, tx, Reply { tag: Some(&tag), ..Reply::status(487) });
            self.tell(key, DialogEvent::Cancelled);
        }
        self.over(now, key, DialogEvent::Ended { by_peer: true, status: None, reason });
    }

    /// A request within the dialog got 481, 408 or nothing: the peer has lost it, §12.2.1.2.
    pub(in crate::sip) fn dialog_lost(&mut self, now: Instant, key: CallKey, status: u16) {
        if !self.calls.contains_key(&key) {
            return;
        }
        self.hang_up(now, key, None);
        self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(status), reason: None });
    }

    /// Puts the call's next deadline into the heap.
    pub(in crate::sip) fn arm(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if let Some(at) = call.next_deadline()
            && call.armed.is_none_or(|armed| at < armed)
        {
            call.armed = Some(at);
            self.wake_at(at, Wake::Call(key));
        }
    }

    pub(in crate::sip) fn on_call_timer(&mut self, now: Instant, at: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if call.armed != Some(at) {
            return;
        }
        call.armed = None;
        match call.stage {
            Stage::Calling(_) => {}
            Stage::Ringing { .. } => self.repeat_reliable(now, key),
            Stage::Up => {
                self.repeat_2xx(now, key);
                self.retry_offer(now, key);
                self.on_session_timer(now, key);
            }
        }
        self.arm(key);
    }

    /// A call whose owner does not listen any more.
    pub fn deaf(&mut self, now: Instant, key: CallKey) {
        if let Some(call) = self.calls.get_mut(&key) {
            call.silent = true;
        }
        self.end(now, key, None);
    }

    /// Ends every call, for shutdown.
    pub fn end_all(&mut self, now: Instant) {
        let keys: Vec<CallKey> = self.calls.keys().copied().collect();
        for key in keys {
            self.end(now, key, None);
        }
    }
}

fn with_reason(reply: Reply<'_>, reason: Option<String>) -> Reply<'_> {
    match reason {
        Some(reason) => reply.with("Reason", reason),
        None => reply,
    }
}

impl Call {
    /// A request of ours may need the credentials again.
    pub(super) fn can_authorize(&self) -> bool {
        self.credentials.is_some() && self.digest.is_some()
    }
}
