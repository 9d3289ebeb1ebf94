//! REFER from a desk phone (RFC 3515) and the dialog that an INVITE means to replace (RFC 3891): parsed here, decided by whoever holds the
//! call; how it goes is told by NOTIFY.

use std::sync::Arc;
use std::time::Instant;

use super::{Call, Stage};
use crate::sip::call::{CallKey, DialogEvent, DialogId};
use crate::sip::core::{Core, Envelope, Inbound, Owner, Reply};
use crate::sip::wire::{HeaderName, Headers, Method, NameAddr, Params, RequestSpec, reason_phrase, unescape};

/// The peer's subscription to what becomes of its REFER.
#[derive(Debug, Clone)]
pub(crate) struct Referring {
    /// Names the REFER among several (§2.4.6).
    cseq: u32,
}

/// A phone's call that was, as its peer named it: one that asks for its place hears that it is over, and not that it never was.
#[derive(Debug)]
pub(crate) struct Ended {
    call_id: Arc<str>,
    local_tag: Arc<str>,
    remote_tag: String,
}

/// So many of the newest are remembered.
const ENDED: usize = 256;

impl Core {
    pub(super) fn remember(&mut self, call: &Call) {
        let Some(dialog) = call.dialog.as_ref().filter(|_| call.may_refer) else { return };
        self.ended.truncate(ENDED - 1);
        let (call_id, local_tag) = (call.call_id.clone(), call.local_tag.clone());
        self.ended.push_front(Ended { call_id, local_tag, remote_tag: dialog.remote_tag.clone() });
    }

    pub(super) fn on_refer(&mut self, now: Instant, key: CallKey, inbound: Inbound, envelope: &Envelope) {
        let headers = inbound.request.headers.clone();
        let flow = inbound.flow;
        let tx = self.serve(inbound, envelope, false);
        let Some(call) = self.calls.get_mut(&key) else { return };
        if !call.may_refer || !matches!(call.stage, Stage::Up) {
            self.respond(now, tx, Reply::status(603));
            return;
        }
        // §2.4.2: exactly one Refer-To.
        let targets = headers.list(&HeaderName::ReferTo);
        let target = match &targets[..] {
            [one] => NameAddr::parse(one).ok().map(|target| target.uri),
            _ => None,
        };
        let Some(mut to) = target else {
            self.respond(now, tx, Reply { phrase: "Bad Refer-To", ..Reply::status(400) });
            return;
        };
        let Ok(asked) = asked_within(to.headers.take().as_deref()) else {
            self.respond(now, tx, Reply { phrase: "Bad Replaces", ..Reply::status(400) });
            return;
        };
        let replaces = asked.map(|asked| self.named_by(&asked, true)).transpose();
        let contact = self.contact(flow);
        if let Some(call) = self.calls.get_mut(&key) {
            call.referring = Some(Referring { cseq: envelope.cseq.number });
        }
        self.respond(now, tx, Reply::status(202).with("Contact", contact));
        match replaces {
            Ok(replaces) => {
                self.notify(now, key, 100);
                self.tell(key, DialogEvent::Refer { to, replaces });
            }
            // What an INVITE with that Replaces would hear. Never as the REFER's own answer: a 481 would end the call it came in (RFC 5057 §5).
            Err(status) => self.notify(now, key, status),
        }
    }

    /// The call that a Replaces names, or the status that an INVITE with it is answered (RFC 3891 §3).
    pub(super) fn named_by(&self, asked: &Replaces, crossed: bool) -> Result<DialogId, u16> {
        let Some((key, id)) = self.replaced(asked, crossed) else {
            return Err(if self.ended.iter().any(|ended| asked.names(ended)) { 603 } else { 481 });
        };
        match self.calls.get(&key).map(|call| &call.stage) {
            Some(Stage::Up) if asked.early_only => Err(486),
            Some(Stage::Up | Stage::Calling(_)) => Ok(id),
            // An early dialog is given up by whoever began it, and by nobody else.
            Some(Stage::Ringing { .. }) | None => Err(481),
        }
    }

