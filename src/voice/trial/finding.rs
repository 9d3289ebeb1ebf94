//! What the trial of a trunk finds, as values; the words are in the locales.

use crate::desk::id::TrunkId;
use crate::desk::refusal::Refusal;
use std::net::{IpAddr, SocketAddr};

/// One thing found out, in the order in which it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The number goes out over this trunk in this form, showing this number.
    Calling {
        trunk: TrunkId,
        number: String,
        shown: Option<String>,
    },
    /// The desk does not allow it.
    Refused(Refusal),
    /// The trunk has no server.
    NoServer,
    NoAddress,
    Unreachable,
    /// No answer at all within this time, ms.
    Silent {
        ms: u64,
    },
    /// The first answer of the server, ms after the INVITE.
    Trying {
        ms: u64,
    },
    /// It rings there, with or without audio already.
    Ringing {
        early: bool,
    },
    /// Rang to the end of our patience.
    NotPickedUp,
    /// User or password is wrong, or none is configured.
    Login {
        configured: bool,
    },
    Forbidden {
        reason: String,
    },
    NoSuchNumber,
    Busy,
    /// No codec in common, by the server's refusal or its answer.
    NoCodec,
    /// Any other refusal.
    Status {
        status: u16,
        reason: String,
    },
    /// Picked up; audio goes to this address, in this codec.
    Answered {
        ms: u64,
        to: SocketAddr,
        codec: &'static str,
    },
    /// We tell a private address to a server that is outside.
    PrivateOurs(IpAddr),
    /// The far side tells a private address.
    PrivateTheirs(IpAddr),
    /// Packets came, but not from where the far side said, and were not taken.
    OtherSource {
        refused: u64,
    },
    /// Our tones came back: audio in both directions, with this round trip.
    BothWays {
        ms: u32,
    },
    /// Nothing came from the far side.
    NothingHeard {
        sent: u64,
    },
    /// Packets came, but only silence.
    OnlySilence,
    /// Audio came, but not our tones.
    NotOurTones,
    /// Keys came back, or were pressed there.
    Keys(String),
    NoKeys,
    Quality {
        packets: u64,
        loss_percent: f32,
        jitter_ms: f32,
        rtt_ms: Option<f32>,
        mos: f32,
    },
    /// The far side hung up before the trial was over.
    HungUp,
    /// Waiting for a call to one of these numbers.
    Waiting {
        numbers: Vec<String>,
        seconds: u64,
    },
    /// A call came.
    Arrived {
        from: String,
        dialled: String,
    },
    /// It came for a number that leads nowhere.
    NoLine {
        dialled: String,
    },
    AnsweredHere,
    /// The caller sent audio.
    CallerHeard,
    /// The caller sent none.
    CallerSilent,
    /// Nobody called.
    NobodyCalled {
        logged_in: Option<bool>,
        strangers: u64,
    },
    /// The trial itself could not be made.
    Failed(String),
}

/// How good the news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Note,
    Good,
    Odd,
    Bad,
}

impl Finding {
    pub fn mark(&self) -> Mark {
        match self {
            Finding::Calling { .. } | Finding::Trying { .. } | Finding::Ringing { .. } | Finding::Waiting { .. } => Mark::Note,
            Finding::Answered { .. }
            | Finding::BothWays { .. }
            | Finding::Keys(_)
            | Finding::Arrived { .. }
            | Finding::AnsweredHere
            | Finding::CallerHeard => Mark::Good,
            Finding::Quality { loss_percent, mos, .. } => {
                if *loss_percent > 3.0 || *mos < 3.5 {
                    Mark::Odd
                } else {
                    Mark::Good
                }
            }
            Finding::PrivateOurs(_)
            | Finding::PrivateTheirs(_)
            | Finding::NotOurTones
            | Finding::NoKeys
            | Finding::HungUp
            | Finding::Busy
            | Finding::NotPickedUp => Mark::Odd,
            Finding::Refused(_)
            | Finding::NoServer
            | Finding::NoAddress
            | Finding::Unreachable
            | Finding::Silent { .. }
            | Finding::Login { .. }
            | Finding::Forbidden { .. }
            | Finding::NoSuchNumber
            | Finding::NoCodec
            | Finding::Status { .. }
            | Finding::OtherSource { .. }
            | Finding::NothingHeard { .. }
            | Finding::OnlySilence
            | Finding::NoLine { .. }
            | Finding::CallerSilent
            | Finding::NobodyCalled { .. }
            | Finding::Failed(_) => Mark::Bad,
        }
    }
}

/// What a refusal of the server means (RFC 3261 §21).
pub(super) fn refusal(status: u16, reason: &str, has_login: bool) -> Finding {
    let reason = reason.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
    match status {
        401 | 407 => Finding::Login { configured: has_login },
        403 => Finding::Forbidden { reason },
        404 | 410 | 484 | 604 => Finding::NoSuchNumber,
        486 | 600 => Finding::Busy,
        408 | 480 | 487 => Finding::NotPickedUp,
        415 | 488 | 606 => Finding::NoCodec,
        _ => Finding::Status { status, reason },
    }
}
