//! The offers and answers of one telephone leg (RFC 3264): what we said last, and what follows for its audio.

use crate::media::Remote;
use crate::rtp::Law;
use crate::sip::sdp::{self, Direction, Local, Negotiated, Sdp, SdpError};
use std::net::SocketAddr;

/// Our side of a leg's session.
pub(super) struct Session {
    local: Local,
}

impl Session {
    /// A session whose audio is received at this address.
    pub(super) fn new(addr: SocketAddr) -> Session {
        let laws = vec![Law::Pcmu, Law::Pcma];
        // The port is ours alone while the leg lives, which makes it as good a session number as any.
        Session { local: Local { addr, laws, dtmf: true, direction: Direction::SendRecv, session: u64::from(addr.port()), version: 0 } }
    }

    /// The text of our next offer.
    pub(super) fn offer(&mut self) -> String {
        self.local.version += 1;
        sdp::offer(&self.local).to_string()
    }

    /// The text of our answer to an offer, and where audio goes from now on.
    pub(super) fn answer(&mut self, offer: &str) -> Result<(String, Remote), SdpError> {
        self.local.version += 1;
        let (answer, negotiated) = sdp::answer(&Sdp::parse(offer)?, &self.local)?;
        Ok((answer.to_string(), remote(&negotiated)))
    }

    /// Where audio goes by the peer's answer to our offer.
    pub(super) fn answered(&mut self, answer: &str) -> Result<Remote, SdpError> {
        sdp::accept(&self.local, &Sdp::parse(answer)?).map(|negotiated| remote(&negotiated))
    }
}

fn remote(negotiated: &Negotiated) -> Remote {
    Remote {
        addr: negotiated.remote,
        law: negotiated.payload,
        dtmf: negotiated.dtmf,
        send: negotiated.direction.sends(),
        receive: negotiated.direction.receives(),
    }
}
