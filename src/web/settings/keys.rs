//! `GET /settings/keys`: every command with its key, to be chosen anew. `POST /settings/keys` keeps the choice with the user, for every browser.

use crate::auth::{Agent, Session};
use crate::store::users;
use crate::web::inbox::frame::Frame;
use crate::web::keys::{self, COMMANDS, Wrong};
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `templates/settings/keys.html`
#[derive(Template)]
#[template(path = "settings/keys.html")]
struct KeysPage {
    page: Page,
    frame: Frame,
    groups: Vec<Group>,
    note: Option<Note>,
}

struct Group {
    title: String,
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    label: String,
    keys: String,
    /// As the table has it.
    plain: &'static str,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

pub async fn keys(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Query(Done { done }): Query<Done>,
) -> Result<Response, WebError> {
    let note = if done == "saved" { Note::ok(page.t("settings.saved")) } else { None };
    let chosen = me.prefs.keys.clone();
    draw(&state, &me, page, &chosen, note).await
}

pub async fn choose_keys(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let chosen = if form.contains_key("reset") { Ok(keys::Chosen::new()) } else { keys::choose(&form) };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err((name, wrong)) => {
            let command = page.t(&format!("command.{name}")).to_owned();
            let text = match wrong {
                Wrong::NoKey => page.t1("keys.no_key", "command", command),
                Wrong::Taken => page.t1("keys.taken", "command", command),
                Wrong::Of(other) => {
                    let other = page.t(&format!("command.{other}")).to_owned();
                    page.locale.t2("keys.twice", "command", command, "other", other)
                }
            };
            let response = draw(&state, &me, page, &form, Note::bad(text)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, response).into_response());
        }
    };
    let mut prefs = me.prefs;
    prefs.keys = chosen;
    users::set_tastes(&state.store, &me.agent, me.language, me.theme, prefs).await?;
    Ok(Redirect::to("/settings/keys?done=saved").into_response())
}

async fn draw(state: &WebState, me: &Session, page: Page, chosen: &keys::Chosen, note: Option<Note>) -> Result<Response, WebError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last = "";
    for command in COMMANDS {
        if command.group != last {
            last = command.group;
            groups.push(Group { title: page.t(&format!("command.group.{last}")).to_owned(), lines: Vec::new() });
        }
        let label = page.t(&format!("command.{}", command.name)).to_owned();
        let line = Line { name: command.name, label, keys: keys::of(chosen, command.name).to_owned(), plain: command.keys };
        if let Some(group) = groups.last_mut() {
            group.lines.push(line);
        }
    }
    let frame = Frame::around(state, &page, me).await?;
    Ok(html(&KeysPage { page, frame, groups, note }))
}
