//! What a status means for the message (SMPP 3.4 §5.1.3), in words that say what to do.

use crate::channels::platform::Trouble;
use std::time::Duration;

pub const INVALID_LENGTH: u32 = 0x02;
pub const INVALID_COMMAND: u32 = 0x03;
pub const INVALID_BIND_STATUS: u32 = 0x04;
pub const ALREADY_BOUND: u32 = 0x05;
pub const SYSTEM_ERROR: u32 = 0x08;
/// The other side shall try again: nothing was kept.
pub const TRY_AGAIN: u32 = 0x64;

/// How long a throttled sender is quiet.
const SLOWER: Duration = Duration::from_secs(1);

/// Of a `submit_sm` that was refused.
pub fn of_submit(status: u32) -> Trouble {
    let said = name(status);
    match status {
        0x14 | 0x58 => Trouble::RetryAfter(SLOWER),
        0x01 | SYSTEM_ERROR | 0x45 | TRY_AGAIN | 0x6 | 0xff => Trouble::Retry(said),
        0x0b => Trouble::Blocked(said),
        INVALID_BIND_STATUS | 0x0a | 0x66 => Trouble::Down(said),
        _ => Trouble::Refused(said),
    }
}

/// Of a bind that was refused. A session that the message centre has not forgotten yet goes away by itself.
pub fn of_bind(status: u32) -> Trouble {
    match status {
        ALREADY_BOUND | SYSTEM_ERROR | 0x14 | 0x58 | TRY_AGAIN => Trouble::Retry(name(status)),
        _ => Trouble::Down(name(status)),
    }
}

/// As the specification and every provider's table call it.
pub fn name(status: u32) -> String {
    let known = match status {
        0x01 => "ESME_RINVMSGLEN, the text is too long",
        0x02 => "ESME_RINVCMDLEN",
        0x03 => "ESME_RINVCMDID",
        0x04 => "ESME_RINVBNDSTS, not bound for this",
        0x05 => "ESME_RALYBND, an earlier connection is still bound",
        0x08 => "ESME_RSYSERR, the message centre has a fault",
        0x0a => "ESME_RINVSRCADR, the sender is not yours to use",
        0x0b => "ESME_RINVDSTADR, the number does not exist",
        0x0c => "ESME_RINVMSGID",
        0x0d => "ESME_RBINDFAIL, the bind failed",
        0x0e => "ESME_RINVPASWD, the password is wrong",
        0x0f => "ESME_RINVSYSID, the system id is unknown",
        0x14 => "ESME_RMSGQFUL, the queue is full",
        0x15 => "ESME_RINVSERTYP, the service type is unknown",
        0x45 => "ESME_RSUBMITFAIL",
        0x48 => "ESME_RINVSRCTON, the kind of the sender is wrong",
        0x49 => "ESME_RINVSRCNPI",
        0x50 => "ESME_RINVDSTTON",
        0x51 => "ESME_RINVDSTNPI",
        0x58 => "ESME_RTHROTTLED, too many a second",
        0x61 => "ESME_RINVSCHED",
        0x62 => "ESME_RINVEXPIRY",
        0x64 => "ESME_RX_T_APPN, not now",
        0x65 => "ESME_RX_P_APPN, never",
        0x66 => "ESME_RX_R_APPN",
        0xff => "ESME_RUNKNOWNERR",
        _ => return format!("status 0x{status:08x}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_to_do() {
        assert_eq!(of_submit(0x58), Trouble::RetryAfter(SLOWER));
        assert_eq!(of_submit(0x14), Trouble::RetryAfter(SLOWER));
        assert!(matches!(of_submit(0x08), Trouble::Retry(_)));
        assert!(matches!(of_submit(0x0b), Trouble::Blocked(_)));
        assert!(matches!(of_submit(0x61), Trouble::Refused(_)));
        assert!(matches!(of_submit(0x0a), Trouble::Down(_)));
        assert!(matches!(of_submit(0x400), Trouble::Refused(said) if said == "status 0x00000400"), "a provider's own");
        assert!(matches!(of_bind(0x0e), Trouble::Down(said) if said.contains("password")));
        assert!(matches!(of_bind(0x05), Trouble::Retry(_)), "an old session dies by itself");
    }
}
