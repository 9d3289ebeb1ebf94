//! Desk phones at the core: REGISTER, the challenge that every stranger gets alike, INVITEs of phones, and the questions (OPTIONS) by
//! which a phone that has gone is missed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Core, Envelope, Inbound, Output, Owner, Reply, Wake, objection};
use crate::sip::call::Caller;
use crate::sip::net::{Flow, Transport};
use crate::sip::registrar::{Account, BindingId, Contact, Login, MAX_EXPIRES, MIN_EXPIRES, PhoneNews, Place, REALM, granted};
use crate::sip::wire::{HeaderName, Headers, Method, NameAddr, RequestSpec, Uri};

/// Contacts in one REGISTER; more are no telephone.
const MAX_CONTACTS: usize = 8;
/// Challenges after which a source that never answers is asked for MD5 alone: some give up at the sight of another algorithm instead of
/// passing over it, as RFC 7616 §3.7 asks.
const PUZZLED: u32 = 4;
/// Those who are known to, by the beginning of their User-Agent (seen with 1.0.0, November 2026).
const MD5_ONLY: [&str; 2] = ["baresip v0.", "baresip v1."];
/// Longest User-Agent that is kept.
const USER_AGENT: usize = 80;

/// What one Contact of a REGISTER asks for.
struct Wanted {
    uri: Uri,
    instance: Option<String>,
    expires: u32,
}

impl Core {
    /// Replaces the logins of desk phones.
    pub fn set_accounts(&mut self, now: Instant, accounts: Vec<Account>) {
        for agent in self.registrar.set_accounts(accounts) {
            self.phones_changed(now, agent);
        }
    }

    /// What the last process knew of phones. Each is asked at once whether it is still there.
    pub fn restore_contacts(&mut self, now: Instant, contacts: Vec<Contact>) {
        for contact in contacts {
            self.registrar.restore(now, contact);
        }
        self.arm_phones();
    }

    /// Where an agent's phones are rung: the address for the request line and the way there.
    pub fn phone_targets(&self, agent: &str) -> Vec<(Uri, Flow)> {
        let reachable = self.registrar.bindings.of(agent).filter(|binding| binding.reachable);
        reachable.filter_map(|binding| Some((binding.uri.clone(), binding.flow()?))).collect()
    }

    /// Whether a request outside of any call is one for which phones log in. Of a trunk at the same address as a phone (a router or proxy in
    /// front of both) the phone is told by the port that it registered from, by its Contact, or by what it says to our challenges.
    pub(super) fn is_for_phones(&self, inbound: &Inbound, trusted: bool) -> bool {
        let register = inbound.request.method == Method::Register;
        !self.registrar.is_empty() && (!trusted || register || self.registrar.is_of_phone(inbound.flow, &inbound.request))
    }

    /// Gives back what is none of this module's.
    pub(super) fn on_phone_request(&mut self, now: Instant, inbound: Inbound, envelope: Envelope) -> Option<(Inbound, Envelope)> {
        match inbound.request.method {
            Method::Register => self.on_register(now, inbound, envelope),
            Method::Invite if envelope.to.tag().is_none() => self.on_phone_invite(now, inbound, envelope),
            // To a challenge that kept no transaction.
            Method::Ack => {}
            // A phone that is logged in asks whether we are there, or for something we do not do.
            _ if self.registrar.bindings.by_source(inbound.flow).is_some() => self.on_request_outside(now, inbound, envelope),
            _ => return Some((inbound, envelope)),
        }
        None
    }

    fn on_phone_invite(&mut self, now: Instant, inbound: Inbound, envelope: Envelope) {
        match self.log_in(now, &inbound) {
            Some(Login::Granted(agent)) => self.on_request_of(now, inbound, envelope, Some(Caller::Phone(agent))),
            Some(Login::Elsewhere) => self.refuse_with(now, inbound, &envelope, Reply::status(403)),
            Some(Login::Challenge { .. }) | None => {}
        }
    }

