//! Requests to us, in the order of RFC 3261 §8.2: transaction, dialog, then a new call; and what strangers get instead.

use std::time::Instant;

use super::send::ALLOW;
use super::table::Machine;
use super::{Core, Envelope, Inbound, Owner, Reply, TxId};
use crate::sip::call::{CallKey, Caller};
use crate::sip::dialog::SUPPORTED;
use crate::sip::guard::Verdict;
use crate::sip::net::Flow;
use crate::sip::transaction::{InviteServer, Server, ServerInput};
use crate::sip::wire::{HeaderName, Method, Request, Scheme, Uri};

/// Seconds a peer should wait when we are full.
pub(crate) const RETRY_AFTER: &str = "5";
/// Of what a stream or a datagram may carry.
const MAX_BODY: u64 = 64 * 1024;
/// To a peer an answer may be as long as it needs.
const UNLIMITED: usize = usize::MAX;

impl Core {
    /// `size` is what it took on the wire: an answer to a stranger must not be longer.
    pub(super) fn on_request(&mut self, now: Instant, flow: Flow, request: Request, size: usize) {
        let trusted = self.peer(flow).is_some();
        let inbound = match Inbound::new(flow, request) {
            Ok(inbound) => inbound,
            Err(request) => return self.on_broken_via(now, flow, request, trusted, size),
        };
        let envelope = match Envelope::parse(&inbound.request) {
            Ok(envelope) => envelope,
            Err(what) => {
                self.counters.malformed += 1;
                let reply = Reply { status: 400, phrase: what, ..Reply::default() };
                return self.answer_by_trust(now, &inbound, trusted, size, reply);
            }
        };
        let method = inbound.request.method.clone();
        let keyed = if method == Method::Ack { Method::Invite } else { method.clone() };
        if let Some(tx) = self.table.find(&inbound.transaction_key(&keyed, &envelope)) {
            let input = if method == Method::Ack { ServerInput::Ack } else { ServerInput::Request };
            // The ACK of a 2xx under the INVITE's branch (old user agents) belongs to the call.
            if method != Method::Ack || !self.is_accepted(tx) {
                return self.repeat(now, tx, input);
            }
        }
        if method == Method::Cancel {
            return self.on_cancel(now, inbound, envelope, trusted, size);
        }
        if let Some(call) = self.call_of(&envelope).filter(|call| trusted || self.belongs(*call, flow)) {
            return self.on_request_within(now, call, inbound, envelope);
        }
        // A phone that we called may say BYE to a call that has just ended here: it gets its 481.
        let leftover = envelope.to.tag().is_some() && self.guard.is_called(now, flow.addr.ip());
        let (inbound, envelope) = if self.is_for_phones(&inbound, trusted) {
            match self.on_phone_request(now, inbound, envelope) {
                Some(other) => other,
                None => return,
            }
        } else {
            (inbound, envelope)
        };
        if trusted || leftover {
            return self.on_request_outside(now, inbound, envelope);
        }
        self.answer_by_trust(now, &inbound, false, size, Reply::status(403));
    }

    /// What cannot even be answered properly: a peer is told 400 if its Via names it at all (RFC 4475 §3.1.2.1).
    fn on_broken_via(&mut self, now: Instant, flow: Flow, request: Request, trusted: bool, size: usize) {
        self.counters.malformed += 1;
        match Inbound::with_broken_via(flow, request) {
            Some(inbound) => {
                let reply = Reply { status: 400, phrase: "Bad Via", ..Reply::default() };
                self.answer_by_trust(now, &inbound, trusted, size, reply);
            }
            None if !trusted => drop(self.guard.strike(now, flow.addr.ip())),
            None => {}
        }
    }

    fn repeat(&mut self, now: Instant, tx: TxId, input: ServerInput) {
        let Some(record) = self.table.get_mut(tx) else {
            return;
        };
        let effect = match &mut record.machine {
            Machine::InviteServer(machine) => machine.handle(now, input),
            Machine::Server(machine) => machine.handle(now, input),
            Machine::InviteClient(_) | Machine::Client(_) => return,
        };
        self.apply(tx, effect);
    }

    /// An INVITE transaction whose final response was a 2xx has no request left and is no longer proceeding; its call waits for the ACK.
    fn is_accepted(&self, tx: TxId) -> bool {
        match self.table.get(tx).map(|tx| &tx.owner) {
            Some(Owner::Incoming(call)) => {
                self.calls.get(call).is_some_and(|call| call.unacked.as_ref().is_some_and(|unacked| unacked.tx == tx))
            }
            _ => false,
        }
    }

