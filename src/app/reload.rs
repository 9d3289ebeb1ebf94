//! Reading the configuration again while everything runs: the new one is swapped in whole, or the old one goes on.

use super::{App, chat, declare_users, flows, lost, post};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::diff::{Change, Effect, diff};
use crate::config::words::say;
use crate::desk::id::Work;
use crate::desk::input::Input;
use crate::desk::refusal::Refusal;
use std::sync::Arc;

/// What a reload did.
pub(super) struct Reloaded {
    changes: Vec<Change>,
    calls: usize,
    conversations: usize,
}

impl Reloaded {
    /// What changed, what waits for the next start, and what went on, in words.
    pub(super) fn text(&self, language: &str) -> String {
        let lines = |effect: Effect| {
            let of = self.changes.iter().filter(move |change| change.effect == effect);
            of.map(|change| format!("  {}: {}", change.subject, change.text(language))).collect::<Vec<_>>()
        };
        let (live, later) = (lines(Effect::Live), lines(Effect::NeedsRestart));
        let (calls, conversations) = (self.calls.to_string(), self.conversations.to_string());
        let mut text = vec![say(language, if live.is_empty() { "cli.reload.nothing" } else { "cli.reload.changed" }, &[])];
        text.extend(live);
        if !later.is_empty() {
            text.push(say(language, "cli.reload.later", &[]));
            text.extend(later);
        }
        text.push(say(language, "cli.reload.kept", &[("calls", &calls), ("conversations", &conversations)]));
        text.join("\n")
    }
}

impl App {
    /// Reads, checks and takes over the configuration file. The error is the report to show; then nothing has changed.
    ///
    /// Ports, certificates and the data folder are read at the start only; the log and the pages say so.
    pub(super) async fn reload(&self) -> Result<Reloaded, String> {
        let path = self.config.load().path.clone();
        let loaded = Config::load(&path).map_err(|report| report.to_string())?;
        let failed = |error: anyhow::Error| format!("{error:#}");
        // What can still fail comes first, so that it is all or nothing.
        let prepared = self.calls.prepare(&loaded).await.map_err(failed)?;
        declare_users(&loaded, &self.store, &Clock::system()).await.map_err(failed)?;
        let base = lost::base(&loaded.config).or_else(|| lost::own_base(&loaded.config, self.pages.address, self.pages.public));
        let accounts = post::accounts(&loaded.config, base.as_deref(), &self.secret).map_err(failed)?;
        let links = lost::links(base.as_deref(), self.secret);
        let windows = chat::windows(&loaded).map_err(failed)?;
        match self.switchboard.ask(Input::Catalog(Arc::new(lost::catalog(&loaded, links.clone())))).await {
            Ok(_) => {}
            Err(Refusal::Busy) => return Err("the desk is busy: try again in a moment".into()),
            // Decided all the same: what could not be written yet is written when there is room.
            Err(refusal) => {
                tracing::error!(?refusal, "the desk works by the new configuration, but what followed from it is not on disk yet")
            }
        }
        self.calls.reload(prepared).await;
        self.calls.renamed(&self.config.load().config, &loaded.config).await;
        self.links.store(Arc::new(links));
        self.post.open(accounts).await;
        self.chat.reload(windows);
        self.lookups.reload(flows::asks(&loaded));
        self.records.reload(crate::lookup::crm::Crm::new(&loaded.config.crm, &loaded.config.folder));
        let changes = diff(&self.config.load().config, &loaded.config);
        for change in &changes {
            let text = change.text("en");
            match change.effect {
                Effect::Live => tracing::info!(subject = %change.subject, change = %text, "reloaded"),
                Effect::NeedsRestart => tracing::warn!(subject = %change.subject, change = %text, "takes effect with the next start only"),
            }
        }
        self.config.store(Arc::new(loaded));
        tracing::info!(config = %path.display(), changes = changes.len(), "configuration reloaded");
        let floor = self.switchboard.floor();
        let work = floor.serving.iter().map(|row| row.work).chain(floor.waiting.iter().map(|row| row.work));
        let (calls, conversations): (Vec<Work>, Vec<Work>) = work.partition(|work| matches!(work, Work::Call(_)));
        Ok(Reloaded { changes, calls: calls.len(), conversations: conversations.len() })
    }
}
