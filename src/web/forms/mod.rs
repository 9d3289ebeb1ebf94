//! What agents do with forms that were sent: judge what was shown, keep a picture of the call with it, take back what is not answered. For those who may see the answers.

mod judge;
mod snapshot;
mod withdraw;

use super::WebState;
use crate::auth::Session;
use crate::desk::id::FormId;
use crate::store::viewer::Viewer;
use crate::store::{access, forms};
use crate::web::WebError;
use crate::web::files::LARGEST;
use crate::web::inbox::reader::reach;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/forms/{id}/judge", post(judge::judge))
        .route("/forms/{id}/snapshot/{field}", post(snapshot::keep).layer(DefaultBodyLimit::max(LARGEST + 64 * 1024)))
        .route("/forms/{id}/withdraw", post(withdraw::withdraw))
}

/// The form, for whoever sent it, had the contact, or supervises.
async fn theirs(state: &WebState, me: &Session, id: u64) -> Result<forms::FormRow, WebError> {
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    let viewer = Viewer { agent: me.agent.clone(), role: me.role };
    let form = forms::get(&state.store, &viewer, FormId(id)).await?.ok_or(WebError::NotFound)?.form;
    let sender = form.by == me.agent;
    if sender || access::form(&state.store, &reach(&state.config.load(), &viewer), form.id).await? {
        Ok(form)
    } else {
        Err(WebError::Forbidden)
    }
}
