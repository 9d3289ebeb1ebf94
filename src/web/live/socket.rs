//! `GET /live`: one page's WebSocket. Only pages of our own origin may open it (RFC 6455 §10.2: browsers send `Origin`, and cookies
//! travel with it, so it is what stands between us and a foreign page), only with a session, and only while that session stands.

use super::hub::{PageId, Seat, Shows};
use super::{Frame, arrows};
use crate::auth::{Agent, Session};
use crate::desk::id::{CallId, ConversationId, PersonId};
use crate::desk::input::{Device, Input};
use crate::switchboard::ArrowAt;
use crate::web::{WebError, WebState};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use http::{HeaderMap, header};
use serde::Deserialize;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Longest message from a page, bytes: what a page says is small.
const LONGEST_MESSAGE: usize = 16 * 1024;
/// What is read at once. It is allocated for as long as the page is open, and a page says little.
const READ: usize = 4 * 1024;
/// Longest path of a page that is remembered, characters.
const LONGEST_PATH: usize = 200;
/// How often a silent page is asked whether it is there, and its session checked.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// Messages a page may send within one heartbeat; more is not a person.
const MESSAGES_PER_BEAT: u32 = 500;
/// Policy violation (RFC 6455 §7.4.1): the page goes to the login page.
const SIGNED_OUT: u16 = 4401;

/// What a page tells the server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Heard {
    /// Proof of life; answered by `pong`.
    Ping,
    /// The agent types: in this conversation, or a note on the person whom the page shows.
    Typing { conversation: Option<ConversationId> },
    /// The agent points at something in a picture of the call.
    Arrow { call: CallId, at: ArrowAt },
    /// What the page shows now.
    Look {
        path: String,
        #[serde(default)]
        query: String,
        person: Option<PersonId>,
    },
    /// Whether this page's microphone works; the code says why not (`mic_denied`, `mic_lost`, …). `phone` is the name under which it
    /// asks for its media connection: that there is one, the desk hears from the connection itself.
    Voice {
        ready: bool,
        #[serde(default)]
        problem: String,
        #[serde(default)]
        phone: String,
    },
}

pub async fn connect(
    State(state): State<WebState>,
    Agent(session): Agent,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, WebError> {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or("");
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()).unwrap_or("");
    if !own_origin(origin, host, &state.site.origins) {
        tracing::warn!(origin, "socket from a foreign page refused");
        return Err(WebError::Forbidden);
    }
    let upgrade = upgrade.read_buffer_size(READ).max_message_size(LONGEST_MESSAGE).max_frame_size(LONGEST_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| serve(state, session, socket)))
}

/// Whether a page of this origin is ours: the host it asked is the host it came from, or the configuration names it.
pub(super) fn own_origin(origin: &str, host: &str, trusted: &[String]) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    matches!(scheme, "http" | "https") && !host.is_empty() && authority.eq_ignore_ascii_case(host) || trusted.iter().any(|t| t == origin)
}

async fn serve(state: WebState, session: Session, socket: WebSocket) {
    let agent = session.agent.clone();
    let seat = state.live.enter(agent.clone(), session.name.clone(), session.role, session.id);
    let page = seat.id;
    if seat.first {
        tell(&state, Input::Device(agent.clone(), Device::PageOpen));
    }
    talk(&state, &session, seat, socket).await;
    if state.live.leave(page) {
        // A page that is reloading is back at once, and then nothing has happened.
        let reload = state.config.load().catalog.routing.reload_ms();
        tokio::time::sleep(Duration::from_millis(reload.max(0).unsigned_abs())).await;
        if state.live.open_pages(&agent) == 0 {
            tell(&state, Input::Device(agent, Device::PageGone));
        }
    }
}

/// Runs until either side is done.
async fn talk(state: &WebState, session: &Session, mut seat: Seat, mut socket: WebSocket) {
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.reset();
    let (mut alive, mut heard) = (true, 0u32);
    loop {
        tokio::select! {
            () = seat.close.notified() => {
                if !matches!(state.gate.stands(&session.agent, session.id).await, Ok(true)) {
                    return sign_out(socket).await;
                }
            }
            frame = seat.frames.recv() => {
                let Some(frame) = frame else { return };
                if send(&mut socket, &frame).await.is_err() {
                    return;
                }
                if seat.missed.swap(false, Ordering::Relaxed) && send(&mut socket, &Frame::resync()).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                (alive, heard) = (true, heard + 1);
                if heard > MESSAGES_PER_BEAT {
                    tracing::warn!(agent = %session.agent, "page sends too much; closed");
                    return;
                }
                match message {
                    Message::Text(text) => dispatch(state, session, seat.id, &text),
                    Message::Close(_) => return,
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {}
                }
            }
            _ = beat.tick() => {
                // A revocation that was missed is found here at the latest. A store that does not answer ends nothing.
                if matches!(state.gate.stands(&session.agent, session.id).await, Ok(false)) {
                    return sign_out(socket).await;
                }
                if !alive || socket.send(Message::Ping(Default::default())).await.is_err() {
                    return;
                }
                (alive, heard) = (false, 0);
            }
        }
    }
}

async fn send(socket: &mut WebSocket, frame: &Frame) -> Result<(), axum::Error> {
    socket.send(Message::Text(frame.text().to_owned().into())).await
}

async fn sign_out(mut socket: WebSocket) {
    // The page may be gone already; then there is nobody to tell.
    let _ = socket.send(Message::Close(Some(CloseFrame { code: SIGNED_OUT, reason: "signed out".into() }))).await;
}

/// What a page said, put where it belongs. What cannot be read is dropped: an old page after an upgrade must not break.
fn dispatch(state: &WebState, session: &Session, page: PageId, text: &str) {
    match serde_json::from_str::<Heard>(text) {
        Ok(Heard::Ping) => state.live.to_page(page, Frame::new("pong", ())),
        Ok(Heard::Voice { ready, problem, phone }) => {
            let problem = (!ready).then(|| word(&problem, "_"));
            tell(state, Input::Device(session.agent.clone(), Device::Microphone { phone: page_name(&phone), problem }));
        }
        Ok(Heard::Typing { conversation }) => {
            state.live.writes(page);
            if let Some(conversation) = conversation {
                state.live.typed(&session.agent, conversation);
            }
        }
        Ok(Heard::Arrow { call, at }) => arrows::point(state, &session.agent, call, at),
        Ok(Heard::Look { path, query, person }) => {
            let short = |text: String| text.chars().take(LONGEST_PATH).collect();
            state.live.look(page, Shows { path: short(path), query: short(query), person });
        }
        Err(error) => tracing::debug!(%error, "page said something unknown"),
    }
}

/// The name a page gave itself, as far as it can be one.
pub fn page_name(text: &str) -> String {
    word(text, "-")
}

/// Letters, digits and these: what pages say is kept short and plain.
fn word(text: &str, and: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || and.contains(*c)).take(40).collect()
}

fn tell(state: &WebState, input: Input) {
    if state.switchboard.tell(input).is_err() {
        tracing::error!("the desk is busy and did not hear of a page");
    }
}
