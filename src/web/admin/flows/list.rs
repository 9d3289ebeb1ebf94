//! `GET /admin/flows`

use crate::auth::Admin;
use crate::config::Config;
use crate::web::inbox::frame::Frame;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// `templates/admin/flows/list.html`
#[derive(Template)]
#[template(path = "admin/flows/list.html")]
struct FlowsPage {
    page: Page,
    frame: Frame,
    flows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    nodes: usize,
    /// Numbers and channels whose contacts come here first.
    entries: Vec<String>,
}

pub async fn list(State(state): State<WebState>, Admin(me): Admin, page: Page) -> Result<Response, WebError> {
    let loaded = state.config.load();
    let row = |(id, flow): (&crate::desk::id::FlowId, &crate::desk::ivr::Flow)| Row {
        id: id.to_string(),
        name: flow.name.clone(),
        nodes: flow.nodes.len(),
        entries: entries(&loaded.config, id.as_str()),
    };
    let flows = loaded.catalog.flows.iter().map(row).collect();
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&FlowsPage { page, frame, flows }))
}

/// The lines and channels that lead to a flow.
pub(super) fn entries(config: &Config, flow: &str) -> Vec<String> {
    let lines = config.lines.iter().filter(|line| line.flow.as_ref().is_some_and(|name| name.get_ref() == flow));
    let channels = config.channels.iter().filter(|channel| channel.flow.as_ref().is_some_and(|name| name.get_ref() == flow));
    lines.map(|line| line.number.to_string()).chain(channels.map(|channel| channel.id.to_string())).collect()
}
