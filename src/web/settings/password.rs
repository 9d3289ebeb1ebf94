//! `POST /settings/password`

use super::show::draw;
use crate::auth::{Agent, LoginError, PasswordError};
use crate::web::client::ClientIp;
use crate::web::login::{Note, explain};
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Changed {
    old: String,
    password: String,
    again: String,
}

pub async fn password(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    ClientIp(address): ClientIp,
    Form(form): Form<Changed>,
) -> Result<Response, WebError> {
    let text = if form.password != form.again {
        page.t("password.differ").to_owned()
    } else {
        match state.gate.change_password(&me.agent, me.id, &form.old, &form.password, address).await {
            Ok(()) => return Ok(Redirect::to("/settings?done=password").into_response()),
            Err(LoginError::Password(PasswordError::TooShort { shortest })) => page.t1("password.too_short", "shortest", shortest),
            Err(LoginError::Password(PasswordError::TooLong)) => page.t("password.too_long").to_owned(),
            Err(LoginError::Wrong { .. }) => page.t("password.wrong").to_owned(),
            Err(error) => match explain(&page, &error) {
                Some((_, text)) => text,
                None => {
                    tracing::error!(%error, "password could not be changed");
                    return Err(WebError::Internal);
                }
            },
        }
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&state, me, page, Note::bad(text)).await?).into_response())
}
