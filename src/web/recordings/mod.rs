//! What was recorded of a call: the sound, in ranges, and its two-sided picture.

mod range;
#[cfg(test)]
mod tests;
mod wav;
mod wave;

use crate::desk::id::CallId;
use crate::store::recordings::{self, RecordingState};
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

/// `GET /recordings/{call}.wav` and `.svg`: for whoever may read the person's timeline.
async fn show(
    State(state): State<WebState>,
    crate::auth::Agent(_): crate::auth::Agent,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (call, kind) = name.split_once('.').ok_or(WebError::NotFound)?;
    let call = CallId(call.parse().map_err(|_| WebError::NotFound)?);
    match kind {
        "wav" => wav::sound(path(&state, call).await?, call, &headers).await,
        "svg" => wave::picture(path(&state, call).await?).await,
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
