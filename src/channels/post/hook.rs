//! `/hooks/{channel}`: what a platform tells us is believed by its signature alone, and kept before it is acknowledged.

use super::Post;
use super::health::{Direction, heard, knocked};
use crate::channels::ClientAddress;
use crate::channels::platform::{HookAnswer, HookRequest, Hooked};
use crate::desk::id::ChannelId;
use crate::store::channel_events;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

/// Longest key of an event, bytes: no platform's is longer, and it is ours to index.
const LONGEST_KEY: usize = 256;

pub(super) async fn hook(
    State(post): State<Post>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let channel = ChannelId::from(channel.as_str());
    // A channel that does not exist and one that is not called look alike. Just after the start it may take a moment until there are any.
    let Some(open) = post.opened(&channel).await else { return StatusCode::NOT_FOUND.into_response() };
    if let Some(answer) = open.account.mark.answers(&channel, &headers) {
        return answer.into_response();
    }
    let query = uri.query().unwrap_or_default();
    let mut url = open.account.hook.clone().unwrap_or_default();
    if !query.is_empty() {
        url = format!("{url}?{query}");
    }
    let now = post.shared.clock.now();
    let request = HookRequest { method: &method, url: &url, query, headers: &headers, body: &body, from: client.0, now };
    let Hooked { events, answer, poll } = match open.account.platform.hook(&request) {
        Ok(hooked) => hooked,
        Err(refused) => {
            tracing::warn!(%channel, from = %client.0, bytes = body.len(), why = refused.why, "a hook was refused");
            knocked(&post, &open.running, Err(&refused));
            return refused.status.into_response();
        }
    };
    knocked(&post, &open.running, Ok(()));
    if !events.is_empty() {
        let keyed = |key: &str| !key.is_empty() && key.len() <= LONGEST_KEY;
        let (events, odd): (Vec<_>, Vec<_>) = events.into_iter().partition(|raw| keyed(&raw.key));
        if !odd.is_empty() {
            tracing::error!(%channel, events = odd.len(), "events without a usable key are not kept");
        }
        let events = events.into_iter().map(|raw| (raw.key, raw.body)).collect();
        if let Err(error) = channel_events::keep(&post.shared.store, &channel, events, None, now).await {
            tracing::error!(%channel, %error, "what a platform told could not be kept: it is asked to tell it again");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        open.running.kept.notify_one();
        heard(&post, &channel, &open.running, Direction::In, Ok(()));
    }
    if poll {
        open.running.poll.notify_one();
    }
    respond(answer)
}

/// A file that is lent under a name that ends as its platform wants it (`lend.rs`); the name says nothing.
pub(super) async fn lent(
    post: State<Post>,
    client: Extension<ClientAddress>,
    Path((channel, _name)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let response = hook(post, client, Path(channel), method, uri, headers, Bytes::new()).await;
    // Of a channel that lends nothing this is no address.
    if response.status() == StatusCode::METHOD_NOT_ALLOWED { StatusCode::NOT_FOUND.into_response() } else { response }
}

/// The same for a gateway, to which a channel that does not exist and a wrong signature look alike.
pub(super) async fn of_gateway(
    post: State<Post>,
    client: Extension<ClientAddress>,
    channel: Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let response = hook(post, client, channel, method, uri, headers, body).await;
    if response.status() == StatusCode::NOT_FOUND { StatusCode::UNAUTHORIZED.into_response() } else { response }
}

fn respond(answer: HookAnswer) -> Response {
    let mut response = (answer.status, answer.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    response
}
