//! `POST /invite/{token}`

use super::show::{InvitePage, gone};
use crate::auth::{InviteError, PasswordError};
use crate::web::client::ClientIp;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Chosen {
    password: String,
    again: String,
}

pub async fn accept(
    State(state): State<WebState>,
    page: Page,
    ClientIp(address): ClientIp,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Chosen>,
) -> Result<Response, WebError> {
    let invited = match state.gate.invited(&token).await {
        Ok(invited) => invited,
        Err(InviteError::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(gone(page)),
    };
    let again = |note: String, page: Page| {
        let who = Some((invited.who.id.to_string(), invited.who.name.clone()));
        let drawn = html(&InvitePage { page, token: token.clone(), who, shortest: state.gate.shortest_password(), note: Note::bad(note) });
        (StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response()
    };
    if form.password != form.again {
        return Ok(again(page.t("password.differ").to_owned(), page));
    }
    let device = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
    match state.gate.accept_invite(&token, &form.password, address, device).await {
        Ok(entered) => {
            tracing::info!(agent = %entered.who.id, "invitation accepted");
            Ok(([(header::SET_COOKIE, entered.cookie)], Redirect::to("/inbox")).into_response())
        }
        Err(InviteError::Gone | InviteError::UnknownAgent) => Ok(gone(page)),
        Err(InviteError::Password(PasswordError::TooShort { shortest })) => {
            Ok(again(page.t1("password.too_short", "shortest", shortest), page))
        }
        Err(InviteError::Password(PasswordError::TooLong)) => Ok(again(page.t("password.too_long").to_owned(), page)),
        Err(error) => {
            tracing::error!(%error, "invitation could not be accepted");
            Err(WebError::Internal)
        }
    }
}
