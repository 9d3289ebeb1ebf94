//! Calls to us: from the INVITE to the ACK of our 2xx, RFC 3261 §13.3.

use std::sync::Arc;
use std::time::Instant;

use super::{Call, DialogState, Stage, Unacked, again, state};
use crate::sip::call::{CallKey, DialogEvent, DialogId};
use crate::sip::core::{Core, Envelope, Inbound, NewCall, Output, Owner, Reply, TxId};
use crate::sip::sdp;
use crate::sip::wire::{HeaderName, NameAddr, Request, Uri};

/// What a body is to an offer/answer exchange.
pub(super) enum Body {
    None,
    Sdp(String),
    /// Something else that we would have to understand: 415.
    Unknown,
}

/// The SDP of a message, alone or as a part of multipart/mixed; an empty body is none.
pub(super) fn body_of(headers: &crate::sip::wire::Headers, body: &[u8]) -> Body {
    if body.trim_ascii().is_empty() {
        return Body::None;
    }
    let kind = headers.text(&HeaderName::ContentType).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        // A body without a type is SDP or nothing at all; phones that forget the header send SDP.
        "application/sdp" | "" => Body::Sdp(String::from_utf8_lossy(body).into_owned()),
        "multipart/mixed" | "multipart/alternative" => sdp::from_multipart(&kind, body).map_or(Body::Unknown, Body::Sdp),
        _ => Body::Unknown,
    }
}

pub(super) fn sdp_of(headers: &crate::sip::wire::Headers, body: &[u8]) -> Option<String> {
    match body_of(headers, body) {
        Body::Sdp(sdp) => Some(sdp),
        Body::None | Body::Unknown => None,
    }
}

impl Core {
    /// A new INVITE from a peer that nothing speaks against so far.
    pub(in crate::sip) fn on_invite(&mut self, now: Instant, inbound: Inbound, envelope: Envelope) {
        if envelope.to.tag().is_some() {
            return self.refuse_invite(now, inbound, &envelope, Reply::status(481));
        }
        let request: &Request = &inbound.request;
        let offer = match body_of(&request.headers, &request.body) {
            Body::None => None,
            Body::Sdp(sdp) => Some(sdp),
            Body::Unknown => {
                return self.refuse_invite(now, inbound, &envelope, Reply::status(415).with("Accept", "application/sdp"));
            }
        };
        // §8.1.1.8: an INVITE must say where its dialog is reached; RFC 2543 let From say it.
        let target = match request.headers.count(&HeaderName::Contact) {
            0 => Some(envelope.from.uri.clone()).filter(Uri::is_sip),
            _ => state::contact(&request.headers),
        };
        let Some(target) = target else {
            let reply = Reply { status: 400, phrase: "Bad Contact", ..Reply::default() };
            return self.refuse_invite(now, inbound, &envelope, reply);
        };
        let (Ok(request_uri), Some(peer)) = (Uri::parse(&request.uri), self.peer(inbound.flow).map(|peer| peer.name.clone())) else {
            return;
        };
        let flow = inbound.flow;
        let headers = request.headers.clone();
        let asserted = headers.list(&HeaderName::AssertedIdentity).first().and_then(|text| NameAddr::parse(text).ok());
        let key = CallKey(self.key());
        let local_tag: Arc<str> = self.token().into();
        let call_id: Arc<str> = envelope.call_id.as_str().into();
        let state = DialogState::uas(request, call_id.clone(), &envelope.from, &local_tag, target, envelope.cseq.number);
        let tx = self.serve(inbound, &envelope, true);
        if let Some(record) = self.table.get_mut(tx) {
            record.owner = Owner::Incoming(key);
        }
        let mut call = Call::new(call_id.clone(), local_tag.clone(), flow, Stage::Ringing { tx }, false);
        call.dialog = Some(state);
        self.calls.insert(key, call);
        self.tags.insert(local_tag.clone(), key);
        // §17.2.1: at once, so that the caller stops repeating.
        self.respond(now, tx, Reply::status(100));
        self.outputs.push_back(Output::Incoming(Box::new(NewCall {
            key,
            id: DialogId { call_id, local_tag },
            peer,
            source: flow.addr,
            transport: flow.transport,
            request_uri,
            from: envelope.from,
            to: envelope.to,
            asserted,
            headers,
            offer,
        })));
    }

    fn refuse_invite(&mut self, now: Instant, inbound: Inbound, envelope: &Envelope, reply: Reply<'_>) {
        let tag = self.token();
        let tag = envelope.to.tag().is_none().then_some(tag.as_str());
        let tx = self.serve(inbound, envelope, false);
        self.respond(now, tx, Reply { tag, ..reply });
    }

