//! `GET /files/{id}/spoken`: what a messenger keeps in a way that no browser plays, as one that every browser plays. The file itself stays
//! as it came, at `/files/{id}`.

use super::kind::SPOKEN;
use super::show;
use crate::auth::Agent;
use crate::download;
use crate::sound::amr;
use crate::store::files;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use tokio::sync::Semaphore;

/// Files decoded at once: each takes a processor for a moment.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Largest file, bytes; five minutes are a megabyte.
const LARGEST: u64 = 2 << 20;

pub async fn spoken(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    request: HeaderMap,
) -> Result<Response, WebError> {
    let row = show::allowed(&state, me, id).await?;
    if !SPOKEN.contains(&row.mime.as_str()) || row.bytes > LARGEST {
        return Err(WebError::NotFound);
    }
    let path = files::path(&state.store, &row);
    let Ok(_place) = AT_ONCE.acquire().await else { return Err(WebError::NotFound) };
    let decoded =
        tokio::task::spawn_blocking(move || Ok::<_, std::io::Error>(amr::decode(&std::fs::read(path)?).map(|speech| speech.wav())));
    let wav = match decoded.await.map_err(std::io::Error::other).flatten() {
        Ok(Some(wav)) => wav,
        // The page offers the file itself beside it.
        Ok(None) => return Err(WebError::NotFound),
        Err(error) => {
            tracing::error!(%error, file = id, "a voice message could not be decoded");
            return Err(WebError::NotFound);
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "audio/wav"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    Ok((headers, download::send_bytes(&wav.into(), &request)).into_response())
}
