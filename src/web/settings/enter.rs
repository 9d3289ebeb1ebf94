//! `POST /settings/enter`: whether Enter sends, from the menu beside the send button.

use crate::auth::Agent;
use crate::store::users;
use crate::web::work::Switch;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use http::StatusCode;

pub async fn enter(State(state): State<WebState>, Agent(me): Agent, Form(Switch { on }): Form<Switch>) -> Result<StatusCode, WebError> {
    let mut prefs = me.prefs;
    prefs.enter_sends = on;
    users::set_tastes(&state.store, &me.agent, me.language, me.theme, prefs).await?;
    Ok(StatusCode::NO_CONTENT)
}
