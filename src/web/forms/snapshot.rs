//! `POST /forms/{id}/snapshot/{field}`: a picture of what the customer shows in the call, kept with an identity check that waits for its answers or
//! for a verdict. It is locked and deleted like the customer's own answers.

use super::theirs;
use crate::auth::Agent;
use crate::desk::form::spec::FieldKind;
use crate::store::files::kind::by_content;
use crate::store::{files, forms};
use crate::web::{WebError, WebState};
use axum::extract::{Multipart, Path, State};
use http::StatusCode;

pub async fn keep(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path((id, field)): Path<(u64, String)>,
    mut form: Multipart,
) -> Result<StatusCode, WebError> {
    let row = theirs(&state, &me, id).await?;
    let config = state.config.load();
    let spec = config.catalog.forms.get(&row.kind).filter(|_| row.verdict);
    let place = spec.and_then(|spec| spec.fields.iter().position(|known| known.name == field && known.kind == FieldKind::Photo));
    let place = place.and_then(|place| u32::try_from(place).ok()).ok_or(WebError::NotFound)?;
    let part = form.next_field().await.map_err(|_| WebError::Bad("multipart"))?.ok_or(WebError::Bad("no file"))?;
    let bytes = part.bytes().await.map_err(|_| WebError::Bad("file too large"))?;
    if by_content(&bytes) != "image/jpeg" {
        return Err(WebError::Bad("no picture"));
    }
    // As the customer's own files of it: whoever may not see the form sees neither.
    let (by, now) = (format!("form/{}", row.id), state.clock.now());
    let file = files::create(&state.store, "video.jpg", "image/jpeg", bytes.to_vec(), &by, now).await?;
    if forms::keep_shown(&state.store, row.id, &field, place, file.id, now).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(WebError::NotFound)
    }
}
