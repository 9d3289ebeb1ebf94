//! `hubline reload`: the running server reads its configuration again.

use super::{Failed, Outcome, block_on, load, running, show};
use std::path::Path;
use std::time::Duration;

const LONGEST: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(50);

/// Make the running server read its configuration again, without losing a call.
///
/// Says what has changed by it and what goes on. The new file is taken over whole or not at all. Ports and the data folder change with the next start only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline check && hubline reload\n  hubline reload --config /etc/hubline/hubline.toml")]
pub(super) struct Reload {}

impl Reload {
    pub fn run(self, config: &Path) -> Outcome {
        let data = load(config)?.config.data();
        let process = running::process(&data).ok_or_else(|| Failed::NotRunning(data.clone()))?;
        let outcome = data.join(running::RELOAD_FILE);
        match std::fs::remove_file(&outcome) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        running::hang_up(process)?;
        let said = block_on(async {
            for _ in 0..LONGEST.as_millis() / STEP.as_millis() {
                if let Ok(said) = std::fs::read_to_string(&outcome) {
                    return Some(said);
                }
                tokio::time::sleep(STEP).await;
            }
            None
        })?;
        match said.as_deref().map(str::trim) {
            Some(done) if done == "ok" || done.starts_with("ok\n") => {
                show(done.trim_start_matches("ok").trim_start());
                Ok(())
            }
            Some(report) => Err(Failed::Refused(report.to_owned())),
            None => Err(anyhow::anyhow!("the server did not answer within {} s; its log says more", LONGEST.as_secs()).into()),
        }
    }
}
