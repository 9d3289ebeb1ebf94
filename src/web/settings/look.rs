//! `POST /settings`: language, look, sounds. The device choice belongs to the browser and is kept there by the page's own script.

use crate::auth::Agent;
use crate::store::users;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Chosen {
    language: String,
    theme: String,
    density: String,
    // A box that is not ticked is not sent.
    ring: Option<String>,
    message: Option<String>,
    desktop: Option<String>,
    enter: Option<String>,
    notices: Option<String>,
    tickets: Option<String>,
    team: Option<String>,
    volume: u8,
}

pub async fn save(State(state): State<WebState>, Agent(me): Agent, Form(form): Form<Chosen>) -> Result<Redirect, WebError> {
    let language = state.i18n.get(&form.language).map(|l| l.code().to_owned());
    let theme = Some(form.theme).filter(|t| t == "light" || t == "dark");
    let mut prefs = me.prefs;
    prefs.density = if form.density == "compact" { "compact".into() } else { "comfortable".into() };
    prefs.notify_calls = form.ring.is_some();
    prefs.message_sound = form.message.is_some();
    prefs.notify_messages = form.desktop.is_some();
    prefs.enter_sends = form.enter.is_some();
    prefs.notices = form.notices.is_some();
    prefs.tickets = form.tickets.is_some();
    prefs.team = form.team.is_some();
    prefs.ring_volume = form.volume.min(100);
    users::set_tastes(&state.store, &me.agent, language, theme, prefs).await?;
    Ok(Redirect::to("/settings?done=saved"))
}
