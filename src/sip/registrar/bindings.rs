//! Where phones are: the bindings of RFC 3261 §10.3, each with the way back to it and whether it still answers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Contact;
use crate::sip::net::{Flow, Transport};
use crate::sip::wire::Uri;

/// Phones of one agent; one more takes the place of the one that would expire first.
const PER_AGENT: usize = 8;
/// How often a phone is asked whether it is there. Over UDP this keeps a NAT's hole open too (RFC 5626 §4.4).
const ASK_UDP: Duration = Duration::from_secs(25);
const ASK_STREAM: Duration = Duration::from_secs(90);

/// Names a binding for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BindingId(pub u64);

#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub agent: Arc<str>,
    pub uri: Uri,
    pub instance: Option<String>,
    pub call_id: String,
    pub cseq: u32,
    pub source: SocketAddr,
    pub transport: Transport,
    pub user_agent: String,
    pub expires: Instant,
    pub answers: bool,
    pub reachable: bool,
    /// The connection it came over has been closed, or was the last process's.
    pub cut: bool,
    /// When it is asked next.
    pub ask_at: Instant,
}

/// What a REGISTER says about one contact.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub uri: Uri,
    pub instance: Option<String>,
    pub call_id: String,
    pub cseq: u32,
    pub flow: Flow,
    pub user_agent: String,
    pub expires: Duration,
}

#[derive(Default)]
pub(crate) struct Bindings {
    all: BTreeMap<BindingId, Binding>,
    next: u64,
}

impl Binding {
    /// The way to the phone: back to where it registered from. A cut connection is made anew only where no NAT can be between, which is
    /// where the contact names the source itself.
    pub fn flow(&self) -> Option<Flow> {
        if !self.transport.is_reliable() {
            return Some(Flow { transport: self.transport, addr: self.source, connection: None });
        }
        if !self.cut {
            return Some(Flow { transport: self.transport, addr: self.source, connection: Some(self.source) });
        }
        let addr = self.uri.socket_addr().filter(|addr| addr.ip() == self.source.ip())?;
        Some(Flow { transport: self.transport, addr, connection: None })
    }

    pub fn contact(&self, now: Instant) -> Contact {
        let left = self.expires.saturating_duration_since(now);
        Contact {
            agent: self.agent.clone(),
            uri: self.uri.to_string(),
            instance: self.instance.clone(),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            source: self.source,
            transport: self.transport,
            user_agent: self.user_agent.clone(),
            expires_in: u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX),
            answers: self.answers,
            reachable: self.reachable,
        }
    }

    fn is_same(&self, uri: &Uri, instance: Option<&str>) -> bool {
        match (&self.instance, instance) {
            (Some(a), Some(b)) => a == b,
            _ => same_contact(&self.uri, uri),
        }
    }

    pub fn ask_every(&self) -> Duration {
        if self.transport.is_reliable() { ASK_STREAM } else { ASK_UDP }
    }
}

/// RFC 3261 §19.1.4 as far as contacts go.
fn same_contact(a: &Uri, b: &Uri) -> bool {
    a.scheme == b.scheme && a.raw_user == b.raw_user && a.host.eq_ignore_ascii_case(&b.host) && a.port == b.port
}

impl Bindings {
    pub fn of(&self, agent: &str) -> impl Iterator<Item = &Binding> {
        self.all.values().filter(move |binding| &*binding.agent == agent)
    }

    pub fn get_mut(&mut self, id: BindingId) -> Option<&mut Binding> {
        self.all.get_mut(&id)
    }

    /// A phone of this agent is registered from there.
    pub fn is_at(&self, agent: &str, ip: IpAddr) -> bool {
        self.of(agent).any(|binding| binding.source.ip() == ip)
    }

    /// The agent whose phone this very source is.
    pub fn by_source(&self, flow: Flow) -> Option<&Binding> {
        self.all.values().find(|binding| binding.source == flow.addr && binding.transport == flow.transport)
    }

    /// Who registered this contact from this address, whatever the port is by now.
    pub fn by_contact(&self, ip: std::net::IpAddr, uri: &Uri) -> Option<&Binding> {
        self.all.values().find(|binding| binding.source.ip() == ip && same_contact(&binding.uri, uri))
    }

    /// False when this contact's last REGISTER of the same Call-ID was a later one, §10.3 step 7.
    pub fn in_order(&self, agent: &str, uri: &Uri, call_id: &str, cseq: u32) -> bool {
        let known = self.of(agent).find(|binding| same_contact(&binding.uri, uri));
        known.is_none_or(|binding| binding.call_id != call_id || cseq > binding.cseq)
    }

