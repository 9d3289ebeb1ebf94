//! Reading the configuration again while everything runs: the new one is swapped in whole, or the old one goes on.

use super::{App, chat, declare_users};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::diff::{Effect, diff};
use crate::desk::input::Input;
use crate::desk::refusal::Refusal;
use std::sync::Arc;

impl App {
    /// Reads, checks and takes over the configuration file. The error is the report to show; then nothing has changed.
    ///
    /// Ports, certificates and the data folder are read at the start only; the log and the pages say so.
    pub(super) async fn reload(&self) -> Result<(), String> {
        let path = self.config.load().path.clone();
        let loaded = Config::load(&path).map_err(|report| report.to_string())?;
        let failed = |error: anyhow::Error| format!("{error:#}");
        // What can still fail comes first, so that it is all or nothing.
        let prepared = self.calls.prepare(&loaded).await.map_err(failed)?;
        declare_users(&loaded, &self.store, &Clock::system()).await.map_err(failed)?;
        match self.switchboard.ask(Input::Catalog(Arc::new(loaded.catalog.clone()))).await {
            Ok(_) => {}
            Err(Refusal::Busy) => return Err("the desk is busy: try again in a moment".into()),
            // Decided all the same: what could not be written yet is written when there is room.
            Err(refusal) => {
                tracing::error!(?refusal, "the desk works by the new configuration, but what followed from it is not on disk yet")
            }
        }
        self.calls.reload(prepared).await;
        self.chat.reload(chat::windows(&loaded.config));
        for change in diff(&self.config.load().config, &loaded.config) {
            if change.effect == Effect::NeedsRestart {
                tracing::warn!(subject = %change.subject, change = %change.text("en"), "takes effect with the next start only");
            }
        }
        self.config.store(Arc::new(loaded));
        tracing::info!(config = %path.display(), "configuration reloaded");
        Ok(())
    }
}
