//! `GET /admin/phones`: the desk phones that have registered, where they are, and the sources that are turned away for guessing.

use crate::auth::Admin;
use crate::desk::catalog::DeskPhone;
use crate::desk::id::AgentId;
use crate::store::phones::{self, BanRow, PhoneRow};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// `templates/admin/phones.html`
#[derive(Template)]
#[template(path = "admin/phones.html")]
struct PhonesPage {
    page: Page,
    desks: Vec<Desk>,
    bans: Vec<BanRow>,
}

/// An agent whose phones register here, with those that have.
struct Desk {
    agent: AgentId,
    name: String,
    phones: Vec<PhoneRow>,
}

pub async fn list(State(state): State<WebState>, Admin(_): Admin, page: Page) -> Result<Response, WebError> {
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
    Ok(html(&PhonesPage { page, desks, bans }))
}
