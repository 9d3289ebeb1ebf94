//! `POST /chat/{channel}/call`: a page asks for the media connection of its call. What a call is lies elsewhere: the question goes out on a wire,
//! and the wiring brings the answer.

use super::limits::Counted;
use super::visitors::Visitor;
use super::{WebChat, Window, callers, origin};
use crate::auth::network;
use crate::channels::ClientAddress;
use crate::desk::id::AgentId;
use crate::desk::person::{Page, Who};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

/// Questions that may wait.
pub const ASKS: usize = 64;
/// Longest offer, bytes; a browser's is under 10 KB.
const LONGEST_OFFER: usize = 32 * 1024;

/// What pages ask of calls.
pub enum CallAsk {
    /// A media connection; the answer is SDP for the page.
    Connect(Box<Connect>),
    /// The visitor hangs up, or will not be called.
    Leave { page: Page, declines: bool },
}

/// A page's wish for a media connection.
pub struct Connect {
    pub page: Page,
    pub who: Who,
    /// Who sent the visitor the link by which they call.
    pub first: Option<AgentId>,
    pub sdp: String,
    /// With the camera on.
    pub video: bool,
    /// Only for a call that there is.
    pub resume: bool,
    pub reply: oneshot::Sender<Result<String, NotConnected>>,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConnected {
    /// The call that the page had is over.
    Over,
    /// The offer cannot be used.
    BadOffer,
    Busy,
}

impl NotConnected {
    fn status(self) -> StatusCode {
        match self {
            NotConnected::Over => StatusCode::GONE,
            NotConnected::BadOffer => StatusCode::UNPROCESSABLE_ENTITY,
            NotConnected::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    resume: bool,
    #[serde(default)]
    video: bool,
}

#[derive(Deserialize)]
pub(super) struct Offer {
    sdp: String,
}

#[derive(Serialize)]
struct Answer {
    sdp: String,
}

pub(super) async fn connect(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
    Json(Offer { sdp }): Json<Offer>,
) -> Response {
    let (window, visitor) = match origin::visitor(&chat, &channel, &headers) {
        Ok(found) => found,
        Err(status) => return status.into_response(),
    };
    if !window.calls {
        return StatusCode::NOT_FOUND.into_response();
    }
    let now = chat.shared.clock.now();
    let counted = [Counted::CallsFrom(network(client.0)), Counted::Calls(visitor.1.clone())];
    if !counted.into_iter().all(|counted| chat.shared.limits.allow(counted, now)) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    if sdp.len() > LONGEST_OFFER {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match ask(&chat, &window, &visitor, sdp, wish).await {
        Ok(sdp) => Json(Answer { sdp }).into_response(),
        Err(refused) => refused.status().into_response(),
    }
}

/// `POST /chat/{channel}/call/relays`: a name and a password for the relay, before a connection is asked for.
pub(super) async fn relays(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (window, visitor) = match origin::visitor(&chat, &channel, &headers) {
        Ok(found) => found,
        Err(status) => return status.into_response(),
    };
    let now = chat.shared.clock.now();
    let counted = [Counted::RelaysFrom(network(client.0)), Counted::Relays(visitor.1.clone())];
    if !counted.into_iter().all(|counted| chat.shared.limits.allow(counted, now)) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    match window.relays.filter(|_| window.calls) {
        Some(relays) => Json(relays.for_page("visitor", now)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn ask(chat: &WebChat, window: &Window, visitor: &Visitor, sdp: String, wish: Wish) -> Result<String, NotConnected> {
    let caller = callers::caller(chat, window, visitor).await.map_err(|error| {
        tracing::error!(%error, "a visitor could not be looked up");
        NotConnected::Busy
    })?;
    let (who, first) = caller.ok_or(NotConnected::Over)?;
    let (reply, answer) = oneshot::channel();
    let video = wish.video && window.video;
    let connect = Connect { page: page_of(visitor), who, first, sdp, video, resume: wish.resume, reply };
    chat.shared.calls.try_send(CallAsk::Connect(Box::new(connect))).map_err(|_| NotConnected::Busy)?;
    answer.await.unwrap_or(Err(NotConnected::Busy))
}

/// The visitor hangs up, or will not be called.
pub(super) fn leave(chat: &WebChat, visitor: &Visitor, declines: bool) {
    if let Err(mpsc::error::TrySendError::Full(_)) = chat.shared.calls.try_send(CallAsk::Leave { page: page_of(visitor), declines }) {
        tracing::error!("too busy to hear that a visitor hangs up");
    }
}

/// A visitor as calls know them.
pub(super) fn page_of(visitor: &Visitor) -> Page {
    Page { channel: visitor.0.clone(), visitor: visitor.1.clone() }
}
