//! `GET /chat/{channel}/socket`: the live wire of one page. Its first frame proves who the visitor is; what follows is said and heard.

use super::limits::Counted;
use super::visitors::Visitor;
use super::wire::{VisitorHears, VisitorSays};
use super::{WebChat, Window, hear, origin, visits};
use crate::auth::network;
use crate::channels::ClientAddress;
use axum::Extension;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Longest frame of a page: a long text with its JSON around it.
const LONGEST_FRAME: usize = 128 * 1024;
/// What is read at once. It is allocated for as long as the window is open, and most lines are short.
const READ: usize = 4 * 1024;
/// A page that says nothing first is no page of ours.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Pings keep proxies from cutting a quiet chat, and find out dead pages: one that has not answered by the next is gone.
const PING_EVERY: Duration = Duration::from_secs(25);

pub(super) async fn connect(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let window = match origin::window(&chat, &channel, &headers) {
        Ok(window) => window,
        Err(status) => return status.into_response(),
    };
    if !chat.shared.limits.allow(Counted::Connections(network(client.0)), chat.shared.clock.now()) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let Some(place) = chat.shared.wires.take(client.0) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let unseen = visits::refused(&headers);
    upgrade.read_buffer_size(READ).max_message_size(LONGEST_FRAME).max_frame_size(LONGEST_FRAME).on_upgrade(async move |socket| {
        serve(chat, window, unseen, socket).await;
        drop(place);
    })
}

async fn serve(chat: WebChat, window: Window, unseen: bool, mut socket: WebSocket) {
    let mut alive = true;
    let Ok(Some(says)) = tokio::time::timeout(HELLO_WITHIN, next(&mut socket, &mut alive)).await else { return };
    let VisitorSays::Hello { token } = says else { return };
    let Some(id) = chat.shared.key.visitor_of(&window.id, &token, chat.shared.clock.now()) else {
        say(&mut socket, &VisitorHears::Unknown).await;
        return;
    };
    let visitor: Visitor = (window.id.clone(), id);
    let Some(mut hears) = chat.shared.visitors.open(visitor.clone()) else { return };
    if !welcome(&chat, &visitor, &mut socket).await {
        return;
    }
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.reset();
    loop {
        tokio::select! {
            frame = hears.recv() => match frame {
                Some(frame) if say(&mut socket, &frame).await => {}
                _ => return,
            },
            says = next(&mut socket, &mut alive) => match says {
                Some(says) => {
                    if let Some(answer) = hear::hear(&chat, &window, &visitor, unseen, says).await
                        && !say(&mut socket, &answer).await
                    {
                        return;
                    }
                }
                None => return,
            },
            _ = ping.tick() => {
                if !std::mem::take(&mut alive) || socket.send(Message::Ping(Default::default())).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// History, who serves, and the place in the queue: what a page needs to draw itself after any reload.
async fn welcome(chat: &WebChat, visitor: &Visitor, socket: &mut WebSocket) -> bool {
    let Some(frames) = hear::welcome(chat, visitor).await else { return false };
    for frame in &frames {
        if !say(socket, frame).await {
            return false;
        }
    }
    true
}

/// The next thing the page says; `None` when it is gone or talks nonsense. Whatever comes shows that it is there.
async fn next(socket: &mut WebSocket, alive: &mut bool) -> Option<VisitorSays> {
    loop {
        let message = socket.recv().await?;
        *alive = true;
        match message {
            Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Binary(_) | Message::Close(_)) | Err(_) => return None,
        }
    }
}

async fn say(socket: &mut WebSocket, frame: &VisitorHears) -> bool {
    let Ok(text) = serde_json::to_string(frame) else { return false };
    socket.send(Message::Text(text.into())).await.is_ok()
}
