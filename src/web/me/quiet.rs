//! `POST /me/quiet`: no sounds and no desktop notifications until then, but for what rings: whoever wants no work offered is busy or on a break.

use crate::auth::Agent;
use crate::store::users;
use crate::web::work::moment;
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct When {
    /// Minutes, `tomorrow`, or `off`.
    value: String,
}

pub async fn quiet(State(state): State<WebState>, Agent(me): Agent, page: Page, Form(when): Form<When>) -> Result<StatusCode, WebError> {
    let until = match when.value.as_str() {
        "off" => None,
        value => Some(moment(value, "", page.now, &page.zone).filter(|at| *at > page.now).ok_or(WebError::Bad("value"))?),
    };
    let mut prefs = me.prefs;
    prefs.quiet_until = until.map(|at| at.0);
    users::set_tastes(&state.store, &me.agent, me.language, me.theme, prefs).await?;
    Ok(StatusCode::NO_CONTENT)
}
