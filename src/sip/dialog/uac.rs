//! Calls from us: from our INVITE to its final response, RFC 3261 §13.2, with challenges, forks and a 2xx that crosses our CANCEL.

use std::sync::Arc;
use std::time::Instant;

use super::{Call, Calling, DialogState, Stage, timer, uas::sdp_of};
use crate::sip::SipError;
use crate::sip::call::{CallKey, DialogEvent, DialogId, Outgoing};
use crate::sip::core::{Core, Owner, TxId};
use crate::sip::net::Flow;
use crate::sip::wire::auth::choose;
use crate::sip::wire::digest::DigestClient;
use crate::sip::wire::{HeaderName, Method, NameAddr, RequestSpec, Response, Uri};

/// A first challenge, and one more for a nonce that went stale.
const MAX_CHALLENGES: u8 = 2;
/// Targets of a redirection that are looked at.
const MAX_TARGETS: usize = 5;

impl Core {
    /// Sends an INVITE to `flow`, which the caller has resolved.
    pub fn invite(&mut self, now: Instant, flow: Flow, outgoing: Outgoing) -> Result<(CallKey, DialogId), SipError> {
        if self.calls.len() >= self.max_calls || self.table.len() >= self.max_transactions {
            return Err(SipError::Busy);
        }
        let call_id: Arc<str> = self.token().into();
        let local_tag: Arc<str> = self.token().into();
        let mut from = outgoing.from;
        from.params.set("tag", Some(local_tag.to_string()));
        let spec = RequestSpec {
            method: Method::Invite,
            uri: outgoing.to.to_string(),
            from: from.to_string(),
            to: format!("<{}>", outgoing.to),
            call_id: call_id.clone(),
            cseq: 1,
            routes: Vec::new(),
            contact: Some(self.contact(flow)),
            headers: std::iter::once(("Allow".to_owned(), crate::sip::core::ALLOW.to_owned()))
                .chain(timer::headers(None, None))
                .chain(outgoing.headers)
                .collect(),
            body: Some(("application/sdp".to_owned(), self.described(flow, &outgoing.offer))),
        };
        let key = CallKey(self.key());
        self.guard.called(now, flow.addr.ip());
        let tx = self.send_request(now, flow, &spec.clone(), Owner::Invite { call: key, within: false, spec: Arc::new(spec) });
        let calling = Calling { tx, proceeding: false, abandoned: None, challenges: 0, intervals: 0 };
        let mut call = Call::new(call_id.clone(), local_tag.clone(), flow, Stage::Calling(calling), true);
        call.credentials = outgoing.credentials;
        call.last_sdp = Some(outgoing.offer);
        call.may_refer = outgoing.may_refer;
        self.calls.insert(key, call);
        self.tags.insert(local_tag.clone(), key);
        Ok((key, DialogId { call_id, local_tag }))
    }

    /// The callee is a phone that has registered: all of its dialog goes where its INVITE went.
    pub fn pin(&mut self, key: CallKey) {
        if let Some(call) = self.calls.get_mut(&key) {
            call.pinned = true;
        }
    }

    pub(in crate::sip) fn on_invite_response(
        &mut self,
        now: Instant,
        tx: TxId,
        key: CallKey,
        flow: Flow,
        spec: &Arc<RequestSpec>,
        response: &Response,
    ) {
        match response.status {
            ..200 => self.on_progress(now, key, flow, spec, response),
            200..300 => self.on_accepted(now, tx, key, flow, spec, response),
            401 | 407 if self.answer_challenge(now, key, spec, response) => {}
            422 if self.ask_longer(now, key, spec, response) => {}
            status => {
                if (300..400).contains(&status) {
                    let targets = targets_of(&response.headers);
                    self.tell(key, DialogEvent::Redirected { targets });
                }
                let retry_after = response.headers.text(&HeaderName::RetryAfter).and_then(|text| leading_number(&text));
                self.invite_failed(now, key, status, &response.reason, retry_after);
            }
        }
    }

