//! What was recorded of a call: the sound, in ranges, its two-sided picture, and what either side showed.

mod film;
#[cfg(test)]
mod tests;
mod wav;
mod wave;

use crate::desk::id::{CallId, Work};
use crate::media::recording::beside;
use crate::store::access;
use crate::store::recordings::{self, RecordingState};
use crate::store::viewer::Viewer;
use crate::web::inbox::reader::reach;
use crate::web::{WebError, WebState};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use std::path::PathBuf;

pub fn router() -> Router<WebState> {
    Router::new().route("/recordings/{name}", get(show))
}

/// `GET /recordings/{call}.wav` and `.svg`, `.customer.webm` and `.agent.webm`: for those who had the call or work in a queue it was in, and for supervisors.
async fn show(
    State(state): State<WebState>,
    crate::auth::Agent(me): crate::auth::Agent,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (call, kind) = name.split_once('.').ok_or(WebError::NotFound)?;
    let call: i64 = call.parse().map_err(|_| WebError::NotFound)?;
    let call = CallId(u64::try_from(call).map_err(|_| WebError::NotFound)?);
    let file = path(&state, call).await?;
    let viewer = Viewer { agent: me.agent, role: me.role };
    let work = Work::Call(call);
    if access::within(&state.store, &reach(&state.config.load(), &viewer), [work].into()).await?.is_empty() {
        return Err(WebError::Forbidden);
    }
    match kind {
        "wav" => wav::sound(file, call, &headers).await,
        "svg" => wave::picture(file).await,
        "customer.webm" => film::film(beside(&file, "customer"), call, "customer", &headers).await,
        "agent.webm" => film::film(beside(&file, "agent"), call, "agent", &headers).await,
        _ => Err(WebError::NotFound),
    }
}

/// The file of a finished recording. Names come from the desk, but only a plain name is ever joined to the folder.
async fn path(state: &WebState, call: CallId) -> Result<PathBuf, WebError> {
    let rows = recordings::of_call(&state.store, call).await?;
    let row = rows.into_iter().find(|row| row.state == RecordingState::Done).ok_or(WebError::NotFound)?;
    let plain =
        !row.file.is_empty() && !row.file.starts_with('.') && row.file.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !plain {
        return Err(WebError::NotFound);
    }
    Ok(state.store.data().join("recordings").join(row.file))
}
