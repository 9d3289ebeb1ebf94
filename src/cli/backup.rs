//! `hubline backup FILE`: everything in one archive, while the server runs.

use super::{Outcome, block_on, load, show, user};
use crate::config::words::say;
use std::path::{Path, PathBuf};

/// Write everything into one archive: database, recordings, files and the configuration. The server may be running.
///
/// The archive is a plain tar with a list of checksums. Keep it as safe as the data itself; secrets that the configuration reads from
/// elsewhere are not in it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hubline backup /var/backups/hubline-$(date +%F).tar")]
pub(super) struct Backup {
    /// Where to write the archive.
    file: PathBuf,
    /// Leave the configuration out.
    #[arg(long)]
    without_config: bool,
}

impl Backup {
    pub fn run(self, config: &Path) -> Outcome {
        let loaded = load(config)?;
        let text = (!self.without_config).then(|| loaded.text.clone());
        let moved = block_on(async {
            let store = user::open(&loaded)?;
            anyhow::Ok(store.backup(&self.file, text).await?)
        })??;
        let (files, size) = (moved.files.to_string(), megabytes(moved.bytes));
        let values = [("files", files.as_str()), ("size", size.as_str()), ("file", &self.file.display().to_string())];
        show(&say(loaded.config.site.language.get_ref(), "cli.backup.done", &values));
        Ok(())
    }
}

/// `12.3 MB`
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_000_000.0)
}
