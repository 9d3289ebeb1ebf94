//! `POST /chat/{channel}/session`: a page asks who it is. A token it still has is renewed; else it becomes a new visitor.

use super::limits::Counted;
use super::token::Key;
use super::wire::Session;
use super::{WebChat, Window, callers, origin};
use crate::auth::network;
use crate::channels::ClientAddress;
use crate::desk::id::At;
use crate::desk::person::Page;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use serde::Deserialize;

/// What a page sends along.
#[derive(Deserialize)]
pub(super) struct Asked {
    token: Option<String>,
    /// The site's word for who is signed in there.
    account: Option<String>,
    /// Of a link by which somebody calls.
    link: Option<String>,
}

pub(super) async fn open(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Response {
    let window = match origin::window(&chat, &channel, &headers) {
        Ok(window) => window,
        Err(status) => return status.into_response(),
    };
    let now = chat.shared.clock.now();
    let known = asked.token.and_then(|token| chat.shared.key.visitor_of(&window.id, &token, now));
    if let Some(link) = asked.link {
        return match callers::visitor(&chat, &link, now) {
            Some(visitor) => answer(&chat, window, &visitor, now),
            None => StatusCode::GONE.into_response(),
        };
    }
    let signed_in = asked.account.zip(window.account_key.as_ref()).and_then(|(account, key)| {
        let visitor = chat.shared.accounts.visitor(&window.id, key.expose_secret(), &account, now);
        if visitor.is_none() {
            tracing::warn!(channel = %window.id, "a site's word for who is signed in is not good: another key, or too old");
        }
        visitor
    });
    if let Some(visitor) = signed_in {
        return answer(&chat, window, &visitor, now);
    }
    // Without the site's word nobody is who they were when they were signed in.
    let known = known.filter(|visitor| !Page { channel: window.id.clone(), visitor: visitor.clone() }.is_signed_in());
    let visitor = match known {
        Some(visitor) => visitor,
        None if !chat.shared.limits.allow(Counted::Sessions(network(client.0)), now) => {
            return StatusCode::TOO_MANY_REQUESTS.into_response();
        }
        None => match Key::visitor() {
            Ok(visitor) => visitor,
            Err(error) => {
                tracing::error!(%error, "no new visitor");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
    };
    answer(&chat, window, &visitor, now)
}

fn answer(chat: &WebChat, window: Window, visitor: &str, now: At) -> Response {
    Json(Session {
        token: chat.shared.key.sign(&window.id, visitor, now),
        title: window.title,
        greeting: window.greeting,
        accent: window.accent,
        files: window.files,
        calls: window.calls,
        video: window.video,
        records: window.records,
        help: window.help,
        relays: window.relays.is_some(),
        max_file: window.max_file,
        max_video: window.max_video,
        max_text: window.max_text,
        language: window.language,
    })
    .into_response()
}
