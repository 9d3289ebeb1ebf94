//! `GET /chat/call/{link}`: one button by which the customer of the link calls us in their browser, in the chat window. Opening it begins
//! nothing, because mail and chat programs open links too.

use crate::desk::catalog::Catalog;
use crate::desk::id::{ChannelId, ConversationId};
use crate::store::conversations;
use crate::store::viewer::{Role, Viewer};
use crate::web::customer::{Lang, Page};
use crate::web::{WebState, html};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

/// `templates/chat/call.html`
#[derive(Template)]
#[template(path = "chat/call.html")]
struct CallPage {
    page: Page,
    /// The window whose words the page uses, and the link; `None` when the link is forged, too old or of a house that takes no such calls.
    open: Option<(String, String)>,
    /// Pictures may be shown.
    video: bool,
}

pub async fn show(State(state): State<WebState>, Path(link): Path<String>, headers: HeaderMap) -> Response {
    let loaded = state.config.load();
    let page = Page::new(&state, &headers, &Lang::default(), None);
    let links = state.links.load();
    let conversation = links.as_ref().as_ref().and_then(|links| links.call_until(&link, state.clock.now()));
    let open = match conversation {
        Some((conversation, _)) => window(&state, &loaded.catalog, conversation).await.map(|window| (window, link)),
        None => None,
    };
    let video = open.as_ref().is_some_and(|(window, _)| loaded.config.takes_video_at(&ChannelId::from(window.as_str())));
    let status = if open.is_some() { StatusCode::OK } else { StatusCode::GONE };
    (status, html(&CallPage { page, open, video })).into_response()
}

/// The window by which this customer's call comes in: the one they write in, or the first that takes calls.
async fn window(state: &WebState, catalog: &Catalog, conversation: ConversationId) -> Option<String> {
    let house = Viewer { agent: "house".into(), role: Role::Admin };
    let row = conversations::get(&state.store, &house, conversation).await;
    let row =
        row.inspect_err(|error| tracing::error!(%conversation, %error, "a conversation could not be read for its customer")).ok()??;
    let takes_calls = |channel: &&crate::desk::catalog::ChannelSpec| channel.calls.is_some();
    let own = catalog.channels.get(&row.channel).filter(takes_calls);
    own.or_else(|| catalog.channels.values().find(takes_calls)).map(|channel| channel.id.to_string())
}
