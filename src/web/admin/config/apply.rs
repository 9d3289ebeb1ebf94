//! `POST /admin/config`: writes the file and has it read, if it is free of errors and nobody else has changed it meanwhile.

use super::check::Edited;
use super::file::{self, WriteError, mark};
use super::show::{Verdict, draw};
use crate::auth::Admin;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

pub async fn apply(State(state): State<WebState>, Admin(me): Admin, page: Page, Form(form): Form<Edited>) -> Result<Response, WebError> {
    let Some(path) = state.site.config_path.clone() else {
        return Err(WebError::Bad("this server has no configuration file"));
    };
    let text = form.text();
    let again = async |status: StatusCode, page: Page, text: String, seen: String, note: Option<Note>| -> Result<Response, WebError> {
        Ok((status, html(&draw(&state, &me, page, text, seen, note).await?)).into_response())
    };
    if Verdict::of(&state, &text, page.lang()).errors > 0 {
        return again(StatusCode::UNPROCESSABLE_ENTITY, page, text, form.seen, None).await;
    }
    let before = match file::replace(path.clone(), form.seen.clone(), text.clone()).await {
        Ok(before) => before,
        Err(WriteError::Changed(now)) => {
            let note = Note::bad(page.t("admin.config.conflict"));
            // Applying once more means: mine, over what came in between. That one is then the `.bak`.
            return again(StatusCode::CONFLICT, page, text, mark(&now), note).await;
        }
        Err(WriteError::Io(error)) => {
            tracing::error!(%error, "configuration could not be written");
            let note = Note::bad(page.t1("admin.config.unwritable", "error", error));
            return again(StatusCode::INTERNAL_SERVER_ERROR, page, text, form.seen, note).await;
        }
    };
    match state.reload.now().await {
        Ok(()) => {
            tracing::info!(by = %me.agent, "configuration applied");
            Ok(Redirect::to("/admin/config?done=applied").into_response())
        }
        Err(report) => {
            tracing::warn!(by = %me.agent, "configuration refused at reload; the running one goes on");
            // The file goes back too, so that the next start finds what runs now.
            if let Err(error) = file::replace(path, mark(&text), before.clone()).await {
                tracing::error!(%error, "the former configuration file could not be put back");
            }
            let note = Note::bad(page.t1("admin.config.refused", "report", report));
            again(StatusCode::UNPROCESSABLE_ENTITY, page, text, mark(&before), note).await
        }
    }
}
