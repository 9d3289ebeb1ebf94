//! `hubline restore FILE`: an archive becomes the data folder again.

use super::backup::megabytes;
use super::{Outcome, load, running, show};
use crate::config::words::say;
use crate::store::backup::{Overwrite, restore};
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// Put an archive of `hubline backup` back. The server must be stopped.
///
/// Everything is unpacked and checked beside the data folder before it takes its place. On a new machine, without a configuration
/// file, the archive's own is written and its data folder used.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline restore hubline-2026-11-21.tar\n  hubline restore hubline-2026-11-21.tar --replace")]
pub(super) struct Restore {
    /// The archive.
    file: PathBuf,
    /// Replace a data folder that holds something; it is kept beside as NAME.before-restore.
    #[arg(long)]
    replace: bool,
    /// The data folder, instead of the configuration's.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

impl Restore {
    pub fn run(self, config: &Path) -> Outcome {
        let (data, language) = if config.exists() {
            let loaded = load(config)?;
            (self.data.unwrap_or_else(|| loaded.config.data()), loaded.config.site.language.get_ref().clone())
        } else {
            let folder = config.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (self.data.unwrap_or_else(|| folder.join("data")), "en".to_owned())
        };
        if running::process(&data).is_some() {
            return Err(anyhow::anyhow!("a Hubline is running on {}: stop it first", data.display()).into());
        }
        let overwrite = if self.replace { Overwrite::Replace } else { Overwrite::Refuse };
        if !self.replace && std::fs::read_dir(&data).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(anyhow::anyhow!(
                "{} holds data already; --replace puts the archive in its place and keeps it beside",
                data.display()
            )
            .into());
        }
        let (moved, text) = restore(&self.file, &data, overwrite)?;
        let (files, size) = (moved.files.to_string(), megabytes(moved.bytes));
        show(&say(&language, "cli.restore.done", &[("files", &files), ("size", &size), ("data", &data.display().to_string())]));
        if let Some(text) = text.filter(|_| !config.exists()) {
            write_config(config, &text)?;
            show(&say(&language, "cli.restore.config", &[("file", &config.display().to_string())]));
        }
        Ok(())
    }
}

fn write_config(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let Ok(mut file) = opened else { bail!("cannot write {}", path.display()) };
    file.write_all(text.as_bytes()).with_context(|| path.display().to_string())
}
