//! The same as the socket by plain requests, for networks that block WebSockets: `POST …/say` and a long `GET …/hear`.

use super::limits::{Counted, network};
use super::wire::{VisitorHears, VisitorSays};
use super::{WebChat, hear, origin};
use crate::channels::ClientAddress;
use crate::desk::id::MessageId;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use std::time::Duration;

/// How long a poll waits for something to tell.
const WAIT: Duration = Duration::from_secs(25);
/// Frames in one answer.
const MOST: usize = 64;

pub(super) async fn say(
    State(chat): State<WebChat>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    Json(says): Json<VisitorSays>,
) -> Response {
    match origin::visitor(&chat, &channel, &headers) {
        Ok((window, visitor)) => Json(hear::hear(&chat, &window, &visitor, says).await).into_response(),
        Err(status) => status.into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    /// The newest message the page has; without it, the whole welcome is told at once.
    after: Option<MessageId>,
}

pub(super) async fn hear_next(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let (_, visitor) = match origin::visitor(&chat, &channel, &headers) {
        Ok(found) => found,
        Err(status) => return status.into_response(),
    };
    if !chat.shared.limits.allow(Counted::Connections(network(client.0)), chat.shared.clock.now()) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    // The wire is opened before the history is read, so that nothing falls between the two.
    let Some(mut hears) = chat.shared.visitors.open(visitor.clone()) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let Some(welcome) = hear::welcome(&chat, &visitor).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut frames = match after {
        None => welcome,
        Some(after) => missed(welcome, after),
    };
    if frames.is_empty()
        && let Ok(Some(frame)) = tokio::time::timeout(WAIT, hears.recv()).await
    {
        frames.push(frame);
        while frames.len() < MOST
            && let Ok(frame) = hears.try_recv()
        {
            frames.push(frame);
        }
    }
    Json(frames).into_response()
}

/// What a page that has messages up to `after` has not seen of a welcome.
fn missed(welcome: Vec<VisitorHears>, after: MessageId) -> Vec<VisitorHears> {
    let newer = |frame| match frame {
        VisitorHears::Welcome { history, .. } => history,
        _ => Vec::new(),
    };
    welcome.into_iter().flat_map(newer).filter(|line| line.id > after).map(|line| VisitorHears::Message { line }).collect()
}
