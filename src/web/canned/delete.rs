//! `POST /canned/{id}/delete`

use super::save::own;
use crate::store::canned;
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use axum::extract::Path;
use axum::response::Redirect;

/// One that is gone already is as good as deleted.
pub async fn delete(reader: Reader, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    match own(&reader, id).await {
        Ok(()) => canned::remove(&reader.state.store, id).await?,
        Err(WebError::NotFound) => {}
        Err(error) => return Err(error),
    }
    Ok(Redirect::to("/canned?done=deleted"))
}
