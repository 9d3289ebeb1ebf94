//! Reliable provisional responses, RFC 3262, from both sides; and the early dialogs they make.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Call, DialogState, OpenOffer, Stage, uas::Body, uas::body_of};
use crate::sip::call::{CallKey, DialogEvent};
use crate::sip::core::{Core, Envelope, Inbound, Output, Owner, Reply};
use crate::sip::net::Flow;
use crate::sip::transaction::{T1, T64};
use crate::sip::wire::{HeaderName, Headers, Method, RequestSpec, Response};

/// Dialogs that a forking proxy may make of one INVITE before one of them wins.
const MAX_EARLY: usize = 8;

/// UAS: a provisional response on its way, until its PRACK comes.
#[derive(Debug)]
pub(crate) struct Reliable {
    rseq: u32,
    cseq: u32,
    /// It carried SDP: the 2xx must wait for the PRACK (§3).
    pub described: bool,
    /// The answer that waits.
    pub then: Option<String>,
    flow: Flow,
    response: Bytes,
    pub at: Instant,
    interval: Duration,
    pub give_up: Instant,
}

/// UAC: a dialog that a provisional response has made.
#[derive(Debug)]
pub(crate) struct Early {
    pub dialog: DialogState,
    /// Of the last reliable response taken.
    rseq: u32,
}

impl Call {
    /// Whether it is a dialog with this remote tag, confirmed or early.
    pub(super) fn is_with(&self, remote_tag: &str) -> bool {
        match &self.dialog {
            Some(dialog) => dialog.remote_tag == remote_tag,
            None => self.early.iter().any(|early| early.dialog.remote_tag == remote_tag),
        }
    }

    /// The dialog with this remote tag, confirmed or early.
    pub(super) fn dialog_with(&mut self, remote_tag: &str) -> Option<&mut DialogState> {
        match &mut self.dialog {
            Some(dialog) => Some(dialog).filter(|dialog| dialog.remote_tag == remote_tag),
            None => self.early.iter_mut().map(|early| &mut early.dialog).find(|dialog| dialog.remote_tag == remote_tag),
        }
    }
}

impl Core {
    /// 180 or 183, reliably where the caller requires it.
    pub(in crate::sip) fn ringing(&mut self, now: Instant, key: CallKey, sdp: Option<&str>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Stage::Ringing { tx } = call.stage else { return };
        let (tag, required) = (call.local_tag.clone(), call.rseq.is_some());
        let status = if sdp.is_some() { 183 } else { 180 };
        let reply = Reply { status, tag: Some(&tag), dialog: true, sdp, ..Reply::default() };
        if !required {
            self.respond(now, tx, reply);
            return;
        }
        // §3: one at a time.
        if call.reliable.is_some() {
            return;
        }
        let rseq = call.rseq.map_or(1, |rseq| rseq.wrapping_add(1).max(1));
        let cseq = call.dialog.as_ref().and_then(DialogState::last_cseq).unwrap_or(0);
        call.rseq = Some(rseq);
        let reply = reply.with("Require", "100rel").with("RSeq", rseq.to_string());
        let Some((flow, response)) = self.respond(now, tx, reply) else { return };
        if let Some(call) = self.calls.get_mut(&key) {
            let described = sdp.is_some();
            call.reliable =
                Some(Reliable { rseq, cseq, described, then: None, flow, response, at: now + T1, interval: T1, give_up: now + T64 });
            self.arm(key);
        }
    }

    /// Repeats a provisional response; when its PRACK never comes, the INVITE is refused (§3).
    pub(super) fn repeat_reliable(&mut self, now: Instant, key: CallKey) {
        let Some(reliable) = self.calls.get_mut(&key).and_then(|call| call.reliable.as_mut()) else { return };
        if reliable.give_up <= now {
            return self.reject_incoming(now, key, Reply::status(504));
        }
        if reliable.at <= now {
            reliable.interval *= 2;
            reliable.at = now + reliable.interval;
            let (flow, bytes) = (reliable.flow, reliable.response.clone());
            self.outputs.push_back(Output::Send { flow, bytes });
        }
    }

