//! `GET /admin/phones`: the desk phones that have registered, where they are, and the sources that are turned away for guessing.
//! `POST /admin/phones/allow` lets one of those in again.

use crate::auth::Admin;
use crate::desk::catalog::DeskPhone;
use crate::desk::id::AgentId;
use crate::store::phones::{self, BanRow, PhoneRow};
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::net::IpAddr;

/// `templates/admin/phones.html`
#[derive(Template)]
#[template(path = "admin/phones.html")]
struct PhonesPage {
    page: Page,
    desks: Vec<Desk>,
    bans: Vec<BanRow>,
    note: Option<Note>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

#[derive(Deserialize)]
pub struct Allow {
    source: IpAddr,
}

/// An agent whose phones register here, with those that have.
struct Desk {
    agent: AgentId,
    name: String,
    phones: Vec<PhoneRow>,
}

pub async fn list(
    State(state): State<WebState>,
    Admin(_): Admin,
    page: Page,
    Query(Done { done }): Query<Done>,
) -> Result<Response, WebError> {
    let note = match done.as_str() {
        "allowed" => Note::ok(page.t("admin.phones.allowed")),
        "gone" => Note::ok(page.t("admin.phones.not_banned")),
        _ => None,
    };
    let now = state.clock.now();
    let mut known = phones::contacts(&state.store, now).await?;
    let bans = phones::bans(&state.store, now).await?;
    let catalog = &state.config.load().catalog;
    let registering = catalog.agents.values().filter(|agent| agent.phone == Some(DeskPhone::Registered));
    let desks = registering
        .map(|agent| {
            let phones = known.extract_if(.., |row| row.agent == agent.id).collect();
            Desk { agent: agent.id.clone(), name: agent.name.clone(), phones }
        })
        .collect();
    Ok(html(&PhonesPage { page, desks, bans, note }))
}

pub async fn allow(State(state): State<WebState>, Admin(me): Admin, Form(Allow { source }): Form<Allow>) -> Result<Redirect, WebError> {
    let was = state.sources.allow(source, me.agent).await;
    Ok(Redirect::to(if was { "/admin/phones?done=allowed" } else { "/admin/phones?done=gone" }))
}
