//! Browser legs: one WebRTC connection per agent's page, over the one UDP port that all of them share.
//!
//! `answer` proves the page's offer and makes a `BrowserPeer`, which a media shard drives without knowing what is
//! inside: datagrams and time go in, datagrams, audio and events come out (`media::Peer`). All use of the `rtc`
//! library stays in this folder. How a connection runs:
//!
//! * ICE-lite: the browser checks, we answer, `latch` follows where authentic checks come from.
//! * DTLS-SRTP with us as the client where the offer allows.
//! * PCMU, PCMA and telephone-event at 8 kHz; nothing is transcoded here.
//! * One picture each way where the page offers it, passed on packet by packet: a whole picture, what was lost and how much the way takes
//!   are asked of its source, over the whole way. VP8 alone, which every browser speaks (RFC 7742 §5): all see each other, and nothing is
//!   transcoded.
//! * One connection per offer. A page that lost its network or was reloaded offers anew and gets a new peer; there is
//!   no renegotiation, so a peer's credentials and codecs never change.
//!
//! *Invariant: nothing a browser sends before it has proven to hold the offer's credentials costs memory here.*

mod answer;
mod connection;
mod latch;
mod offer;
mod outgoing;
mod peer;
mod picture;
mod screen;
mod streams;
mod stun;
mod tap;

use arc_swap::ArcSwap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

pub use offer::OfferError;
pub use peer::BrowserPeer;

/// Where browsers reach us.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The local address of the shared socket; may be unspecified (`0.0.0.0`).
    pub port_addr: SocketAddr,
    /// What pages are told to reach it by, best first: LAN address, public address, whatever a 1:1 NAT shows outside.
    /// Empty: `port_addr` itself, which then must not be unspecified.
    advertise: Arc<ArcSwap<Vec<SocketAddr>>>,
}

impl WebConfig {
    pub fn new(port_addr: SocketAddr, advertise: Vec<SocketAddr>) -> WebConfig {
        WebConfig { port_addr, advertise: Arc::new(ArcSwap::from_pointee(advertise)) }
    }

    /// Pages that offer from now on are told these; connections that stand find their way by themselves.
    pub fn set_advertised(&self, addresses: Vec<SocketAddr>) {
        self.advertise.store(Arc::new(addresses));
    }
}

/// A connection about to be made.
pub struct Answered {
    /// For the shard that reads the shared socket.
    pub peer: Box<BrowserPeer>,
    /// SDP for the page.
    pub answer: String,
}

#[derive(Debug, thiserror::Error)]
pub enum WebrtcError {
    /// The page's fault.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The configuration's fault.
    #[error("no address to reach the media port {0} by: set the address to advertise")]
    NoAddress(SocketAddr),
    /// The library refused; never seen for an offer that was proven.
    #[error("cannot set up a connection: {0}")]
    Library(String),
}

/// Answers a page's offer. Takes about a millisecond of CPU (a key pair is made), so not on a shard.
pub fn answer(config: &WebConfig, offer: &str, now: Instant) -> Result<Answered, WebrtcError> {
    let offer = offer::Offer::parse(offer)?;
    let addresses = answer::addresses(config)?;
    let connection = connection::accept(&offer, now).map_err(|error| WebrtcError::Library(error.to_string()))?;
    let text = answer::text(&connection.answer, &addresses);
    let ufrag = answer::ufrag(&connection.answer).ok_or_else(|| WebrtcError::Library("the answer has no ice-ufrag".to_owned()))?.to_owned();
    Ok(Answered { peer: Box::new(BrowserPeer::new(connection, ufrag, &offer, now)), answer: text })
}

#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod tests;