    pub(super) fn on_prack(&mut self, now: Instant, key: CallKey, inbound: Inbound, envelope: &Envelope) {
        let rack = inbound.request.headers.text(&HeaderName::Rack).map(|text| text.into_owned()).unwrap_or_default();
        let body = body_of(&inbound.request.headers, &inbound.request.body);
        let cseq = envelope.cseq.number;
        let tx = self.serve(inbound, envelope, false);
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(reliable) = call.reliable.take_if(|reliable| rack_is(&rack, reliable.rseq, reliable.cseq)) else {
            self.respond(now, tx, Reply::status(481));
            return;
        };
        let status = match body {
            // §5: once ours has been answered they may offer anew; the answer stands in the 2xx of the PRACK, before that of the INVITE.
            Body::Sdp(sdp) if reliable.described && call.open_offer.is_none() => {
                call.open_offer = Some(OpenOffer { tx, invite: false, cseq, empty: false, then: reliable.then });
                if let Some(record) = self.table.get_mut(tx) {
                    record.owner = Owner::Incoming(key);
                }
                return self.tell(key, DialogEvent::Offer { sdp: Some(sdp) });
            }
            // Theirs of the INVITE is not answered yet.
            Body::Sdp(_) => 488,
            Body::Unknown => 415,
            Body::None => 200,
        };
        self.respond(now, tx, Reply::status(status));
        if let Some(sdp) = reliable.then {
            self.answer(now, key, &sdp);
        }
    }

    /// UAC: what a provisional response makes. False for one that was heard already, or came too early.
    pub(super) fn on_early(&mut self, now: Instant, key: CallKey, flow: Flow, spec: &Arc<RequestSpec>, response: &Response) -> bool {
        let required = response.headers.list(&HeaderName::Require).iter().any(|tag| tag.eq_ignore_ascii_case("100rel"));
        let rseq = response.headers.text(&HeaderName::Rseq).and_then(|text| text.trim().parse::<u32>().ok()).filter(|_| required);
        let (Some(call), Some(mut dialog)) = (self.calls.get_mut(&key), DialogState::uac(spec, response)) else { return true };
        if dialog.remote_tag.is_empty() {
            return true;
        }
        dialog.pinned = call.pinned;
        let at = match call.early.iter().position(|early| early.dialog.remote_tag == dialog.remote_tag) {
            Some(at) => at,
            None if call.early.len() >= MAX_EARLY => return true,
            None => {
                call.early.push(Early { dialog, rseq: 0 });
                call.early.len() - 1
            }
        };
        let Some(rseq) = rseq else { return true };
        let Some(early) = call.early.get_mut(at) else { return true };
        if early.rseq != 0 && rseq != early.rseq.wrapping_add(1) {
            return false;
        }
        early.rseq = rseq;
        let mut prack = early.dialog.request(Method::Prack);
        let hop = early.dialog.next_hop(flow);
        prack.headers.push(("RAck".to_owned(), format!("{rseq} {} INVITE", spec.cseq)));
        self.authorize(key, &mut prack);
        // Its own outcome changes nothing: the INVITE's does.
        self.send_request(now, hop, &prack.clone(), Owner::Within { call: None, spec: Arc::new(prack), retried: false });
        true
    }
}

/// §7.2: `RSeq CSeq method`.
fn rack_is(text: &str, rseq: u32, cseq: u32) -> bool {
    let mut parts = text.split_ascii_whitespace();
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
    number(parts.next()) == Some(rseq) && number(parts.next()) == Some(cseq) && parts.next() == Some("INVITE")
}

/// Whether an INVITE insists on it (§3), and how the numbering begins.
pub(super) fn required(headers: &Headers, random: u64) -> Option<u32> {
    let required = headers.list(&HeaderName::Require).iter().any(|tag| tag.eq_ignore_ascii_case("100rel"));
    required.then_some((random & 0xffff) as u32)
}
