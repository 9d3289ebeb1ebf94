//! `POST /files`: one file of an agent, to be attached to a reply. Answers with what a reply then names.

use super::LARGEST;
use crate::auth::Agent;
use crate::desk::input::FileRef;
use crate::desk::person::plain_name;
use crate::store::files;
use crate::store::files::kind::by_content;
use crate::web::{WebError, WebState};
use axum::Json;
use axum::extract::{Multipart, State};

pub async fn upload(State(state): State<WebState>, Agent(me): Agent, mut form: Multipart) -> Result<Json<FileRef>, WebError> {
    let field = form.next_field().await.map_err(|_| WebError::Bad("multipart"))?.ok_or(WebError::Bad("no file"))?;
    let name = file_name(field.file_name().unwrap_or("file"));
    let bytes = field.bytes().await.map_err(|_| WebError::Bad("file too large"))?;
    if bytes.is_empty() || bytes.len() > LARGEST {
        return Err(WebError::Bad("file size"));
    }
    let mime = by_content(&bytes);
    let file = files::create(&state.store, &name, mime, bytes.to_vec(), &format!("agent/{}", me.agent), state.clock.now()).await?;
    Ok(Json(file))
}

/// The last part of whatever the browser calls it.
pub(in crate::web) fn file_name(name: &str) -> String {
    let last = plain_name(name.rsplit(['/', '\\']).next().unwrap_or_default(), 120);
    if last.is_empty() { "file".into() } else { last }
}
