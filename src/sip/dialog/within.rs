//! Requests inside a call, both ways: BYE, ACK, INFO, OPTIONS, and what leads to `modify`; RFC 3261 §12.2, RFC 6086.

use std::sync::Arc;
use std::time::Instant;

use super::uas::{Body, body_of};
use super::{MIN_SE, OpenOffer, Stage, timer};
use crate::sip::call::{CallKey, DialogEvent};
use crate::sip::core::{ALLOW, Core, Envelope, Inbound, Owner, Reply, objection};
use crate::sip::wire::auth::choose;
use crate::sip::wire::digest::DigestClient;
use crate::sip::wire::{HeaderName, Method, RequestSpec, Response};

/// When an INFO names no duration.
const DEFAULT_TONE_MS: u32 = 160;

impl Core {
    pub(in crate::sip) fn on_request_within(&mut self, now: Instant, key: CallKey, inbound: Inbound, envelope: Envelope) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let method = inbound.request.method.clone();
        let remote_tag = envelope.from.tag().unwrap_or_default().into_owned();
        let known = call.dialog_with(&remote_tag).is_some();
        if method == Method::Ack {
            if known {
                self.on_ack(now, key, envelope.cseq.number, &inbound.request);
                self.arm(key);
            }
            return;
        }
        if !known {
            let tx = self.serve(inbound, &envelope, false);
            self.respond(now, tx, Reply::status(481));
            return;
        }
        if let Some(reply) = objection(&inbound.request, &envelope) {
            let tx = self.serve(inbound, &envelope, false);
            self.respond(now, tx, reply);
            return;
        }
        // §12.2.2: out of order is a server error to the peer.
        if call.dialog_with(&remote_tag).is_some_and(|dialog| !dialog.take_cseq(envelope.cseq.number)) {
            let tx = self.serve(inbound, &envelope, false);
            self.respond(now, tx, Reply::status(500));
            return;
        }
        match method {
            Method::Bye => {
                let reason = inbound.request.headers.text(&HeaderName::Reason).map(|reason| reason.into_owned());
                let tx = self.serve(inbound, &envelope, false);
                self.respond(now, tx, Reply::status(200));
                self.on_bye(now, key, reason);
            }
            Method::Info => {
                let event = record_key(&inbound).map_or_else(|| dtmf(&inbound), |event| Ok(Some(event)));
                let tx = self.serve(inbound, &envelope, false);
                match event {
                    Ok(event) => {
                        self.respond(now, tx, Reply::status(200));
                        if let Some(event) = event {
                            self.tell(key, event);
                        }
                    }
                    Err(()) => {
                        self.respond(now, tx, Reply::status(415).with("Accept", "application/dtmf-relay, application/dtmf"));
                    }
                }
            }
            Method::Invite | Method::Update => self.on_offer(now, key, inbound, envelope),
            Method::Prack => self.on_prack(now, key, inbound, &envelope),
            Method::Refer => self.on_refer(now, key, inbound, &envelope),
            _ => {
                let tx = self.serve(inbound, &envelope, false);
                self.respond(now, tx, Reply::status(200).with("Allow", ALLOW).with("Accept", "application/sdp"));
            }
        }
    }

    /// re-INVITE and UPDATE, §14.2 and RFC 3311 §5.2.
    fn on_offer(&mut self, now: Instant, key: CallKey, inbound: Inbound, envelope: Envelope) {
        let invite = inbound.request.method == Method::Invite;
        let body = body_of(&inbound.request.headers, &inbound.request.body);
        let headers = inbound.request.headers.clone();
        let (cseq, flow) = (envelope.cseq.number, inbound.flow);
        let remote_tag = envelope.from.tag().unwrap_or_default().into_owned();
        let tx = self.serve(inbound, &envelope, false);
        if timer::too_short(&headers) {
            self.respond(now, tx, Reply::status(422).with("Min-SE", MIN_SE.to_string()));
            return;
        }
        let wait = (1 + self.random_below(10)).to_string();
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let early = !invite && matches!(call.stage, Stage::Calling(_)) && call.dialog.is_none();
        let up = early || (matches!(call.stage, Stage::Up) && call.unacked.is_none());
        let verdict = match (&body, up) {
            (Body::Unknown, _) => Some(Reply::status(415).with("Accept", "application/sdp")),
            // An UPDATE without SDP only refreshes: target, session timer.
            (Body::None, _) if !invite => Some(Reply { dialog: true, ..Reply::status(200) }),
            _ if call.refreshing && !invite => Some(Reply::status(491)),
            // Theirs before the last one was answered (or its 2xx acknowledged): 500, §14.2. Ours is on its way: 491.
            (_, false) => Some(Reply::status(500).with("Retry-After", wait)),
            _ if call.open_offer.is_some() => Some(Reply::status(500).with("Retry-After", wait)),
            _ if call.our_offer.as_ref().is_some_and(|offer| offer.retry_at.is_none()) => Some(Reply::status(491)),
            _ => None,
        };
        if let Some(mut reply) = verdict {
            if reply.status == 200 {
                if let Some(dialog) = call.dialog_with(&remote_tag) {
                    dialog.refresh_target(&headers);
                }
                call.flow = flow;
                if call.is_up() {
                    let (session, headers) = timer::agree(now, &headers);
                    reply.headers = headers;
                    self.set_timer(key, session);
                }
            }
            self.respond(now, tx, reply);
            return;
        }
        let sdp = match body {
            Body::Sdp(sdp) => Some(sdp),
            Body::None | Body::Unknown => None,
        };
        if let Some(dialog) = call.dialog_with(&remote_tag) {
            dialog.refresh_target(&headers);
        }
        call.flow = flow;
        call.open_offer = Some(OpenOffer { tx, invite, cseq, empty: sdp.is_none(), then: None });
        if let Some(record) = self.table.get_mut(tx) {
            record.owner = Owner::Incoming(key);
        }
        if invite {
            self.respond(now, tx, Reply::status(100));
        }
        self.tell(key, DialogEvent::Offer { sdp });
    }

    pub(super) fn send_dtmf(&mut self, now: Instant, key: CallKey, digit: char, ms: u32) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let flow = call.flow;
        let (Stage::Up, Some(dialog)) = (&call.stage, call.dialog.as_mut()) else {
            return;
        };
        let mut info = dialog.request(Method::Info);
        let hop = dialog.next_hop(flow);
        info.body = Some(("application/dtmf-relay".to_owned(), format!("Signal={digit}\r\nDuration={ms}\r\n")));
        self.authorize(key, &mut info);
        self.send_request(now, hop, &info.clone(), Owner::Within { call: Some(key), spec: Arc::new(info), retried: false });
    }

    /// A final response to our BYE or INFO.
    pub(in crate::sip) fn on_response_within(
        &mut self,
        now: Instant,
        key: Option<CallKey>,
        spec: &RequestSpec,
        retried: bool,
        response: &Response,
    ) {
        let Some(key) = key else { return };
        match response.status {
            401 | 407 if !retried => {
                let (Some(challenge), Some(call)) = (choose(&response.headers), self.calls.get_mut(&key)) else {
                    return;
                };
                let (Some(dialog), flow) = (call.dialog.as_mut(), call.flow) else {
                    return;
                };
                dialog.local_cseq += 1;
                let mut spec = RequestSpec { cseq: dialog.local_cseq, ..spec.clone() };
                let hop = dialog.next_hop(flow);
                call.digest = Some(DigestClient::new(challenge));
                if call.credentials.is_none() {
                    return;
                }
                self.authorize(key, &mut spec);
                self.send_request(now, hop, &spec.clone(), Owner::Within { call: Some(key), spec: Arc::new(spec), retried: true });
            }
            408 | 481 => self.dialog_lost(now, key, response.status),
            status if spec.method == Method::Update => self.refreshed(now, key, status, &response.headers),
            _ => {}
        }
    }

    /// Adds an Authorization when the peer has challenged this call before.
    pub(super) fn authorize(&mut self, key: CallKey, spec: &mut RequestSpec) {
        if !self.calls.get(&key).is_some_and(super::Call::can_authorize) {
            return;
        }
        let cnonce = self.token();
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let (Some(digest), Some(credentials)) = (call.digest.as_mut(), call.credentials.as_ref()) else {
            return;
        };
        let (name, value) = digest.authorize(credentials, spec.method.as_str(), &spec.uri, &cnonce);
        spec.headers
            .retain(|(header, _)| !header.eq_ignore_ascii_case("Authorization") && !header.eq_ignore_ascii_case("Proxy-Authorization"));
        spec.headers.push((name.to_owned(), value));
    }
}

