//! `POST /canned/{id}/delete`

use crate::auth::Supervisor;
use crate::store::{StoreError, canned};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::Redirect;

/// One that is gone already is as good as deleted.
pub async fn delete(State(state): State<WebState>, Supervisor(_): Supervisor, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    match canned::remove(&state.store, id).await {
        Ok(()) | Err(StoreError::Missing(_)) => Ok(Redirect::to("/canned?done=deleted")),
        Err(error) => Err(error.into()),
    }
}
