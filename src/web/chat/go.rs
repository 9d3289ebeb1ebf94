//! `GET /chat/go/{link}`: the chat window in which a customer goes on. Opening the page begins nothing, because mail and chat programs open links
//! too: the window does, when it is opened.

use crate::web::customer::{Lang, Page};
use crate::web::{WebState, html};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

/// `templates/chat/go.html`
#[derive(Template)]
#[template(path = "chat/go.html")]
struct GoPage {
    page: Page,
    /// The window and the link; `None` when the link is forged or too old.
    open: Option<(String, String)>,
}

pub async fn show(State(state): State<WebState>, Path(link): Path<String>, headers: HeaderMap) -> Response {
    let loaded = state.config.load();
    let page = Page::new(&state, &headers, &Lang::default(), None);
    let links = state.links.load();
    let good = links.as_ref().as_ref().is_some_and(|links| links.go_of(&link, state.clock.now()).is_some());
    let window = loaded.catalog.channels.values().find(|channel| channel.kind == "webchat").map(|channel| channel.id.to_string());
    let open = window.filter(|_| good).map(|window| (window, link));
    let status = if open.is_some() { StatusCode::OK } else { StatusCode::GONE };
    (status, html(&GoPage { page, open })).into_response()
}
