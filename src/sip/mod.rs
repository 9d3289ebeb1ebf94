//! SIP: a sans-IO core (wire, transactions, dialogs; time is a parameter) and one tokio task that gives it sockets and a clock.
//! Reading order: `wire` (bytes ↔ values), `transaction` (RFC 3261 §17), `dialog` (§12–15), `core` (who gets what), `guard` (who gets nothing),
//! `registrar` (desk phones), `endpoint` (sockets), `call` (the handles that `voice` holds). Knows nothing of the desk.

mod call;
pub mod config;
mod core;
mod dialog;
mod endpoint;
mod guard;
mod net;
mod pressure;
mod register;
mod registrar;
pub mod sdp;
mod transaction;
pub mod wire;

pub use crate::config::value::Srtp;
pub use call::{Caller, Dialog, DialogEvent, DialogId, Incoming, IncomingCall, Outgoing};
pub use core::Counters;
pub use endpoint::{Authorities, AuthorityError, Endpoint, EndpointConfig};
pub use guard::{Ban, GuardConfig};
pub use net::{IpNet, IpNetError, Reach, Transport};
pub use pressure::Behind;
pub use register::{Registration, RegistrationState};
pub use registrar::{Account, Contact, PhoneNews};
pub use wire::digest::Credentials;
pub use wire::{HeaderName, Headers, NameAddr, Uri};

use std::sync::Arc;

/// Whom to take INVITEs from, by source address.
#[derive(Debug, Clone)]
pub struct Peer {
    pub name: Arc<str>,
    pub sources: Vec<IpNet>,
    /// Only over this transport; `None` takes any.
    pub transport: Option<Transport>,
    /// Its P-Asserted-Identity is believed.
    pub asserts: bool,
}

/// What an endpoint cannot do for its caller. Failures of a call come as events of its dialog.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    #[error("cannot listen for SIP on {addr}: {source}")]
    Bind { addr: std::net::SocketAddr, source: std::io::Error },
    #[error("neither a UDP nor a TCP address to listen on")]
    NoListener,
    #[error("the SIP endpoint has shut down")]
    Closed,
    #[error("{0} has no address")]
    Unresolved(String),
    #[error("no phone of {0} is registered")]
    Unregistered(String),
    #[error("cannot send to a {0} URI")]
    Scheme(String),
    #[error("too many calls or transactions")]
    Busy,
    #[error("no answer in time")]
    Timeout,
    #[error("cannot reach the peer")]
    Unreachable,
}

#[cfg(test)]
mod tests;