    /// A peer gets the reply; a stranger a 403 no longer than what it sent, a few times, then nothing.
    fn answer_by_trust(&mut self, now: Instant, inbound: &Inbound, trusted: bool, size: usize, reply: Reply<'_>) {
        if trusted {
            let tag = self.token();
            let tag = has_no_to_tag(&inbound.request).then_some(tag.as_str());
            return self.respond_stateless(inbound, Reply { tag, ..reply }, UNLIMITED);
        }
        self.counters.dropped += 1;
        if self.guard.strike(now, inbound.flow.addr.ip()) == Verdict::Refuse {
            self.respond_stateless(inbound, Reply::status(403), size);
        }
    }

    /// The call our tag names, when Call-ID agrees.
    fn call_of(&self, envelope: &Envelope) -> Option<CallKey> {
        let tag = envelope.to.tag()?;
        let key = *self.tags.get(&*tag)?;
        self.calls.get(&key).filter(|call| *call.call_id == *envelope.call_id).map(|_| key)
    }

    /// Requests within a dialog come from where its messages go or came from; a stranger with stolen tags gets no further.
    fn belongs(&self, call: CallKey, flow: Flow) -> bool {
        let ip = flow.addr.ip();
        self.calls.get(&call).is_some_and(|call| {
            call.flow.addr.ip() == ip || call.dialog.as_ref().is_some_and(|dialog| dialog.next_hop(call.flow).addr.ip() == ip)
        })
    }

    fn on_cancel(&mut self, now: Instant, inbound: Inbound, envelope: Envelope, trusted: bool, size: usize) {
        let invite = self.table.find(&inbound.transaction_key(&Method::Invite, &envelope));
        if invite.is_none() && !trusted {
            return self.answer_by_trust(now, &inbound, false, size, Reply::status(403));
        }
        let tx = self.serve(inbound, &envelope, false);
        let Some(invite) = invite else {
            let tag = self.token();
            self.respond(now, tx, Reply { status: 481, tag: Some(&tag), ..Reply::default() });
            return;
        };
        let call = match self.table.get(invite).map(|tx| &tx.owner) {
            Some(Owner::Incoming(call)) => Some(*call),
            _ => None,
        };
        let reason = self
            .table
            .get(tx)
            .and_then(|tx| tx.inbound.as_ref())
            .and_then(|inbound| inbound.request.headers.text(&HeaderName::Reason).map(|r| r.into_owned()));
        let tag = call.and_then(|call| self.calls.get(&call)).map(|call| call.local_tag.clone());
        self.respond(now, tx, Reply { status: 200, tag: tag.as_deref(), ..Reply::default() });
        if let Some(call) = call {
            self.cancelled(now, call, invite, reason);
        }
    }

    /// Opens a server transaction.
    pub(crate) fn serve(&mut self, inbound: Inbound, envelope: &Envelope, merge: bool) -> TxId {
        let method = inbound.request.method.clone();
        let reliable = inbound.flow.transport.is_reliable();
        let machine = if method == Method::Invite {
            Machine::InviteServer(InviteServer::new(reliable))
        } else {
            Machine::Server(Server::new(reliable))
        };
        let key = inbound.transaction_key(&method, envelope);
        self.add_server(machine, key, merge.then(|| envelope.merge_key()), Box::new(inbound))
    }

    /// Answers at once within a transaction, under a tag of its own.
    pub(super) fn refuse_with(&mut self, now: Instant, inbound: Inbound, envelope: &Envelope, reply: Reply<'_>) {
        let tag = self.token();
        let tag = envelope.to.tag().is_none().then_some(tag.as_str());
        let tx = self.serve(inbound, envelope, false);
        self.respond(now, tx, Reply { tag, ..reply });
    }

    /// A request that belongs to no call.
    pub(super) fn on_request_outside(&mut self, now: Instant, inbound: Inbound, envelope: Envelope) {
        let caller = self.peer(inbound.flow).map(|peer| Caller::Trunk(peer.name.clone()));
        self.on_request_of(now, inbound, envelope, caller);
    }