    fn on_progress(&mut self, now: Instant, key: CallKey, flow: Flow, spec: &Arc<RequestSpec>, response: &Response) {
        let Some(Call { stage: Stage::Calling(calling), .. }) = self.calls.get_mut(&key) else {
            return;
        };
        let first = !std::mem::replace(&mut calling.proceeding, true);
        if first && calling.abandoned.is_some() {
            return self.cancel_now(now, key);
        }
        // One 100 is enough to know that somebody is there.
        let news = match response.status {
            100 => first,
            _ => self.on_early(now, key, flow, spec, response),
        };
        if news {
            let sdp = sdp_of(&response.headers, &response.body);
            self.tell(key, DialogEvent::Progress { status: response.status, sdp });
        }
    }

    /// A 2xx: new, repeated, of another branch of a fork, or too late.
    fn on_accepted(&mut self, now: Instant, tx: TxId, key: CallKey, flow: Flow, spec: &RequestSpec, response: &Response) {
        let Some(mut dialog) = DialogState::uac(spec, response) else {
            // An answer that cannot even be acknowledged is none.
            return self.invite_failed(now, key, 500, "Unreadable 2xx", None);
        };
        if let Some((_, flow, ack)) = self.table.get(tx).and_then(|tx| tx.acks.iter().find(|(tag, ..)| *tag == dialog.remote_tag)) {
            let again = crate::sip::core::Output::Send { flow: *flow, bytes: ack.clone() };
            self.outputs.push_back(again);
            return;
        }
        dialog.pinned = self.calls.get(&key).is_some_and(|call| call.pinned);
        if let Some(early) =
            self.calls.get(&key).and_then(|call| call.early.iter().find(|early| early.dialog.remote_tag == dialog.remote_tag))
        {
            dialog.continue_from(&early.dialog);
        }
        let hop = dialog.next_hop(flow);
        let ack = self.send_ack(hop, &dialog.ack(spec.cseq));
        if let Some(tx) = self.table.get_mut(tx) {
            tx.acks.push((dialog.remote_tag.clone(), hop, ack));
        }
        let wanted = match self.calls.get_mut(&key) {
            Some(call) => match &call.stage {
                Stage::Calling(calling) => Some(calling.abandoned.clone()),
                Stage::Ringing { .. } | Stage::Up => None,
            },
            None => None,
        };
        match wanted {
            Some(None) => {
                if let Some(call) = self.calls.get_mut(&key) {
                    call.flow = flow;
                    call.dialog = Some(dialog);
                    call.stage = Stage::Up;
                    call.early.clear();
                    call.updates = allows_update(&response.headers);
                }
                self.set_timer(key, timer::granted(now, &response.headers, timer::interval_of(spec)));
                let sdp = sdp_of(&response.headers, &response.body);
                self.tell(key, DialogEvent::Answered { sdp });
            }
            // The 2xx crossed our CANCEL (§9.1), or a fork answered twice (§13.2.2.4): acknowledged above, now over.
            unwanted => {
                let reason = unwanted.flatten().flatten();
                let bye = dialog.request(Method::Bye);
                self.send_bye(now, hop, bye, reason.as_deref(), None);
                if let Some(Call { stage: Stage::Calling(_), .. }) = self.calls.get(&key) {
                    self.forget(now, key);
                }
            }
        }
    }

    /// §22.2 and RFC 8760 §2.4; true when another INVITE is on its way.
    fn answer_challenge(&mut self, now: Instant, key: CallKey, spec: &RequestSpec, response: &Response) -> bool {
        let Some(challenge) = choose(&response.headers) else {
            return false;
        };
        let cnonce = self.token();
        let Some(call) = self.calls.get_mut(&key) else {
            return false;
        };
        let Stage::Calling(calling) = &mut call.stage else {
            return false;
        };
        let Some(credentials) = &call.credentials else {
            return false;
        };
        let refused = calling.challenges > 0 && !challenge.stale;
        if calling.abandoned.is_some() || refused || calling.challenges >= MAX_CHALLENGES {
            return false;
        }
        calling.challenges += 1;
        let mut digest = DigestClient::new(challenge);
        let (name, value) = digest.authorize(credentials, "INVITE", &spec.uri, &cnonce);
        call.digest = Some(digest);
        let flow = call.flow;
        let mut spec = spec.clone();
        spec.cseq += 1;
        spec.headers.retain(|(header, _)| header != name);
        spec.headers.push((name.to_owned(), value));
        let owner = Owner::Invite { call: key, within: false, spec: Arc::new(spec.clone()) };
        let tx = self.send_request(now, flow, &spec, owner);
        if let Some(Call { stage: Stage::Calling(calling), .. }) = self.calls.get_mut(&key) {
            calling.tx = tx;
            calling.proceeding = false;
        }
        if let Some(call) = self.calls.get_mut(&key) {
            call.early.clear();
        }
        true
    }

