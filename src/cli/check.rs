//! `hubline check`: reads the configuration as a compiler would; with `--live` it also tries the world that the file speaks of.

mod channels;
mod flows;
mod live;
mod machine;
mod trunks;

use super::{Failed, Outcome, block_on, load, show};
use crate::config::words::say;
use std::path::{Path, PathBuf};

/// Check the configuration: its form, its names, its numbers. Changes nothing.
///
/// Errors and warnings are shown as a compiler shows them: file, line, column, what is wrong, and what would mend it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline check\n  hubline check --config /etc/hubline/hubline.toml --live\n  \
                        hubline check --flow main --svg main.svg\n\n\
                        It ends with 0 when the file is good, 3 when it has errors, 5 when a live check failed.")]
pub(super) struct Check {
    /// Reach outside too: resolve names, try the ports, ask the trunks, look at disk, clock and certificate.
    #[arg(long)]
    live: bool,
    /// Draw this flow into the file that --svg names.
    #[arg(long, requires = "svg")]
    flow: Option<String>,
    /// Where the picture goes; `-` for the standard output.
    #[arg(long, requires = "flow", value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Check {
    pub fn run(self, config: &Path) -> Outcome {
        let loaded = load(config)?;
        if let (Some(flow), Some(file)) = (&self.flow, &self.svg) {
            return flows::draw(&loaded, flow, file);
        }
        let counts = [
            ("agents", loaded.catalog.agents.len()),
            ("queues", loaded.catalog.queues.len()),
            ("lines", loaded.catalog.lines.len()),
            ("trunks", loaded.config.trunks.len()),
            ("channels", loaded.catalog.channels.len()),
        ]
        .map(|(name, count)| (name, count.to_string()));
        let file = config.display().to_string();
        let mut values: Vec<(&str, &str)> = counts.iter().map(|(name, count)| (*name, count.as_str())).collect();
        values.push(("file", &file));
        show(&say(loaded.config.site.language.get_ref(), "cli.check.good", &values));
        if !self.live {
            return Ok(());
        }
        let failures = block_on(live::run(&loaded.config))?;
        if failures > 0 { Err(Failed::Live(failures)) } else { Ok(()) }
    }
}
