//! The registrar for desk phones, RFC 3261 §10.3: who may register, where their phones are now, and how guessing is met. It decides and
//! remembers; `core/phones.rs` speaks for it.
//!
//! *Invariant: an unknown user, a wrong password and a user who is locked out are answered alike.*

mod bindings;
mod locks;
mod nonces;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::net::{Flow, Transport};
use super::wire::digest::Claim;
use super::wire::{HeaderName, NameAddr, Request, Uri};
pub(crate) use bindings::{BindingId, Bindings, Place};
use locks::Locks;
use nonces::{Fresh, Nonces};

/// Names nothing of the house.
pub(crate) const REALM: &str = "phones";
/// RFC 3261 §10.2.8: shorter registrations are a load, not a service.
pub(crate) const MIN_EXPIRES: u32 = 60;
pub(crate) const MAX_EXPIRES: u32 = 3600;

/// A desk phone's login, by the agent whom it rings for.
#[derive(Debug, Clone)]
pub struct Account {
    pub agent: Arc<str>,
    pub username: String,
    pub password: SecretString,
    /// Only over TLS: over anything else the phone is refused, however right its password.
    pub tls_only: bool,
}

/// Where a phone of an agent is reached; what a restart needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contact {
    pub agent: Arc<str>,
    /// As registered: what an INVITE is addressed to.
    pub uri: String,
    /// `+sip.instance` (RFC 5626): the same phone, whatever its address.
    pub instance: Option<String>,
    pub call_id: String,
    pub cseq: u32,
    /// Where its REGISTER came from, behind whatever NAT.
    pub source: std::net::SocketAddr,
    pub transport: Transport,
    pub user_agent: String,
    /// Seconds from now.
    pub expires_in: u32,
    /// It has answered a question of ours (OPTIONS) before, so that its silence means something.
    pub answers: bool,
    /// A call would ring there now, as far as can be known.
    pub reachable: bool,
}

/// All contacts of one agent, whenever something about them has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNews {
    pub agent: Arc<str>,
    pub contacts: Vec<Contact>,
}

/// What a request with credentials comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Login {
    /// The agent of the account.
    Granted(Arc<str>),
    /// Right, but not by this transport.
    Elsewhere,
    /// Challenge, perhaps because of the nonce alone.
    Challenge { stale: bool },
}

pub(crate) struct Registrar {
    accounts: HashMap<String, Account>,
    nonces: Nonces,
    locks: Locks,
    pub bindings: Bindings,
    /// What the password of an unknown user is compared with, so that it takes as long.
    nobody: SecretString,
}

impl Registrar {
    /// `secret` makes the nonces ours; `nobody` is a password that nobody has.
    pub fn new(secret: [u8; 32], nobody: String) -> Registrar {
        Registrar {
            accounts: HashMap::new(),
            nonces: Nonces::new(secret),
            locks: Locks::default(),
            bindings: Bindings::default(),
            nobody: nobody.into(),
        }
    }

    /// Replaces the accounts; contacts of those that are gone are forgotten. Gives whose contacts have changed.
    pub fn set_accounts(&mut self, accounts: Vec<Account>) -> Vec<Arc<str>> {
        self.accounts = accounts.into_iter().map(|account| (account.username.clone(), account)).collect();
        let agents: Vec<&Arc<str>> = self.accounts.values().map(|account| &account.agent).collect();
        self.bindings.retain_agents(|agent| agents.contains(&agent))
    }

    /// Nobody may register: the registrar is not there.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// A nonce for a challenge.
    pub fn nonce(&mut self, now: Instant, salt: u64) -> String {
        self.nonces.mint(now, salt)
    }

    /// Judges a request's credentials. Everything is computed for everybody, and the answer is chosen afterwards.
    pub fn login(&mut self, now: Instant, flow: Flow, request: &Request) -> Login {
        let claim = request
            .headers
            .all(&HeaderName::Authorization)
            .filter_map(|header| Claim::parse(&header.text()))
            .find(|claim| claim.realm == REALM);
        let Some(claim) = claim else { return Login::Challenge { stale: false } };
        let account = self.accounts.get(&claim.username);
        let password = account.map_or(&self.nobody, |account| &account.password);
        let holds = claim.holds(request.method.as_str(), password) && same_target(&claim.uri, &request.uri);
        let fresh = self.nonces.judge(now, &claim.nonce, claim.count());
        let (ip, username) = (flow.addr.ip(), claim.username.as_str());
        let at_home = account.is_some_and(|account| self.bindings.is_at(&account.agent, ip));
        let locked = self.locks.is_locked(now, ip, username, at_home);
        let Some(account) = account.filter(|_| holds && !locked) else {
            self.locks.failed(now, ip, username);
            tracing::warn!(source = %flow.addr, "sip login refused");
            return Login::Challenge { stale: false };
        };
        match fresh {
            Fresh::Stale => return Login::Challenge { stale: true },
            Fresh::Yes => self.nonces.used(now, &claim.nonce, claim.count()),
        }
        self.locks.succeeded(now, ip);
        if account.tls_only && flow.transport != Transport::Tls {
            return Login::Elsewhere;
        }
        Login::Granted(account.agent.clone())
    }

    /// Whether a request is a phone's by all that it shows, before any password is looked at.
    pub fn is_of_phone(&self, flow: Flow, request: &Request) -> bool {
        let claims = || request.headers.all(&HeaderName::Authorization).filter_map(|header| Claim::parse(&header.text()));
        let contacts = request.headers.list(&HeaderName::Contact);
        let contact = || contacts.first().and_then(|contact| NameAddr::parse(contact).ok());
        self.bindings.by_source(flow).is_some()
            || contact().is_some_and(|contact| self.bindings.by_contact(flow.addr.ip(), &contact.uri).is_some())
            || claims().any(|claim| claim.realm == REALM)
    }

    /// Whether the last failures of this source ask for a ban. Sources that have lately shown a right password are not banned for the
    /// mistakes of a neighbour behind the same address: their users are locked instead.
    pub fn is_guessing(&self, now: Instant, ip: std::net::IpAddr) -> bool {
        self.locks.is_guessing(now, ip)
    }

    /// Forgets the failures of a source.
    pub fn forgive(&mut self, ip: std::net::IpAddr) {
        self.locks.forgive(ip);
    }

    /// The user part of the address of record must be the login's own.
    pub fn owns(&self, agent: &str, user: &str) -> bool {
        user == agent || self.accounts.get(user).is_some_and(|account| &*account.agent == agent)
    }

    pub fn contacts(&self, now: Instant, agent: &str) -> Vec<Contact> {
        self.bindings.of(agent).map(|binding| binding.contact(now)).collect()
    }

    /// A contact of the last process. Nothing is known of its connection until it is heard again.
    pub fn restore(&mut self, now: Instant, contact: Contact) {
        let known = self.accounts.values().any(|account| account.agent == contact.agent);
        if known && contact.expires_in > 0 {
            self.bindings.restore(now, contact);
        }
    }
}

/// The digest's `uri` and the Request-URI name the same user and host; proxies and phones differ in parameters (RFC 7616 §3.4.6).
fn same_target(claimed: &str, asked: &str) -> bool {
    if claimed == asked {
        return true;
    }
    match (Uri::parse(claimed), Uri::parse(asked)) {
        (Ok(a), Ok(b)) => a.user() == b.user() && a.host.eq_ignore_ascii_case(&b.host),
        _ => false,
    }
}

/// How long a contact may be registered at once.
pub(crate) fn granted(asked: u32) -> Duration {
    Duration::from_secs(u64::from(asked.min(MAX_EXPIRES)))
}
