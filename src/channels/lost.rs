//! What it means for a message when the platform gave no answer.

use super::platform::Trouble;
use crate::reach::Lost;

/// Of something that was sent: where nobody knows, it is said so.
pub(super) fn sending(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(_) | Lost::Untrusted(_) => Trouble::Retry(lost.to_string()),
        Lost::Uncertain(_) | Lost::TooLong(_) => Trouble::Uncertain(lost.to_string()),
        Lost::Forbidden(_) => Trouble::Down(lost.to_string()),
    }
}

/// Of a question: it can be asked again.
pub(super) fn asking(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(_) | Lost::Untrusted(_) | Lost::Uncertain(_) => Trouble::Retry(lost.to_string()),
        Lost::TooLong(_) | Lost::Forbidden(_) => Trouble::Refused(lost.to_string()),
    }
}