    /// RFC 3261 §8.2.1 to §8.2.3. Without a caller (a phone that we have called, or that is logged in) no new call is begun.
    pub(super) fn on_request_of(&mut self, now: Instant, inbound: Inbound, envelope: Envelope, caller: Option<Caller>) {
        if inbound.request.method == Method::Ack {
            return;
        }
        // A house that is full still lets its own people call: they are few, and it may be for help.
        let new_call = inbound.request.method == Method::Invite && envelope.to.tag().is_none();
        let of_trunk = new_call && matches!(caller, Some(Caller::Trunk(_)));
        if self.table.len() >= self.max_transactions || (of_trunk && self.is_full()) {
            if new_call {
                self.turned_away(now);
            }
            // Without a transaction: a repeat of the request finds another answer like this one, and the ACK is nobody's.
            let tag = self.tag_of(&envelope);
            let reply = Reply { tag: Some(&tag), ..Reply::status(503).with("Retry-After", RETRY_AFTER) };
            return self.respond_stateless(&inbound, reply, UNLIMITED);
        }
        if let Some(reply) = objection(&inbound.request, &envelope) {
            return self.refuse_with(now, inbound, &envelope, reply);
        }
        if envelope.to.tag().is_none()
            && inbound.request.method == Method::Invite
            && self.table.find_merged(&envelope.merge_key()).is_some()
        {
            return self.refuse_with(now, inbound, &envelope, Reply::status(482));
        }
        match inbound.request.method {
            Method::Invite if self.calls.len() >= self.max_calls => {
                self.refuse_with(now, inbound, &envelope, Reply::status(503).with("Retry-After", RETRY_AFTER));
            }
            Method::Invite => match caller {
                Some(caller) => self.on_invite(now, inbound, envelope, caller),
                None => self.refuse_with(now, inbound, &envelope, Reply::status(481)),
            },
            Method::Options => {
                let reply = Reply::status(200).with("Allow", ALLOW).with("Accept", "application/sdp").with("Accept-Encoding", "identity");
                let reply = reply.with("Supported", SUPPORTED);
                self.refuse_with(now, inbound, &envelope, reply);
            }
            // Only those who log in may register, and they have been heard before.
            Method::Register => self.refuse_with(now, inbound, &envelope, Reply::status(405).with("Allow", ALLOW)),
            // A transfer without a call is nothing that we do.
            Method::Refer if envelope.to.tag().is_none() => self.refuse_with(now, inbound, &envelope, Reply::status(403)),
            // Of a dialog that is gone.
            _ => self.refuse_with(now, inbound, &envelope, Reply::status(481)),
        }
    }

    /// The owner cannot take a new call.
    pub fn refuse(&mut self, now: Instant, key: CallKey) {
        self.reject_incoming(now, key, Reply::status(503).with("Retry-After", RETRY_AFTER));
    }
}

fn has_no_to_tag(request: &Request) -> bool {
    request.headers.text(&HeaderName::To).is_none_or(|to| !to.to_ascii_lowercase().contains("tag="))
}

/// Why a request cannot be processed, whatever it is about.
pub(crate) fn objection(request: &Request, envelope: &Envelope) -> Option<Reply<'static>> {
    if !request.version_ok {
        return Some(Reply::status(505));
    }
    let bad = |phrase| Some(Reply { status: 400, phrase, ..Reply::default() });
    if request.irregular {
        return bad("Malformed Request-Line");
    }
    if request.bad_length {
        let longer = |text: &str| text.trim().parse::<u64>().is_ok_and(|length| length > MAX_BODY);
        let too_long = request.headers.text(&HeaderName::ContentLength).is_some_and(|text| longer(&text));
        return if too_long { Some(Reply::status(513)) } else { bad("Bad Content-Length") };
    }
    match &request.method {
        Method::Invite | Method::Bye | Method::Options | Method::Update | Method::Info | Method::Cancel | Method::Ack => {}
        Method::Prack | Method::Refer | Method::Register => {}
        Method::Other(_) => return Some(Reply::status(501).with("Allow", ALLOW)),
        _ => return Some(Reply::status(405).with("Allow", ALLOW)),
    }
    match Uri::parse(&request.uri) {
        Ok(uri) if matches!(uri.scheme, Scheme::Other(_)) => return Some(Reply::status(416)),
        // §19.1.1: headers have no place in a Request-URI.
        Ok(uri) if uri.headers.is_some() => return bad("Headers In Request-URI"),
        Ok(_) => {}
        Err(_) => return bad("Bad Request-URI"),
    }
    // §8.2.2.3, CANCEL and ACK excepted.
    let known = |tag: &String| SUPPORTED.split(", ").any(|known| known.eq_ignore_ascii_case(tag)) && request.method != Method::Register;
    let mut required = request.headers.list(&HeaderName::Require);
    required.retain(|tag| !known(tag));
    if !required.is_empty() {
        return Some(Reply::status(420).with("Unsupported", required.join(", ")));
    }
    if request.method == Method::Invite && envelope.from.tag().is_none() && envelope.to.tag().is_some() {
        return bad("No From tag");
    }
    if request
        .headers
        .text(&HeaderName::ContentEncoding)
        .is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    {
        return Some(Reply::status(415).with("Accept-Encoding", "identity"));
    }
    if request.method == Method::Invite && !accepts_sdp(request) {
        return Some(Reply::status(406));
    }
    None
}

/// §20.1: without an Accept, SDP it is.
fn accepts_sdp(request: &Request) -> bool {
    let accepted = request.headers.list(&HeaderName::Accept);
    let fits = |kind: &String| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "application/sdp" | "application/*" | "*/*" | "*")
    };
    accepted.is_empty() || accepted.iter().any(fits)
}