    /// Tells the peer how its REFER goes; a final status ends the subscription.
    pub(super) fn notify(&mut self, now: Instant, key: CallKey, status: u16) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let flow = call.flow;
        let (Some(referring), Some(dialog)) = (call.referring.clone(), call.dialog.as_mut()) else { return };
        let mut notify: RequestSpec = dialog.request(Method::Notify);
        let hop = dialog.next_hop(flow);
        let last = status >= 200;
        if last {
            call.referring = None;
        }
        let state = if last { "terminated;reason=noresource" } else { "active;expires=120" };
        notify.headers.push(("Event".to_owned(), format!("refer;id={}", referring.cseq)));
        notify.headers.push(("Subscription-State".to_owned(), state.to_owned()));
        notify.body = Some(("message/sipfrag;version=2.0".to_owned(), format!("SIP/2.0 {status} {}\r\n", reason_phrase(status))));
        notify.contact = Some(self.contact(hop));
        self.authorize(key, &mut notify);
        self.send_request(now, hop, &notify.clone(), Owner::Within { call: None, spec: Arc::new(notify), retried: false });
    }

    /// The call that a Replaces names, by our tag; `crossed` when it is written from our own side, as a REFER to somebody else's phone has it.
    fn replaced(&self, asked: &Replaces, crossed: bool) -> Option<(CallKey, DialogId)> {
        let ways = [(&asked.to_tag, &asked.from_tag), (&asked.from_tag, &asked.to_tag)];
        ways.into_iter().take(if crossed { 2 } else { 1 }).find_map(|(ours, theirs)| {
            let key = *self.tags.get(ours.as_str())?;
            let call = self.calls.get(&key)?;
            let same = *call.call_id == *asked.call_id && call.is_with(theirs);
            same.then(|| (key, DialogId { call_id: call.call_id.clone(), local_tag: call.local_tag.clone() }))
        })
    }
}

/// RFC 3891 §6.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaces {
    pub call_id: String,
    pub to_tag: String,
    pub from_tag: String,
    pub early_only: bool,
}

impl Replaces {
    /// Either way round: what is over leads nowhere.
    fn names(&self, ended: &Ended) -> bool {
        let tags = [(&self.to_tag, &self.from_tag), (&self.from_tag, &self.to_tag)];
        let same = |(ours, theirs): (&String, &String)| **ours == *ended.local_tag && *theirs == ended.remote_tag;
        *self.call_id == *ended.call_id && tags.into_iter().any(same)
    }
}

/// The Replaces within the headers of a Refer-To; `Err` where it cannot be read, or stands there twice.
fn asked_within(headers: Option<&str>) -> Result<Option<Replaces>, ()> {
    let named = headers.unwrap_or_default().split('&').filter_map(|header| header.split_once('='));
    let mut values = named.filter(|(name, _)| name.eq_ignore_ascii_case("Replaces")).map(|(_, value)| unescape(value));
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => parse_replaces(&value).map(Some).ok_or(()),
        (Some(_), Some(_)) => Err(()),
    }
}

fn parse_replaces(text: &str) -> Option<Replaces> {
    let (call_id, params) = text.split_once(';')?;
    let params = Params::parse(params).ok()?;
    Some(Replaces {
        call_id: call_id.trim().to_owned(),
        to_tag: params.get("to-tag")?.into_owned(),
        from_tag: params.get("from-tag")?.into_owned(),
        early_only: params.has("early-only"),
    })
}

/// The Replaces of an INVITE; `Err` when there is one and it cannot be read, or there are several (§3).
pub(super) fn replaces(headers: &Headers) -> Result<Option<Replaces>, ()> {
    match headers.count(&HeaderName::Replaces) {
        0 => Ok(None),
        1 => headers.text(&HeaderName::Replaces).and_then(|text| parse_replaces(&text)).map(Some).ok_or(()),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_is_read_in_any_order() {
        let asked = parse_replaces("98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only").expect("readable");
        assert_eq!(
            (asked.call_id.as_str(), asked.to_tag.as_str(), asked.from_tag.as_str()),
            ("98732@sip.example.com", "ff87ff", "r33th4x0r")
        );
        assert!(asked.early_only);
        for broken in ["", "abc", "abc;to-tag=1", "abc;from-tag=1"] {
            assert!(parse_replaces(broken).is_none(), "{broken}");
        }
    }
}
