//! `POST /chat/{channel}/session`: a page asks who it is. A token it still has is renewed; else it becomes a new visitor.

use super::accounts::{self, Said};
use super::limits::Counted;
use super::token::Key;
use super::wire::Session;
use super::{WebChat, Window, callers, continued, origin};
use crate::auth::network;
use crate::channels::ClientAddress;
use crate::desk::id::At;
use crate::desk::person::Page;
use crate::desk::same::Clue;
use crate::store::persons;
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
    /// Or, without a token: its name for who is signed in, and the hexadecimal HMAC-SHA-256 of that name with the same key.
    user: Option<String>,
    user_hash: Option<String>,
    /// What the page says of them beside it; nobody has signed it.
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// Of a link by which somebody calls.
    link: Option<String>,
    /// Of a link by which somebody goes on from another channel.
    go: Option<String>,
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
        let Some(theirs) = callers::opened(&chat, &link, now) else { return StatusCode::GONE.into_response() };
        let known = known.filter(|known| known.starts_with(&theirs));
        return match visitor_here(&chat, known, &theirs, client, now) {
            Ok(visitor) => answer(&chat, window, &visitor, now),
            Err(status) => status.into_response(),
        };
    }
    let said = match (asked.account, asked.user.zip(asked.user_hash)) {
        (Some(account), _) => Some(Said::Token(account)),
        (None, Some((user, hash))) => Some(Said::Hash { user, hash, name: asked.name }),
        (None, None) => None,
    };
    let signed_in = said.zip(window.account_key.as_ref()).and_then(|(said, key)| {
        let visitor = chat.shared.accounts.visitor(&window.id, key.expose_secret(), &said, now);
        if visitor.is_none() {
            tracing::warn!(channel = %window.id, "a site's word for who is signed in is not good: another key, or too old");
        }
        visitor
    });
    if let Some(visitor) = signed_in {
        hints(&chat, &window, &visitor, known.as_deref(), (asked.phone, asked.email), now).await;
        return answer(&chat, window, &visitor, now);
    }
    if let Some(link) = asked.go {
        return match continued::visitor(&chat, &window.id, &link, known, now).await {
            Ok(visitor) => answer(&chat, window, &visitor, now),
            Err(continued::Not::Gone) => StatusCode::GONE.into_response(),
            Err(continued::Not::Later) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
    }
    // Without the site's word nobody is who they were when they were signed in.
    let known = known.filter(|visitor| !Page { channel: window.id.clone(), visitor: visitor.clone() }.is_signed_in());
    match visitor_here(&chat, known, "", client, now) {
        Ok(visitor) => answer(&chat, window, &visitor, now),
        Err(status) => status.into_response(),
    }
}

/// Who was here before, or somebody new whose name begins so; one address makes so many in an hour only.
fn visitor_here(chat: &WebChat, known: Option<String>, begins: &str, client: ClientAddress, now: At) -> Result<String, StatusCode> {
    if let Some(known) = known {
        return Ok(known);
    }
    if !chat.shared.limits.allow(Counted::Sessions(network(client.0)), now) {
        return Err(StatusCode::TOO_MANY_REQUESTS);
    }
    Key::visitor().map(|name| format!("{begins}{name}")).map_err(|error| {
        tracing::error!(%error, "no new visitor");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

/// What may be theirs too, though nobody has signed it: an agent decides.
async fn hints(
    chat: &WebChat,
    window: &Window,
    visitor: &str,
    before: Option<&str>,
    (phone, email): (Option<String>, Option<String>),
    now: At,
) {
    let of = |visitor: &str| Page { channel: window.id.clone(), visitor: visitor.to_owned() };
    let account = of(visitor).identity();
    let browser = before.map(of).filter(|page| !page.is_signed_in()).map(|page| (Clue::Browser, page.identity()));
    let page = [phone.as_deref().and_then(accounts::phone), email.as_deref().and_then(accounts::email)];
    for (clue, other) in page.into_iter().flatten().map(|identity| (Clue::Page, identity)).chain(browser) {
        if let Err(error) = persons::clue(&chat.shared.store, clue, account.clone(), other, now).await {
            tracing::warn!(%error, "what a page says of its visitor could not be kept");
        }
    }
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
        rating: !window.questions.is_empty(),
        relays: window.relays.is_some(),
        max_file: window.max_file,
        max_video: window.max_video,
        max_text: window.max_text,
        language: window.language,
    })
    .into_response()
}
