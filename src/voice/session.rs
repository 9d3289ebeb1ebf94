//! The offers and answers of one telephone leg (RFC 3264): what we said last, and what follows for its audio.

use crate::media::Remote;
use crate::rtp::{Codec, Law};
use crate::sip::Srtp;
use crate::sip::sdp::{self, Direction, Local, Negotiated, Sdp, SdpError, Security};
use std::net::SocketAddr;

/// The law that a leg is recorded in: its own, else A-law. A recording is G.711 at 8 kHz whatever is spoken: one format for players, waveform
/// and repair, a quarter of the disk of 16 kHz linear, and nothing to convert where the caller speaks it, which is nearly always.
pub(super) fn recorded_as(codec: Codec) -> Law {
    codec.law().unwrap_or(Law::Pcma)
}

/// Our side of a leg's session.
pub(super) struct Session {
    local: Local,
}

impl Session {
    /// A session whose audio is received at this port in these codecs, the preferred one first; encrypted or not as the trunk or the phone has it. By
    /// which address, the SIP endpoint writes in: it depends on the peer.
    pub(super) fn new(port: u16, codecs: Vec<Codec>, srtp: Srtp) -> Session {
        let security = Security::new(srtp, |bytes| rand::Rng::fill_bytes(&mut rand::rng(), bytes));
        // The port is ours alone while the leg lives, which makes it as good a session number as any.
        let (session, addr) = (u64::from(port), SocketAddr::new(sdp::OPEN, port));
        Session { local: Local { addr, codecs, dtmf: true, direction: Direction::SendRecv, security, session, version: 0 } }
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
        self.hold_to(&negotiated);
        Ok((answer.to_string(), remote(&negotiated)))
    }

    /// Where audio goes by the peer's answer to our offer.
    pub(super) fn answered(&mut self, answer: &str) -> Result<Remote, SdpError> {
        let negotiated = sdp::accept(&self.local, &Sdp::parse(answer)?)?;
        self.hold_to(&negotiated);
        Ok(remote(&negotiated))
    }

    /// What was encrypted once stays so for the whole call, in offers of either side.
    fn hold_to(&mut self, negotiated: &Negotiated) {
        if negotiated.srtp.is_some() {
            self.local.security.srtp = Srtp::Required;
        }
    }
}

fn remote(negotiated: &Negotiated) -> Remote {
    Remote {
        addr: negotiated.remote,
        codec: negotiated.codec,
        payload_type: negotiated.payload_type,
        dtmf: negotiated.dtmf,
        send: negotiated.direction.sends(),
        receive: negotiated.direction.receives(),
        srtp: negotiated.srtp,
    }
}
