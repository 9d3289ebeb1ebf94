//! `POST /login`

use super::local_path;
use super::show::{LoginPage, Note};
use crate::auth::{LoginError, read_cookie};
use crate::web::client::ClientIp;
use crate::web::{Page, WebError, WebState, html};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn enter(
    State(state): State<WebState>,
    page: Page,
    ClientIp(address): ClientIp,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    let device = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let old = read_cookie(&headers, state.gate.cookies().name());
    let next = local_path(&form.next).to_owned();
    match state.gate.login(&form.name, &form.password, address, device, old).await {
        Ok(entered) => {
            tracing::info!(agent = %entered.who.id, "signed in");
            ([(header::SET_COOKIE, entered.cookie)], Redirect::to(&next)).into_response()
        }
        Err(error) => {
            let Some((status, text)) = explain(&page, &error) else {
                tracing::error!(%error, "log-in failed");
                return WebError::Internal.into_response();
            };
            tracing::warn!(%address, %error, "log-in refused");
            let drawn = html(&LoginPage { name: form.name, next, wrong: status == StatusCode::FORBIDDEN, note: Note::bad(text), page });
            (status, drawn).into_response()
        }
    }
}

/// The sentence for somebody who is not let in; `None` for what is our own fault. The same for a wrong name and a wrong password.
pub fn explain(page: &Page, error: &LoginError) -> Option<(StatusCode, String)> {
    match error {
        LoginError::Wrong { left: 0 } => Some((StatusCode::FORBIDDEN, page.t("login.wrong_last").to_owned())),
        LoginError::Wrong { left } => Some((StatusCode::FORBIDDEN, page.n("login.wrong", *left as usize))),
        LoginError::Paused { until } => {
            let minutes = (until.since(page.now) + 59_999) / 60_000;
            Some((StatusCode::TOO_MANY_REQUESTS, page.locale.n("login.paused", minutes)))
        }
        LoginError::Password(_) | LoginError::Token(_) | LoginError::Store(_) => None,
    }
}