    /// RFC 4028 §7.3: somebody on the way takes only longer sessions; true when another INVITE is on its way.
    fn ask_longer(&mut self, now: Instant, key: CallKey, spec: &RequestSpec, response: &Response) -> bool {
        let Some(least) = timer::least(&response.headers) else { return false };
        let Some(Call { stage: Stage::Calling(calling), flow, .. }) = self.calls.get_mut(&key) else { return false };
        if calling.abandoned.is_some() || calling.intervals > 0 {
            return false;
        }
        calling.intervals += 1;
        let flow = *flow;
        let mut spec = spec.clone();
        spec.cseq += 1;
        timer::replace(&mut spec, least);
        let owner = Owner::Invite { call: key, within: false, spec: Arc::new(spec.clone()) };
        let tx = self.send_request(now, flow, &spec, owner);
        if let Some(Call { stage: Stage::Calling(calling), early, .. }) = self.calls.get_mut(&key) {
            (calling.tx, calling.proceeding) = (tx, false);
            early.clear();
        }
        true
    }

    /// No call came of it.
    pub(in crate::sip) fn invite_failed(&mut self, now: Instant, key: CallKey, status: u16, reason: &str, retry_after: Option<u32>) {
        if !matches!(self.calls.get(&key), Some(Call { stage: Stage::Calling(_), .. })) {
            return;
        }
        self.tell(key, DialogEvent::Rejected { status, reason: reason.to_owned(), retry_after });
        self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(status), reason: None });
    }

    /// Gives up a call that is not answered. The owner is told at once; the call stays until its INVITE has a final response.
    pub(super) fn abandon(&mut self, now: Instant, key: CallKey, reason: Option<String>) {
        let Some(Call { stage: Stage::Calling(calling), .. }) = self.calls.get_mut(&key) else {
            return;
        };
        if calling.abandoned.is_some() {
            return;
        }
        let proceeding = calling.proceeding;
        calling.abandoned = Some(reason);
        self.tell(key, DialogEvent::Ended { by_peer: false, status: None, reason: None });
        if proceeding {
            self.cancel_now(now, key);
        }
    }

    fn cancel_now(&mut self, now: Instant, key: CallKey) {
        let Some(Call { stage: Stage::Calling(calling), .. }) = self.calls.get_mut(&key) else {
            return;
        };
        let (tx, reason) = (calling.tx, calling.abandoned.clone().flatten());
        self.send_cancel(now, tx, reason.as_deref());
        self.give_up(now, tx);
    }
}

/// Where a 3xx leads (RFC 3261 §8.1.3.4), as far as calls can be made there.
fn targets_of(headers: &crate::sip::wire::Headers) -> Vec<Uri> {
    let contacts = headers.list(&HeaderName::Contact);
    let uris = contacts.iter().filter_map(|contact| Some(NameAddr::parse(contact).ok()?.uri));
    uris.filter(Uri::is_sip).take(MAX_TARGETS).collect()
}

/// The peer says that it takes UPDATE (RFC 3311 §4).
pub(super) fn allows_update(headers: &crate::sip::wire::Headers) -> bool {
    headers.list(&HeaderName::Allow).iter().any(|method| method == "UPDATE")
}

/// `120 (in a meeting);duration=60` → 120.
pub(in crate::sip) fn leading_number(text: &str) -> Option<u32> {
    let digits = text.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// A From for requests outside of a call.
pub(in crate::sip) fn tagged(from: &NameAddr, tag: String) -> String {
    let mut from = from.clone();
    from.params.set("tag", Some(tag));
    from.to_string()
}
