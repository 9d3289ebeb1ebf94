//! Changing a running session: our re-INVITE, our answer to theirs, and glare, RFC 3261 §14.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Call, DialogState, OurOffer, Stage, Unacked, timer, uas::sdp_of};
use crate::sip::call::{CallKey, DialogEvent};
use crate::sip::core::{ALLOW, Core, Owner, Reply, TxId};
use crate::sip::wire::auth::choose;
use crate::sip::wire::digest::DigestClient;
use crate::sip::wire::{Method, RequestSpec, Response};

/// INVITEs per offer: after a 491 or a challenge it goes out again.
const MAX_TRIES: u8 = 4;

impl Core {
    pub(super) fn reinvite(&mut self, now: Instant, key: CallKey, sdp: String) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let ready = matches!(call.stage, Stage::Up) && call.dialog.is_some();
        if !ready || call.open_offer.is_some() || call.our_offer.is_some() || call.bye_after_ack.is_some() {
            return self.tell(key, DialogEvent::OfferRejected { status: 491 });
        }
        call.our_offer = Some(OurOffer { sdp, tx: None, tries: 0, retry_at: None });
        self.send_offer(now, key);
    }

    pub(super) fn send_offer(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let flow = call.flow;
        let (Some(dialog), Some(offer)) = (call.dialog.as_mut(), call.our_offer.as_mut()) else {
            return;
        };
        offer.tries += 1;
        offer.retry_at = None;
        let mut spec = dialog.request(Method::Invite);
        let hop = dialog.next_hop(flow);
        spec.headers = timer::headers(call.timer.map(|timer| timer.interval), call.timer.map(|timer| timer.ours));
        spec.headers.push(("Allow".to_owned(), ALLOW.to_owned()));
        let sdp = offer.sdp.clone();
        call.last_sdp = Some(sdp.clone());
        spec.body = Some(("application/sdp".to_owned(), self.described(hop, &sdp)));
        spec.contact = Some(self.contact(hop));
        self.authorize(key, &mut spec);
        let owner = Owner::Invite { call: key, within: true, spec: Arc::new(spec.clone()) };
        let tx = self.send_request(now, hop, &spec, owner);
        if let Some(offer) = self.calls.get_mut(&key).and_then(|call| call.our_offer.as_mut()) {
            offer.tx = Some(tx);
        }
    }

    /// A response to our re-INVITE.
    pub(in crate::sip) fn on_offer_response(&mut self, now: Instant, tx: TxId, key: CallKey, spec: &RequestSpec, response: &Response) {
        match response.status {
            ..200 => {}
            200..300 => self.on_offer_accepted(now, tx, key, spec, response),
            401 | 407 if self.may_retry(key) => {
                let Some(challenge) = choose(&response.headers) else {
                    return self.offer_failed(now, key, response.status);
                };
                if let Some(call) = self.calls.get_mut(&key) {
                    call.digest = Some(DigestClient::new(challenge));
                }
                self.send_offer(now, key);
            }
            491 if self.may_retry(key) => {
                // §14.1: 2.1–4 s for the owner of the Call-ID, 0–2 s for the other, in steps of 10 ms.
                let caller = self.calls.get(&key).is_some_and(|call| call.caller);
                let steps = if caller { 210 + self.random_below(191) } else { self.random_below(201) };
                if let Some(offer) = self.calls.get_mut(&key).and_then(|call| call.our_offer.as_mut()) {
                    offer.retry_at = Some(now + Duration::from_millis(steps * 10));
                }
                self.arm(key);
            }
            422 if self.may_retry(key) && timer::least(&response.headers).is_some() => {
                let least = timer::least(&response.headers);
                if let Some(timer) = self.calls.get_mut(&key).and_then(|call| call.timer.as_mut()) {
                    timer.interval = timer.interval.max(least.unwrap_or(0));
                }
                self.send_offer(now, key);
            }
            status => self.offer_failed(now, key, status),
        }
    }

    fn may_retry(&self, key: CallKey) -> bool {
        let offer = self.calls.get(&key).and_then(|call| call.our_offer.as_ref());
        offer.is_some_and(|offer| offer.tries < MAX_TRIES)
    }

    fn on_offer_accepted(&mut self, now: Instant, tx: TxId, key: CallKey, spec: &RequestSpec, response: &Response) {
        if let Some((_, flow, bytes)) = self.table.get(tx).and_then(|tx| tx.acks.first()).cloned() {
            self.outputs.push_back(crate::sip::core::Output::Send { flow, bytes });
            return;
        }
        let Some(call) = self.calls.get_mut(&key) else {
            // The call ended meanwhile; the 2xx is acknowledged all the same.
            if let (Some(dialog), Some(flow)) = (DialogState::uac(spec, response), self.table.get(tx).map(|tx| tx.flow)) {
                let ack = self.send_ack(flow, &dialog.ack(spec.cseq));
                self.keep_ack(tx, flow, ack);
            }
            return;
        };
        let flow = call.flow;
        let Some(dialog) = call.dialog.as_mut() else {
            return;
        };
        dialog.refresh_target(&response.headers);
        let (hop, ack) = (dialog.next_hop(flow), dialog.ack(spec.cseq));
        call.our_offer = None;
        let bytes = self.send_ack(hop, &ack);
        self.keep_ack(tx, hop, bytes);
        self.set_timer(key, timer::granted(now, &response.headers, timer::interval_of(spec)));
        self.tell(key, DialogEvent::OfferAnswered { sdp: sdp_of(&response.headers, &response.body) });
    }

    fn keep_ack(&mut self, tx: TxId, flow: crate::sip::net::Flow, ack: bytes::Bytes) {
        if let Some(tx) = self.table.get_mut(tx) {
            tx.acks.push((String::new(), flow, ack));
        }
    }

    /// The old session goes on, unless the peer has lost the dialog (§14.1).
    pub(in crate::sip) fn offer_failed(&mut self, now: Instant, key: CallKey, status: u16) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        call.our_offer = None;
        if matches!(status, 408 | 481 | 503) {
            return self.dialog_lost(now, key, status);
        }
        self.tell(key, DialogEvent::OfferRejected { status });
    }

    pub(super) fn retry_offer(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let Some(offer) = call.our_offer.as_mut() else {
            return;
        };
        if offer.retry_at.is_none_or(|at| at > now) {
            return;
        }
        if call.open_offer.is_some() || call.unacked.is_some() {
            // Theirs came first after all; once more a little later.
            offer.retry_at = Some(now + Duration::from_millis(500));
            return;
        }
        self.send_offer(now, key);
    }

    pub(in crate::sip) fn answer_offer(&mut self, now: Instant, key: CallKey, sdp: &str) {
        let Some(offer) = self.calls.get_mut(&key).and_then(|call| call.open_offer.take()) else {
            return;
        };
        let request = self.table.get(offer.tx).and_then(|tx| tx.inbound.as_ref()).map(|inbound| &inbound.request.headers);
        let up = self.calls.get(&key).is_some_and(Call::is_up);
        // RFC 4028 §9; a session that is not there yet has no timer.
        let session = request.filter(|_| up).map(|headers| timer::agree(now, headers));
        let headers = session.as_ref().map(|(_, headers)| headers.clone()).unwrap_or_default();
        let reply = Reply { status: 200, dialog: true, sdp: Some(sdp), headers, ..Reply::default() };
        let Some(sent) = self.respond(now, offer.tx, reply) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&key) {
            call.last_sdp = Some(sdp.to_owned());
        }
        if let Some((session, _)) = session {
            self.set_timer(key, session);
        }
        if offer.invite
            && let Some(call) = self.calls.get_mut(&key)
        {
            call.unacked = Some(Unacked::new(now, offer.tx, offer.cseq, false, offer.empty, sent));
            self.arm(key);
        }
        if let Some(then) = offer.then {
            self.answer(now, key, &then);
        }
    }

    pub(in crate::sip) fn reject_offer(&mut self, now: Instant, key: CallKey, status: u16) {
        let Some(offer) = self.calls.get_mut(&key).and_then(|call| call.open_offer.take()) else {
            return;
        };
        let status = if (400..700).contains(&status) { status } else { 488 };
        self.respond(now, offer.tx, Reply::status(status));
        if let Some(then) = offer.then {
            self.answer(now, key, &then);
        }
    }
}
