//! The same as the socket by plain requests, for networks that block WebSockets: `POST …/say` and a long `POST …/hear`.

use super::limits::Counted;
use super::wire::{Line, VisitorHears, VisitorSays};
use super::{WebChat, hear, origin, visits};
use crate::auth::network;
use crate::channels::ClientAddress;
use crate::desk::id::MessageId;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
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
        Ok((window, visitor)) => Json(hear::hear(&chat, &window, &visitor, visits::refused(&headers), says).await).into_response(),
        Err(status) => status.into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    /// The newest message the page has; without it, the whole welcome is told at once.
    after: Option<MessageId>,
    /// What the last answer ended with.
    state: Option<String>,
}

pub(super) async fn hear_next(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    Query(After { after, state }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let (_, visitor) = match origin::visitor(&chat, &channel, &headers) {
        Ok(found) => found,
        Err(status) => return status.into_response(),
    };
    if !chat.shared.limits.allow(Counted::Connections(network(client.0)), chat.shared.clock.now()) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let Some(_place) = chat.shared.wires.take(client.0) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    // The wire is opened before the history is read, so that nothing falls between the two.
    let Some(mut hears) = chat.shared.visitors.open(visitor.clone()) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let Some(welcome) = hear::welcome(&chat, &visitor).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let now = state_of(&welcome);
    let mut frames = missed(welcome, after);
    let newer = |line: &Line| after.is_none_or(|after| line.id > after);
    let news = frames.iter().any(|frame| matches!(frame, VisitorHears::Welcome { history, .. } if history.iter().any(newer)));
    if after.is_none() || news || state.as_deref() != Some(now.as_str()) {
        frames.push(VisitorHears::State { state: now });
        return Json(frames).into_response();
    }
    frames.clear();
    if let Ok(Some(frame)) = tokio::time::timeout(WAIT, hears.recv()).await {
        frames.push(frame);
        while frames.len() < MOST
            && let Ok(frame) = hears.try_recv()
        {
            frames.push(frame);
        }
    }
    Json(frames).into_response()
}

/// A welcome without the messages that the page has, as it has them.
fn missed(mut welcome: Vec<VisitorHears>, after: Option<MessageId>) -> Vec<VisitorHears> {
    for frame in &mut welcome {
        if let VisitorHears::Welcome { history, .. } = frame {
            history.retain(|line| after.is_none_or(|after| line.id > after) || line.changed.is_some());
        }
    }
    welcome
}

/// Who serves, whether the chat goes on, the place in the queue, the read mark and what was changed, in short: what passes between two polls is found by comparing it.
fn state_of(welcome: &[VisitorHears]) -> String {
    let mut state = DefaultHasher::new();
    for frame in welcome {
        match frame {
            VisitorHears::Welcome { history, agent, open, read, rate, .. } => {
                (agent, open, read, rate).hash(&mut state);
                // What the page has may have become something else.
                history.iter().filter(|line| line.changed.is_some()).for_each(|line| (line.id, &line.text).hash(&mut state));
            }
            VisitorHears::Call { call } => call.hash(&mut state),
            VisitorHears::Outages { names } => names.hash(&mut state),
            VisitorHears::Waiting { position, estimate_s } => (position, estimate_s).hash(&mut state),
            _ => {}
        }
    }
    format!("{:016x}", state.finish())
}
