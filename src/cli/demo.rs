//! `hubline demo`: a small firm with simulated customers, to try everything without configuring anything.

use super::{Outcome, logs};
use crate::app::DemoOptions;
use crate::config::LogSection;
use std::path::PathBuf;

/// Try everything: a small firm whose simulated customers call and write. Needs no configuration.
///
/// Open the page it prints, log in as one of the agents with one click, and answer. All data is thrown away at the end, unless --keep
/// names a folder for it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline demo\n  hubline demo --lang zh-CN --port 8090\n  hubline demo --keep ./demo-data")]
pub(super) struct Demo {
    /// Port of the pages, on this machine only.
    #[arg(long)]
    port: Option<u16>,
    /// Language of the firm and its customers: en or zh-CN. Default: the system's.
    #[arg(long, value_name = "LANGUAGE", value_parser = super::init::language)]
    lang: Option<String>,
    /// Keep the data in this folder.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

impl Demo {
    pub fn run(self) -> Outcome {
        logs::start(&LogSection::default())?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("hubline").build()?;
        let options = DemoOptions { port: self.port, lang: self.lang, keep: self.keep };
        let outcome = runtime.block_on(crate::app::demo(options));
        runtime.shutdown_background();
        Ok(outcome?)
    }
}