    /// Adds or renews; gives its name.
    pub fn put(&mut self, now: Instant, agent: &Arc<str>, place: Place) -> BindingId {
        let known = self.all.iter().find(|(_, binding)| binding.agent == *agent && binding.is_same(&place.uri, place.instance.as_deref()));
        let known = known.map(|(id, binding)| (*id, binding.answers));
        if known.is_none() && self.of(agent).count() >= PER_AGENT {
            let first = self.all.iter().filter(|(_, binding)| binding.agent == *agent).min_by_key(|(_, binding)| binding.expires);
            if let Some(id) = first.map(|(id, _)| *id) {
                self.all.remove(&id);
            }
        }
        let (id, answers) = known.unwrap_or_else(|| {
            self.next += 1;
            (BindingId(self.next), false)
        });
        let mut binding = Binding {
            agent: agent.clone(),
            uri: place.uri,
            instance: place.instance,
            call_id: place.call_id,
            cseq: place.cseq,
            source: place.flow.addr,
            transport: place.flow.transport,
            user_agent: place.user_agent,
            expires: now + place.expires,
            answers,
            reachable: true,
            cut: false,
            ask_at: now,
        };
        // Just heard: asked in a second, to learn whether it answers at all, then at its pace.
        binding.ask_at = now + if answers { binding.ask_every() } else { Duration::from_secs(1) };
        self.all.insert(id, binding);
        id
    }

    pub fn restore(&mut self, now: Instant, contact: Contact) {
        let Ok(uri) = Uri::parse(&contact.uri) else { return };
        self.next += 1;
        let binding = Binding {
            agent: contact.agent,
            uri,
            instance: contact.instance,
            call_id: contact.call_id,
            cseq: contact.cseq,
            source: contact.source,
            transport: contact.transport,
            user_agent: contact.user_agent,
            expires: now + super::granted(contact.expires_in),
            answers: contact.answers,
            reachable: false,
            cut: contact.transport.is_reliable(),
            ask_at: now,
        };
        self.all.insert(BindingId(self.next), binding);
    }

    /// Takes one contact back; true when it was there.
    pub fn remove(&mut self, agent: &str, uri: &Uri, instance: Option<&str>) -> bool {
        let before = self.all.len();
        self.all.retain(|_, binding| &*binding.agent != agent || !binding.is_same(uri, instance));
        self.all.len() < before
    }

    /// Takes all contacts of an agent back whose last REGISTER came before this one; true when there was any.
    pub fn remove_all(&mut self, agent: &str, call_id: &str, cseq: u32) -> bool {
        let before = self.all.len();
        self.all.retain(|_, binding| &*binding.agent != agent || (binding.call_id == call_id && cseq <= binding.cseq));
        self.all.len() < before
    }

    /// Keeps those of the agents wanted; gives the agents that lost theirs.
    pub fn retain_agents(&mut self, wanted: impl Fn(&Arc<str>) -> bool) -> Vec<Arc<str>> {
        let mut gone = Vec::new();
        self.all.retain(|_, binding| {
            let keep = wanted(&binding.agent);
            if !keep && !gone.contains(&binding.agent) {
                gone.push(binding.agent.clone());
            }
            keep
        });
        gone
    }

    /// A connection is closed: the phones behind it cannot be rung until they come back. Gives their agents.
    pub fn cut(&mut self, transport: Transport, addr: SocketAddr) -> Vec<Arc<str>> {
        let mut agents = Vec::new();
        for binding in self.all.values_mut().filter(|binding| binding.transport == transport && binding.source == addr && !binding.cut) {
            (binding.cut, binding.reachable) = (true, false);
            agents.push(binding.agent.clone());
        }
        agents
    }

    /// What has expired is forgotten; gives the agents.
    pub fn expire(&mut self, now: Instant) -> Vec<Arc<str>> {
        let mut agents = Vec::new();
        self.all.retain(|_, binding| {
            let keep = binding.expires > now;
            if !keep {
                agents.push(binding.agent.clone());
            }
            keep
        });
        agents
    }

    pub fn ask_all(&mut self, now: Instant) {
        self.all.values_mut().for_each(|binding| binding.ask_at = now);
    }

    /// Those who are to be asked now.
    pub fn due(&self, now: Instant) -> Vec<BindingId> {
        self.all.iter().filter(|(_, binding)| binding.ask_at <= now).map(|(id, _)| *id).collect()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.all.values().map(|binding| binding.ask_at.min(binding.expires)).min()
    }
}
