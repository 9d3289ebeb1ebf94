//! `POST /files`: one file of an agent, to be attached to a reply. Answers with what a reply then names.

use super::LARGEST;
use super::kind::by_content;
use crate::auth::Agent;
use crate::desk::input::FileRef;
use crate::store::files;
use crate::web::{WebError, WebState};
use axum::Json;
use axum::extract::{Multipart, State};

pub async fn upload(State(state): State<WebState>, Agent(me): Agent, mut form: Multipart) -> Result<Json<FileRef>, WebError> {
    let field = form.next_field().await.map_err(|_| WebError::Bad("multipart"))?.ok_or(WebError::Bad("no file"))?;
    let name = plain_name(field.file_name().unwrap_or("file"));
    let bytes = field.bytes().await.map_err(|_| WebError::Bad("file too large"))?;
    if bytes.is_empty() || bytes.len() > LARGEST {
        return Err(WebError::Bad("file size"));
    }
    let mime = by_content(&bytes);
    let file = files::create(&state.store, &name, mime, bytes.to_vec(), &format!("agent/{}", me.agent), state.clock.now()).await?;
    Ok(Json(file))
}

/// The last part of whatever the browser calls it, without control characters and without those that only turn the direction of others:
/// they make `exe.gnp` out of `png.exe`.
pub(super) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).take(120).collect();
    if plain.trim().is_empty() { "file".into() } else { plain }
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm (Unicode Standard Annex #9, table 4), and what shows nothing.
fn turns(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
