//! Tests of the whole module: `races` and `rules` give single messages to a core, `lossy` lets two cores talk over a bad network, `mutations` feeds it rubbish,
//! `registrar`, `torture_sockets` and `sipp` (with `peer`) use real sockets on loopback.

mod extensions;
mod locate;
mod lossy;
mod mutations;
mod overload;
mod peer;
mod phones;
mod races;
mod registrar;
mod rig;
mod rules;
mod secure;
mod sipp;
mod torture;
mod torture_sockets;

use std::time::Instant;

use crate::clock::Clock;

/// Where virtual time begins.
pub(super) fn origin() -> Instant {
    Clock::system().instant()
}
