//! `POST /wallboard/{kind}/{id}/assist`: a supervisor comes to help with a contact, and is led to it.

use crate::auth::Supervisor;
use crate::desk::input::Command;
use crate::web::inbox::render::work_path;
use crate::web::work::{WorkPath, command};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

pub async fn come(State(state): State<WebState>, Supervisor(me): Supervisor, Path(path): Path<WorkPath>) -> Result<Response, WebError> {
    let work = path.work();
    let done = command(&state, &me, Command::Assist { work }).await?;
    Ok((done, [(header::LOCATION, format!("/inbox/{}", work_path(&work)))]).into_response())
}
