//! `GET /admin/flows/{flow}`: the picture, and the same in words for those who cannot see it.

use super::list::entries;
use crate::auth::Admin;
use crate::config::picture::{Dress, Outline, outline, svg};
use crate::desk::id::FlowId;
use crate::web::inbox::frame::Frame;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// `templates/admin/flows/show.html`
#[derive(Template)]
#[template(path = "admin/flows/show.html")]
struct FlowPage {
    page: Page,
    frame: Frame,
    id: String,
    name: String,
    entries: Vec<String>,
    /// SVG of our own making; every word of the firm's in it is escaped.
    picture: String,
    nodes: Vec<Outline>,
}

pub async fn show(State(state): State<WebState>, Admin(me): Admin, page: Page, Path(id): Path<String>) -> Result<Response, WebError> {
    let loaded = state.config.load();
    let flow = loaded.catalog.flows.get(&FlowId::from(id.as_str())).ok_or(WebError::NotFound)?;
    let language = page.lang().to_owned();
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&FlowPage {
        frame,
        name: flow.name.clone(),
        entries: entries(&loaded.config, &id),
        picture: svg(flow, &language, Dress::Page),
        nodes: outline(flow, &language),
        id,
        page,
    }))
}