    /// Judges the credentials; a challenge is sent here, without a transaction, so that strangers cost no memory (RFC 3261 §22.1).
    fn log_in(&mut self, now: Instant, inbound: &Inbound) -> Option<Login> {
        let ip = inbound.flow.addr.ip();
        let login = self.registrar.login(now, inbound.flow, &inbound.request);
        let Login::Challenge { stale } = login else {
            self.guard.honest(ip);
            return Some(login);
        };
        if self.registrar.is_guessing(now, ip) {
            self.guard.ban(now, ip);
        }
        let Some(asked) = self.guard.challenge(now, ip) else {
            self.counters.dropped += 1;
            return None;
        };
        let salt = self.random_below(u64::MAX);
        let nonce = self.registrar.nonce(now, salt);
        let tag = self.token();
        let challenge = |algorithm: &str| {
            let stale = if stale { ", stale=true" } else { "" };
            format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", qop=\"auth\", algorithm={algorithm}{stale}")
        };
        // RFC 8760 §2.4: the one we would rather have comes first.
        let mut reply = Reply { tag: Some(&tag), ..Reply::status(401) };
        if asked < PUZZLED && !knows_md5_only(&inbound.request.headers) {
            reply = reply.with("WWW-Authenticate", challenge("SHA-256"));
        }
        let reply = reply.with("WWW-Authenticate", challenge("MD5"));
        self.respond_stateless(inbound, reply, usize::MAX);
        Some(login)
    }

    fn on_register(&mut self, now: Instant, inbound: Inbound, envelope: Envelope) {
        let agent = match self.log_in(now, &inbound) {
            Some(Login::Granted(agent)) => agent,
            Some(Login::Elsewhere) => return self.refuse_with(now, inbound, &envelope, Reply::status(403)),
            Some(Login::Challenge { .. }) | None => return,
        };
        if let Some(reply) = objection(&inbound.request, &envelope) {
            return self.refuse_with(now, inbound, &envelope, reply);
        }
        let reply = match self.register(now, &agent, &inbound, &envelope) {
            Ok(()) => self.registered(now, &agent),
            Err(reply) => reply,
        };
        self.refuse_with(now, inbound, &envelope, reply);
        self.arm_phones();
    }

    /// §10.3 steps 5 to 7: all of it or nothing.
    fn register(&mut self, now: Instant, agent: &Arc<str>, inbound: &Inbound, envelope: &Envelope) -> Result<(), Reply<'static>> {
        let bad = |phrase| Reply { phrase, ..Reply::status(400) };
        if !envelope.to.uri.user().is_some_and(|user| self.registrar.owns(agent, &user)) {
            return Err(Reply::status(403));
        }
        let headers = &inbound.request.headers;
        let listed = headers.list(&HeaderName::Contact);
        let default = headers.text(&HeaderName::Expires).and_then(|text| text.trim().parse().ok()).unwrap_or(MAX_EXPIRES);
        if listed.iter().any(|contact| contact == "*") {
            if listed.len() > 1 || default != 0 || headers.count(&HeaderName::Expires) == 0 {
                return Err(bad("Bad Contact"));
            }
            if self.registrar.bindings.remove_all(agent, &envelope.call_id, envelope.cseq.number) {
                self.phones_changed(now, agent.clone());
            }
            return Ok(());
        }
        let wanted: Option<Vec<Wanted>> = listed.iter().take(MAX_CONTACTS).map(|text| wanted(text, default)).collect();
        let wanted = wanted.ok_or_else(|| bad("Bad Contact"))?;
        if wanted.iter().any(|contact| (1..MIN_EXPIRES).contains(&contact.expires)) {
            return Err(Reply::status(423).with("Min-Expires", MIN_EXPIRES.to_string()));
        }
        let (call_id, cseq) = (envelope.call_id.as_str(), envelope.cseq.number);
        if wanted.iter().any(|contact| !self.registrar.bindings.in_order(agent, &contact.uri, call_id, cseq)) {
            return Err(Reply { phrase: "Out of Order", ..Reply::status(500) });
        }
        let user_agent =
            headers.text(&HeaderName::UserAgent).map(|text| text.chars().filter(|c| !c.is_control()).take(USER_AGENT).collect());
        let changed = !wanted.is_empty();
        for contact in wanted {
            if contact.expires == 0 {
                self.registrar.bindings.remove(agent, &contact.uri, contact.instance.as_deref());
                continue;
            }
            let place = Place {
                uri: contact.uri,
                instance: contact.instance,
                call_id: call_id.to_owned(),
                cseq,
                flow: inbound.flow,
                user_agent: user_agent.clone().unwrap_or_default(),
                expires: granted(contact.expires),
            };
            self.registrar.bindings.put(now, agent, place);
        }
        if changed {
            self.phones_changed(now, agent.clone());
        }
        Ok(())
    }

    /// §10.3 step 8: all contacts there are now.
    fn registered(&self, now: Instant, agent: &str) -> Reply<'static> {
        let contacts = self.registrar.contacts(now, agent);
        contacts
            .iter()
            .fold(Reply::status(200), |reply, contact| reply.with("Contact", format!("<{}>;expires={}", contact.uri, contact.expires_in)))
    }

    /// Tells of an agent's phones as they are now.
    fn phones_changed(&mut self, now: Instant, agent: Arc<str>) {
        let contacts = self.registrar.contacts(now, &agent);
        self.outputs.push_back(Output::Phones(PhoneNews { agent, contacts }));
    }

    fn arm_phones(&mut self) {
        if let Some(at) = self.registrar.bindings.next_deadline()
            && self.phones_armed.is_none_or(|armed| at < armed)
        {
            self.phones_armed = Some(at);
            self.wake_at(at, Wake::Phones);
        }
    }

    pub(super) fn on_phones_timer(&mut self, now: Instant, at: Instant) {
        if self.phones_armed != Some(at) {
            return;
        }
        self.phones_armed = None;
        for agent in self.registrar.bindings.expire(now) {
            self.phones_changed(now, agent);
        }
        for id in self.registrar.bindings.due(now) {
            self.ask(now, id);
        }
        self.arm_phones();
    }

    /// Our way to the phones may be another one now.
    pub(super) fn ask_phones(&mut self, now: Instant) {
        self.registrar.bindings.ask_all(now);
        self.arm_phones();
    }

    /// OPTIONS to a phone: any answer says that it is there, and the packet keeps the way open.
    fn ask(&mut self, now: Instant, id: BindingId) {
        let (call_id, tag) = (self.token(), self.token());
        let Some(binding) = self.registrar.bindings.get_mut(id) else { return };
        binding.ask_at = now + binding.ask_every();
        let (Some(flow), uri) = (binding.flow(), binding.uri.clone()) else { return };
        let us = self.local.facing(flow.transport, flow.addr.ip());
        let from = NameAddr::new(None, Uri::sip(None, us));
        let spec = RequestSpec {
            method: Method::Options,
            uri: uri.to_string(),
            from: crate::sip::dialog::tagged(&from, tag),
            to: NameAddr::new(None, uri).to_string(),
            call_id: call_id.into(),
            cseq: 1,
            routes: Vec::new(),
            contact: Some(self.contact(flow)),
            headers: vec![("Accept".to_owned(), "application/sdp".to_owned())],
            body: None,
        };
        self.guard.called(now, flow.addr.ip());
        self.send_request(now, flow, &spec, Owner::Ask(id));
    }

    /// A phone has answered our question, or has not.
    pub(super) fn asked(&mut self, now: Instant, id: BindingId, answered: bool) {
        let Some(binding) = self.registrar.bindings.get_mut(id) else { return };
        let before = (binding.answers, binding.reachable);
        if answered {
            (binding.answers, binding.reachable) = (true, true);
        } else if binding.answers {
            binding.reachable = false;
            // Asked again soon: it may only have been plugged in elsewhere.
            binding.ask_at = binding.ask_at.min(now + Duration::from_secs(5));
        }
        if before != (binding.answers, binding.reachable) {
            let agent = binding.agent.clone();
            if !answered {
                tracing::warn!(%agent, "a registered phone does not answer any more");
            }
            self.phones_changed(now, agent);
        }
        self.arm_phones();
    }

    /// A connection is closed, by whichever side.
    pub fn connection_closed(&mut self, now: Instant, transport: Transport, addr: std::net::SocketAddr) {
        for agent in self.registrar.bindings.cut(transport, addr) {
            self.phones_changed(now, agent);
        }
    }
}

fn knows_md5_only(headers: &Headers) -> bool {
    headers.text(&HeaderName::UserAgent).is_some_and(|name| MD5_ONLY.iter().any(|known| name.starts_with(known)))
}

/// `None` for what cannot be called back.
fn wanted(text: &str, default: u32) -> Option<Wanted> {
    let contact = NameAddr::parse(text).ok()?;
    let sip = contact.uri.is_sip() && contact.uri.headers.is_none();
    let expires = contact.params.get("expires").map_or(Some(default), |text| Some(text.parse().unwrap_or(MAX_EXPIRES)))?;
    let instance = contact.params.get("+sip.instance").map(|text| text.into_owned());
    sip.then_some(Wanted { uri: contact.uri, instance, expires })
}