/// The recording key of a desk phone.
fn record_key(inbound: &Inbound) -> Option<DialogEvent> {
    let asked = inbound.request.headers.text(&HeaderName::Other("Record".into()))?;
    let on = match asked.trim() {
        word if word.eq_ignore_ascii_case("on") => true,
        word if word.eq_ignore_ascii_case("off") => false,
        _ => return None,
    };
    Some(DialogEvent::Record { on })
}

/// A digit by INFO; an INFO that we have no use for is fine when it is empty, and 415 otherwise.
fn dtmf(inbound: &Inbound) -> Result<Option<DialogEvent>, ()> {
    let request = &inbound.request;
    let text = String::from_utf8_lossy(&request.body);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let kind = request.headers.text(&HeaderName::ContentType).unwrap_or_default().to_ascii_lowercase();
    let (digit, ms) = if kind.starts_with("application/dtmf-relay") {
        let field = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once('=')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        (field("Signal"), field("Duration").and_then(|ms| ms.parse().ok()))
    } else if kind.starts_with("application/dtmf") {
        (Some(text.trim().to_owned()), None)
    } else {
        return Err(());
    };
    let digit = digit.and_then(|text| match text.as_str() {
        "10" => Some('*'),
        "11" => Some('#'),
        other => other.chars().next(),
    });
    let digit = digit.map(|c| c.to_ascii_uppercase()).filter(|c| matches!(c, '0'..='9' | 'A'..='D' | '*' | '#'));
    Ok(digit.map(|digit| DialogEvent::Dtmf { digit, ms: ms.unwrap_or(DEFAULT_TONE_MS).min(10_000) }))
}
