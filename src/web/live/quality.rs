//! How the lines of a call sound goes straight to the pages of the agents who are in it: nothing of it is kept, who misses it sees the next.

use super::Frame;
use crate::desk::id::Work;
use crate::desk::input::LegParty;
use crate::switchboard::LineQuality;
use crate::web::WebState;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Runs until stopped.
pub async fn watch_lines(state: WebState, stop: CancellationToken) {
    let mut lines = state.switchboard.lines();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            line = lines.recv() => match line {
                Ok(line) => show(&state, &line),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

fn show(state: &WebState, line: &LineQuality) {
    let floor = state.switchboard.floor();
    for serving in floor.serving.iter().filter(|row| row.work == Work::Call(line.call)) {
        let whose = match &line.party {
            LegParty::Customer => "customer",
            LegParty::Agent(agent) if *agent == serving.agent => "mine",
            // Colleagues see their own.
            LegParty::Agent(_) => continue,
            _ => "other",
        };
        let LineQuality { loss_percent, jitter_ms, rtt_ms, mos, .. } = line;
        let body = json!({ "call": line.call, "whose": whose, "loss": loss_percent, "jitter_ms": jitter_ms, "rtt_ms": rtt_ms, "mos": mos });
        state.live.to_agent(&serving.agent, Frame::new("line", body));
    }
}
