//! Parts of the page alone, for a page that resyncs or scrolls up: drawn by the same functions as the whole page and the pushes.

use super::frame::Frame;
use super::load;
use super::reader::Reader;
use super::render;
use crate::auth::Agent;
use crate::desk::id::{CallId, ConversationId, PersonId, Work};
use crate::store::timeline::Cursor;
use crate::web::{Page, WebError, WebState};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::{Deserialize, Serialize};

/// Everything but the timeline.
#[derive(Serialize)]
pub struct Now {
    bar: String,
    alerts: String,
    wrap: String,
    rings: String,
    list: String,
    unread: u32,
}

/// `GET /inbox/parts/now`: what a page asks for when it missed something.
pub async fn now(State(state): State<WebState>, Agent(session): Agent, page: Page, Query(at): Query<At>) -> Result<Json<Now>, WebError> {
    // Whoever asks has missed pushes: what is answered must not be older than the last of them.
    state.switchboard.drawn().await;
    let reader = Reader::new(&state, page, session.agent, session.role);
    let frame = Frame::load(&reader).await?;
    let list = load::list(&reader, at.work()).await?;
    let unread = list.unread();
    let list = render::list(&reader.say(), &list).0;
    Ok(Json(Now { unread, bar: frame.bar.0, alerts: frame.alerts.0, wrap: frame.wrap.0, rings: frame.rings.0, list }))
}

/// What the asking page shows.
#[derive(Deserialize)]
pub struct At {
    call: Option<u64>,
    conversation: Option<u64>,
}

impl At {
    fn work(&self) -> Option<Work> {
        self.call.map(|id| Work::Call(CallId(id))).or(self.conversation.map(|id| Work::Conversation(ConversationId(id))))
    }
}

/// `GET /inbox/parts/person/{id}`: the right pane.
pub async fn person(reader: Reader, Path(id): Path<u64>) -> Result<Html<String>, WebError> {
    let panel = load::panel(&reader, PersonId(id)).await?.ok_or(WebError::NotFound)?;
    Ok(Html(render::person(&reader.say(), &panel).0))
}

/// `GET /inbox/parts/events/{id}`: the newest events of a person.
pub async fn events(reader: Reader, Path(id): Path<u64>) -> Result<Html<String>, WebError> {
    let events = load::newest(&reader, PersonId(id)).await?;
    let say = reader.say();
    Ok(Html(events.iter().map(|event| render::event(&say, event).0).collect()))
}

#[derive(Deserialize)]
pub struct Before {
    before: Option<String>,
    /// Of what kind, and with which words.
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
}

/// `GET /inbox/timeline/{id}?before=`: the page above.
pub async fn older(
    reader: Reader,
    Path(id): Path<u64>,
    Query(Before { before, show, q }): Query<Before>,
) -> Result<Html<String>, WebError> {
    let before = match before {
        Some(text) => Some(text.parse::<Cursor>().map_err(|_| WebError::Bad("cursor"))?),
        None => None,
    };
    let wanted = load::wanted_of(&show, &q);
    let timeline = if wanted == Default::default() {
        load::timeline(&reader, PersonId(id), before).await?
    } else {
        load::wanted(&reader, PersonId(id), wanted, before).await?
    };
    Ok(Html(render::timeline(&reader.say(), &timeline).0))
}
