//! Calls to us: from the INVITE to the ACK of our 2xx, RFC 3261 §13.3.

use std::sync::Arc;
use std::time::Instant;

use super::refer::replaces;
use super::uac::allows_update;
use super::{Call, DialogState, MIN_SE, Stage, Unacked, again, reliable, state, timer};
use crate::sip::call::{CallKey, Caller, DialogEvent, DialogId};
use crate::sip::core::{Core, Envelope, Inbound, NewCall, Output, Owner, RETRY_AFTER, Reply, TxId};
use crate::sip::sdp;
use crate::sip::wire::{HeaderName, Headers, NameAddr, Request, Uri};

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
    /// A new INVITE that nothing speaks against so far.
    pub(in crate::sip) fn on_invite(&mut self, now: Instant, inbound: Inbound, envelope: Envelope, caller: Caller) {
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
        let Ok(request_uri) = Uri::parse(&request.uri) else {
            return;
        };
        if timer::too_short(&request.headers) {
            return self.refuse_invite(now, inbound, &envelope, Reply::status(422).with("Min-SE", MIN_SE.to_string()));
        }
        let phone = matches!(caller, Caller::Phone(_));
        let replaces = match self.what_is_replaced(&request.headers, phone) {
            Ok(replaces) => replaces,
            Err(reply) => return self.refuse_invite(now, inbound, &envelope, reply),
        };
        let flow = inbound.flow;
        let headers = request.headers.clone();
        // RFC 3325 §9.1: only who is in our trust domain may say who is calling.
        let believed = self.peer(flow).is_some_and(|peer| peer.asserts) && !phone;
        let asserted = headers.list(&HeaderName::AssertedIdentity).first().filter(|_| believed).and_then(|text| NameAddr::parse(text).ok());
        let privacy = headers.text(&HeaderName::Privacy).unwrap_or_default().to_ascii_lowercase();
        let private = privacy.split([';', ',']).any(|kind| matches!(kind.trim(), "id" | "user" | "header"));
        let rseq = self.random_below(u64::MAX);
        let key = CallKey(self.key());
        let local_tag: Arc<str> = self.token().into();
        let call_id: Arc<str> = envelope.call_id.as_str().into();
        let mut state = DialogState::uas(request, call_id.clone(), &envelope.from, &local_tag, target, envelope.cseq.number);
        state.pinned = phone;
        let tx = self.serve(inbound, &envelope, true);
        if let Some(record) = self.table.get_mut(tx) {
            record.owner = Owner::Incoming(key);
        }
        let mut call = Call::new(call_id.clone(), local_tag.clone(), flow, Stage::Ringing { tx }, false);
        call.dialog = Some(state);
        call.rseq = reliable::required(&headers, rseq);
        call.updates = allows_update(&headers);
        call.may_refer = phone;
        self.calls.insert(key, call);
        self.tags.insert(local_tag.clone(), key);
        // §17.2.1: at once, so that the caller stops repeating.
        self.respond(now, tx, Reply::status(100));
        self.outputs.push_back(Output::Incoming(Box::new(NewCall {
            key,
            id: DialogId { call_id, local_tag },
            caller,
            source: flow.addr,
            transport: flow.transport,
            request_uri,
            from: envelope.from,
            to: envelope.to,
            asserted,
            private,
            replaces,
            headers,
            offer,
            arrived: now,
        })));
    }

    /// The running call that an INVITE names in Replaces (RFC 3891 §3).
    fn what_is_replaced(&self, headers: &Headers, phone: bool) -> Result<Option<DialogId>, Reply<'static>> {
        if !phone && headers.count(&HeaderName::Replaces) > 0 {
            // What a trunk names is not so much as looked at: it hears what any stranger does.
            return Err(Reply::status(403));
        }
        let Some(asked) = replaces(headers).map_err(|()| Reply { phrase: "Bad Replaces", ..Reply::status(400) })? else { return Ok(None) };
        self.named_by(&asked, false).map(Some).map_err(Reply::status)
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

    pub(in crate::sip) fn answer(&mut self, now: Instant, key: CallKey, sdp: &str) {
        let Some((tx, tag)) = self.ringing_tx(key) else {
            return;
        };
        if let Some(reliable) = self.calls.get_mut(&key).and_then(|call| call.reliable.as_mut()).filter(|reliable| reliable.described) {
            // RFC 3262 §3: what was described must have arrived first.
            reliable.then = Some(sdp.to_owned());
            return;
        }
        if let Some(offer) = self.calls.get_mut(&key).and_then(|call| call.open_offer.as_mut()) {
            // What they offered before this is answered first.
            offer.then = Some(sdp.to_owned());
            return;
        }
        let request = self.table.get(tx).and_then(|tx| tx.inbound.as_ref()).map(|inbound| &inbound.request.headers);
        let Some((session, headers)) = request.map(|headers| timer::agree(now, headers)) else { return };
        let offered =
            self.table.get(tx).and_then(|tx| tx.inbound.as_ref()).is_some_and(|inbound| inbound.request.body.trim_ascii().is_empty());
        let cseq = self.calls.get(&key).and_then(|call| call.dialog.as_ref()).and_then(DialogState::last_cseq).unwrap_or(0);
        let reply = Reply { status: 200, tag: Some(&tag), dialog: true, sdp: Some(sdp), headers, ..Reply::default() };
        let Some(sent) = self.respond(now, tx, reply) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&key) {
            call.stage = Stage::Up;
            call.reliable = None;
            call.last_sdp = Some(sdp.to_owned());
            call.unacked = Some(Unacked::new(now, tx, cseq, true, offered, sent));
        }
        self.set_timer(key, session);
    }

    pub(in crate::sip) fn reject(&mut self, now: Instant, key: CallKey, status: u16, reason: &str) {
        let status = if (300..700).contains(&status) { status } else { 500 };
        let mut reply = Reply::status(status);
        if status == 503 {
            // §21.5.4: else the caller may not know when to come again, and come at once.
            reply = reply.with("Retry-After", RETRY_AFTER);
        }
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
        if unacked.offered && sdp.is_none() && unacked.first {
            // §13.2.2.4: the ACK must hold the answer to what the 2xx offered. Without one there is no session.
            self.hang_up(now, key, Some("SIP;cause=488;text=\"No answer in ACK\""));
            return self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(488), reason: None });
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
