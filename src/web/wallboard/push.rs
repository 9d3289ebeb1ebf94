//! Keeps open boards up with the floor: drawn once a second at most, and only sent where something is otherwise.

use super::filter::Filter;
use super::{screen, show};
use crate::desk::id::AgentId;
use crate::store::StoreError;
use crate::web::WebState;
use crate::web::inbox::push::reader;
use crate::web::live::Frame;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often a board changes at most, and how often it is looked at again though the floor stands still: times pass their limits.
const PACE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(5);

const BOARD: &str = "/wallboard";
const SCREEN: &str = "/wallboard/screen";

/// A supervisor with a board open, as its address stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Looking {
    agent: AgentId,
    path: &'static str,
    query: String,
}

/// Runs until stopped.
pub async fn keep_up(state: WebState, stop: CancellationToken) {
    let mut changes = state.switchboard.floor_changes();
    let mut sent: HashMap<Looking, String> = HashMap::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(AGAIN) => {}
        }
        changes.borrow_and_update();
        for path in [BOARD, SCREEN] {
            let looking: HashSet<Looking> =
                state.live.supervisors_at(path).into_iter().map(|(agent, query)| Looking { agent, path, query }).collect();
            sent.retain(|at, _| at.path != path || looking.contains(at));
            for at in &looking {
                if let Err(error) = draw(&state, at, &mut sent).await {
                    tracing::warn!(%error, "a wallboard could not be drawn");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PACE) => {}
        }
    }
}

async fn draw(state: &WebState, at: &Looking, sent: &mut HashMap<Looking, String>) -> Result<(), StoreError> {
    let reader = reader(state, &at.agent).await?;
    let today = state.today.of(&reader, AGAIN).await?;
    let filter = Filter::read(&at.query);
    let html = if at.path == BOARD { show::drawn(&reader, &today, &filter) } else { screen::drawn(&reader, &today, &filter) }.0;
    if sent.get(at) != Some(&html) {
        state.live.to_supervisor_at(&at.agent, at.path, &at.query, &Frame::new("board", json!({ "html": html })));
        sent.insert(at.clone(), html);
    }
    Ok(())
}
