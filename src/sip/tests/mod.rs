//! Tests of the whole module.

use std::time::Instant;

use crate::clock::Clock;

/// Where virtual time begins.
pub(super) fn origin() -> Instant {
    Clock::system().instant()
}
