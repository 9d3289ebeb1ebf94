//! `POST /settings/theme`: the button in the bar that turns light to dark and back. Works without script: the server writes the theme
//! into the next page.

use crate::auth::Agent;
use crate::store::users;
use crate::web::login::local_path;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    theme: String,
    #[serde(default)]
    back: String,
}

pub async fn theme(State(state): State<WebState>, Agent(me): Agent, Form(form): Form<Wanted>) -> Result<Redirect, WebError> {
    let theme = match form.theme.as_str() {
        "light" | "dark" => Some(form.theme),
        "toggle" => Some(if me.theme.as_deref() == Some("dark") { "light".into() } else { "dark".into() }),
        _ => None,
    };
    users::set_tastes(&state.store, &me.agent, me.language, theme, me.prefs).await?;
    Ok(Redirect::to(local_path(&form.back)))
}
