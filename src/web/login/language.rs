//! `POST /login/language`: the language of the pages before log-in, kept in a cookie.

use crate::web::i18n::COOKIE;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    language: String,
    #[serde(default)]
    back: String,
}

pub async fn language(State(state): State<WebState>, Form(form): Form<Wanted>) -> Result<Response, WebError> {
    let locale = state.i18n.get(&form.language).ok_or(WebError::Bad("no such language"))?;
    let cookie = state.gate.cookies().set_plain(COOKIE, locale.code());
    let back = if form.back.starts_with("/invite/") || form.back == "/ca" { super::local_path(&form.back) } else { "/login" };
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response())
}
