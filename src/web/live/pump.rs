//! Carries the switchboard's steps to the pages: what rings leaves with the decision, what promises durability after its commit.

use super::{Audience, Frame};
use crate::desk::step::Step;
use crate::web::WebState;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Decided, not yet on disk: rings, call state.
    Decided,
    /// On disk: messages, timeline, tickets.
    Recorded,
}

/// Runs until stopped: draws every step with `render` and sends the frames; also tells pages of revoked sessions to close.
/// Steps of one stage are drawn in their order.
pub async fn pump<F, Fut>(state: WebState, stop: CancellationToken, render: F)
where
    F: Fn(WebState, Stage, Arc<Step>) -> Fut,
    Fut: Future<Output = Vec<(Audience, Frame)>>,
{
    let (mut decided, mut recorded) = (state.switchboard.decided(), state.switchboard.recorded());
    let mut revoked = state.gate.revocations();
    loop {
        let (stage, heard) = tokio::select! {
            // What rings goes first.
            biased;
            () = stop.cancelled() => return,
            step = decided.recv() => (Stage::Decided, step),
            step = recorded.recv() => (Stage::Recorded, step),
            session = revoked.recv() => {
                if let Ok(session) = session {
                    state.live.close(session);
                }
                continue;
            }
        };
        match heard {
            Ok(step) => {
                for (audience, frame) in render(state.clone(), stage, step).await {
                    state.live.to(&audience, frame);
                }
            }
            Err(RecvError::Lagged(steps)) => {
                tracing::warn!(steps, "pages lag behind the desk and must reload");
                state.live.resync_all();
            }
            Err(RecvError::Closed) => return,
        }
    }
}
