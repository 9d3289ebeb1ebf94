//! The visitors' side: `/chat/…`. A router of its own, so that it can be given its own listener.

use super::{WebChat, call, files, origin, poll, session, socket};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};

/// Largest JSON a page sends, bytes: a long text with its escapes.
const LONGEST_JSON: usize = 128 * 1024;

pub(super) fn router(chat: WebChat) -> Router {
    let shared = Router::new()
        .route("/chat/{channel}/session", post(session::open).options(preflight))
        .route("/chat/{channel}/say", post(poll::say).options(preflight))
        // A POST too: browsers name no origin when a page gets something from its own host.
        .route("/chat/{channel}/hear", post(poll::hear_next).options(preflight))
        .route("/chat/{channel}/call", post(call::connect).options(preflight))
        .route("/chat/{channel}/call/relays", post(call::relays).options(preflight))
        // The window's own limit is read from the configuration, so it is kept in the handler.
        .route("/chat/{channel}/files", post(files::upload).options(preflight).layer(DefaultBodyLimit::disable()))
        .layer(DefaultBodyLimit::max(LONGEST_JSON))
        .route_layer(from_fn_with_state(chat.clone(), origin::share));
    Router::new()
        .merge(shared)
        .route("/chat/widget.js", get(widget))
        .route("/chat/call.js", get(|| script(include_str!("../../../static/chat/call.js"))))
        .route("/chat/find.js", get(|| script(include_str!("../../../static/chat/find.js"))))
        .route("/chat/visits.js", get(|| script(include_str!("../../../static/chat/visits.js"))))
        .route("/chat/call-look.js", get(|| script(include_str!("../../../static/chat/call-look.js"))))
        .route("/chat/call-picture.js", get(|| script(include_str!("../../../static/chat/call-picture.js"))))
        .route("/chat/softphone-picture.js", get(|| script(include_str!("../../../static/softphone-picture.js"))))
        .route("/chat/softphone-arrows.js", get(|| script(include_str!("../../../static/softphone-arrows.js"))))
        .route("/chat/softphone-link.js", get(|| script(include_str!("../../../static/softphone-link.js"))))
        .route("/chat/softphone-mic.js", get(|| script(include_str!("../../../static/softphone-mic.js"))))
        .route("/chat/{channel}/socket", get(socket::connect))
        .route("/chat/{channel}/files/{id}", get(files::download))
        .layer(from_fn(origin::name_host))
        .with_state(chat)
}

/// Never reached: `origin::share` answers preflights before routing does. It stands here so that the method is known.
async fn preflight() {}

/// The script that shows the window.
async fn widget() -> impl IntoResponse {
    script(concat!(
        "(() => {\n\"use strict\";\n",
        include_str!("../../../static/chat/words.js"),
        include_str!("../../../static/chat/look.js"),
        include_str!("../../../static/chat/widget.js"),
        "})();\n"
    ))
    .await
}

/// Shops keep a script's address for years, so its content may change behind it: checked again each hour. Modules are fetched by the rules
/// of shared resources, by whatever site shows the window.
async fn script(text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, text)
}
