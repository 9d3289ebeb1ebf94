//! What the system tells the process: stop (SIGTERM, SIGINT), read the configuration again (SIGHUP). `hubline reload` finds the process by
//! its pid file and reads the outcome beside it. A service manager that asks (sd_notify(3)) is told when everything listens and when the end
//! has begun.

use super::App;
use anyhow::Context;
use sd_notify::NotifyState;
use std::path::Path;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// In the data folder: the running process.
pub const PID_FILE: &str = "hubline.pid";
/// In the data folder: the outcome of the last reload: `ok` and what changed, or a report.
pub const RELOAD_FILE: &str = "reload.txt";

/// Runs until told to stop, then stops in order.
pub(super) async fn until_stopped(mut app: App) -> anyhow::Result<()> {
    let mut terminate = hear(SignalKind::terminate())?;
    let mut interrupt = hear(SignalKind::interrupt())?;
    let mut hang_up = hear(SignalKind::hangup())?;
    let data = app.store.data().to_owned();
    let pid = data.join(PID_FILE);
    std::fs::write(&pid, std::process::id().to_string()).with_context(|| format!("cannot write {}", pid.display()))?;
    tell(NotifyState::Ready);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                let outcome = app.reload().await.map(|reloaded| reloaded.text(&app.language()));
                if let Err(report) = &outcome {
                    tracing::error!(%report, "the configuration was not reloaded: the old one goes on");
                }
                note(&data, &outcome);
            }
            Some(asked) = app.reloads.recv() => {
                // A page that has gone away needs no answer.
                let _ = asked.send(app.reload().await.map(drop));
            }
        }
    }
    tracing::info!("stopping");
    tell(NotifyState::Stopping);
    app.stop().await;
    // The next start does not mind an old file.
    let _ = std::fs::remove_file(&pid);
    Ok(())
}

/// To the service manager, if there is one.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

fn hear(kind: SignalKind) -> anyhow::Result<Signal> {
    signal(kind).context("signals cannot be heard")
}

/// Leaves the outcome where `hubline reload` looks for it: written whole, then moved into place.
fn note(data: &Path, outcome: &Result<String, String>) {
    let text = match outcome {
        Ok(text) => format!("ok\n{text}\n"),
        Err(report) => report.clone(),
    };
    let part = data.join("reload.part");
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, data.join(RELOAD_FILE)));
    if let Err(error) = written {
        tracing::error!(%error, "the outcome of the reload cannot be left for `hubline reload`");
    }
}
