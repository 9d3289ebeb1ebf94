//! `hubline serve`: the contact centre itself.

use super::{Outcome, load, logs};
use std::path::PathBuf;

/// Run the contact centre until it is told to stop.
///
/// SIGTERM and SIGINT stop it in order, SIGHUP (or `hubline reload`) makes it read its configuration again. Log lines go to standard
/// error.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  hubline serve\n  hubline serve --config /etc/hubline/hubline.toml\n  RUST_LOG=hubline::sip=debug hubline serve"
)]
pub(super) struct Serve {}

impl Serve {
    pub fn run(self, config: PathBuf) -> Outcome {
        let loaded = load(&config)?;
        logs::start(&loaded.config.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("hubline").build()?;
        let outcome = runtime.block_on(crate::app::serve(loaded, config));
        // Nothing that is left matters any more: everything that must last is on disk.
        runtime.shutdown_background();
        Ok(outcome?)
    }
}
