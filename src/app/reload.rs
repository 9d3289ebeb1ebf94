//! Reading the configuration again while everything runs: the new one is swapped in whole, or the old one goes on.

use super::{App, chat, declare_users};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::input::Input;
use std::sync::Arc;

impl App {
    /// Reads, checks and takes over the configuration file. The error is the report to show; then nothing has changed.
    ///
    /// Ports, certificates and the data folder are read at the start only; the pages say so where they show the difference.
    pub(super) async fn reload(&self) -> Result<(), String> {
        let path = self.config.load().path.clone();
        let loaded = Config::load(&path).map_err(|report| report.to_string())?;
        let failed = |error: anyhow::Error| format!("{error:#}");
        // What can still fail comes first, so that it is all or nothing.
        self.calls.reload(&loaded).await.map_err(failed)?;
        declare_users(&loaded, &self.store, &Clock::system()).await.map_err(failed)?;
        self.chat.reload(chat::windows(&loaded.config));
        let catalog = Arc::new(loaded.catalog.clone());
        self.config.store(Arc::new(loaded));
        self.switchboard.ask(Input::Catalog(catalog)).await.map_err(|refusal| format!("{refusal:?}"))?;
        tracing::info!(config = %path.display(), "configuration reloaded");
        Ok(())
    }
}
