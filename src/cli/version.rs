//! `hubline version`.

use super::{Outcome, show};

/// Print the version.
#[derive(Debug, clap::Args)]
pub(super) struct Version {}

impl Version {
    pub fn run(self) -> Outcome {
        show(&format!("hubline {} ({} {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH));
        Ok(())
    }
}
