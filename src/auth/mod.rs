//! The one gate: who somebody is and what they may do. Passwords (argon2id), sessions (random tokens of which only the hash is
//! kept), one-time invitations, limits on guessing, and the extractor types by which a handler states the role it needs.
//! Agents and their roles are declared in the configuration; passwords and sessions live in the store.

mod cookie;
mod extract;
mod invite;
mod limits;
mod login;
mod password;
mod people;
mod relays;
mod sessions;
#[cfg(test)]
mod tests;
mod token;
mod wires;

pub use cookie::{Cookies, read_cookie};
pub use extract::{Admin, Agent, Denied, MaybeSession, Supervisor};
pub use invite::{InviteError, Invited};
pub use limits::{Attempt, Limits, network};
pub use login::{Entered, LoginError};
pub use password::{Hasher, PasswordError};
pub use people::{Known, people, person};
pub use relays::{IceServer, Relays};
pub use sessions::{Session, SessionId};
pub use wires::Wires;

pub use crate::store::viewer::Role;

use crate::clock::Clock;
use crate::config::Loaded;
use crate::store::Store;
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Pages that may hear of a revocation late before they must check for themselves.
const REVOCATIONS: usize = 256;

/// The gate, shared by every page; cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    config: Arc<ArcSwap<Loaded>>,
    cookies: Cookies,
    hasher: Hasher,
    limits: Limits,
    revoked: broadcast::Sender<SessionId>,
}

impl Gate {
    /// `cookies` says whether pages are served over https (by this process or a proxy before it).
    pub fn new(store: Store, clock: Clock, config: Arc<ArcSwap<Loaded>>, cookies: Cookies) -> Result<Gate, PasswordError> {
        let (revoked, _) = broadcast::channel(REVOCATIONS);
        let hasher = Hasher::new()?;
        Ok(Gate(Arc::new(Inner { store, clock, config, cookies, hasher, limits: Limits::default(), revoked })))
    }

    /// How the session cookie is named and flagged here.
    pub fn cookies(&self) -> Cookies {
        self.0.cookies
    }

    /// Fewest characters of a password, as the configuration says.
    pub fn shortest_password(&self) -> usize {
        *self.0.config.load().config.security.password_shortest.as_ref()
    }

    /// Sessions as they are revoked: open sockets of theirs must close.
    pub fn revocations(&self) -> broadcast::Receiver<SessionId> {
        self.0.revoked.subscribe()
    }
}
