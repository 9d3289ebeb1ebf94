//! `GET /chat/go/{link}`: the chat window in which a customer goes on. Opening the page begins nothing, because mail and chat programs open links
//! too: the window does, when it is opened.

use crate::desk::catalog::Catalog;
use crate::desk::id::ConversationId;
use crate::store::conversations;
use crate::store::viewer::{Role, Viewer};
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
    let from = links.as_ref().as_ref().and_then(|links| links.go_of(&link, state.clock.now()));
    let open = match from {
        Some(conversation) => window(&state, &loaded.catalog, conversation).await.map(|window| (window, link)),
        None => None,
    };
    let status = if open.is_some() { StatusCode::OK } else { StatusCode::GONE };
    (status, html(&GoPage { page, open })).into_response()
}

/// The window of those who served this customer where they wrote.
async fn window(state: &WebState, catalog: &Catalog, conversation: ConversationId) -> Option<String> {
    let house = Viewer { agent: "house".into(), role: Role::Admin };
    let row = conversations::get(&state.store, &house, conversation).await;
    let row =
        row.inspect_err(|error| tracing::error!(%conversation, %error, "a conversation could not be read for its customer")).ok()??;
    catalog.window_for(row.queue.as_ref(), &row.channel).map(|window| window.id.to_string())
}