    fn ringing_tx(&self, key: CallKey) -> Option<(TxId, Arc<str>)> {
        let call = self.calls.get(&key)?;
        match call.stage {
            Stage::Ringing { tx } => Some((tx, call.local_tag.clone())),
            Stage::Calling(_) | Stage::Up => None,
        }
    }

    pub(in crate::sip) fn ringing(&mut self, now: Instant, key: CallKey, sdp: Option<&str>) {
        let Some((tx, tag)) = self.ringing_tx(key) else {
            return;
        };
        let status = if sdp.is_some() { 183 } else { 180 };
        self.respond(now, tx, Reply { status, tag: Some(&tag), dialog: true, sdp, ..Reply::default() });
    }

    pub(in crate::sip) fn answer(&mut self, now: Instant, key: CallKey, sdp: &str) {
        let Some((tx, tag)) = self.ringing_tx(key) else {
            return;
        };
        let offered =
            self.table.get(tx).and_then(|tx| tx.inbound.as_ref()).is_some_and(|inbound| inbound.request.body.trim_ascii().is_empty());
        let cseq = self.calls.get(&key).and_then(|call| call.dialog.as_ref()).and_then(DialogState::last_cseq).unwrap_or(0);
        let reply = Reply { status: 200, tag: Some(&tag), dialog: true, sdp: Some(sdp), ..Reply::default() };
        let Some(sent) = self.respond(now, tx, reply) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&key) {
            call.stage = Stage::Up;
            call.unacked = Some(Unacked::new(now, tx, cseq, true, offered, sent));
        }
        self.arm(key);
    }

    pub(in crate::sip) fn reject(&mut self, now: Instant, key: CallKey, status: u16, reason: &str) {
        let status = if (300..700).contains(&status) { status } else { 500 };
        let mut reply = Reply::status(status);
        if !reason.is_empty() {
            reply = reply.with("Reason", reason);
        }
        self.reject_incoming(now, key, reply);
    }

    /// Ends a call that has no final response yet.
    pub(in crate::sip) fn reject_incoming(&mut self, now: Instant, key: CallKey, reply: Reply<'_>) {
        let Some((tx, tag)) = self.ringing_tx(key) else {
            return;
        };
        let status = reply.status;
        self.respond(now, tx, Reply { tag: Some(&tag), ..reply });
        self.over(now, key, DialogEvent::Ended { by_peer: false, status: Some(status), reason: None });
    }

    /// §9.2. A CANCEL that comes after the final response changes nothing.
    pub(in crate::sip) fn cancelled(&mut self, now: Instant, key: CallKey, invite: TxId, reason: Option<String>) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let tag = call.local_tag.clone();
        if call.open_offer.as_ref().is_some_and(|offer| offer.tx == invite) {
            call.open_offer = None;
            self.respond(now, invite, Reply::status(487));
            return;
        }
        if !matches!(call.stage, Stage::Ringing { tx } if tx == invite) {
            return;
        }
        self.respond(now, invite, Reply { tag: Some(&tag), ..Reply::status(487) });
        self.tell(key, DialogEvent::Cancelled);
        self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(487), reason });
    }

    /// The ACK of a 2xx, §13.3.1.4 and RFC 6026.
    pub(super) fn on_ack(&mut self, now: Instant, key: CallKey, cseq: u32, request: &Request) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let Some(unacked) = call.unacked.take_if(|unacked| unacked.cseq == cseq) else {
            return;
        };
        let bye = call.bye_after_ack.take();
        let sdp = if unacked.offered { sdp_of(&request.headers, &request.body) } else { None };
        if let Some(reason) = bye {
            return self.hang_up(now, key, reason.as_deref());
        }
        if unacked.first {
            self.tell(key, DialogEvent::Confirmed { sdp });
        } else if unacked.offered {
            self.tell(key, DialogEvent::OfferAnswered { sdp });
        }
    }

    /// Repeats an unacknowledged 2xx; after 64*T1 the session is over, §13.3.1.4.
    pub(super) fn repeat_2xx(&mut self, now: Instant, key: CallKey) {
        let Some(unacked) = self.calls.get_mut(&key).and_then(|call| call.unacked.as_mut()) else {
            return;
        };
        if unacked.give_up <= now {
            if let Some(call) = self.calls.get_mut(&key) {
                call.unacked = None;
                call.bye_after_ack = None;
            }
            self.hang_up(now, key, None);
            self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(408), reason: None });
        } else if unacked.at <= now {
            let (flow, bytes) = (unacked.flow, unacked.response.clone());
            again(unacked, now);
            self.outputs.push_back(Output::Send { flow, bytes });
        }
    }
}
