//! `POST /team/{room}` writes a line, once per key. `POST /team-seen/{room}`: the reader has read up to a line.

use super::Room;
use crate::desk::id::AgentId;
use crate::store::team;
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use crate::web::live::{Audience, Frame};
use axum::Form;
use axum::extract::Path;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

const LONGEST: usize = 4_000;

#[derive(Deserialize)]
pub struct Written {
    text: String,
    key: String,
}

pub async fn say(reader: Reader, Path(path): Path<String>, Form(written): Form<Written>) -> Result<StatusCode, WebError> {
    let room = Room::of(&reader, &path).ok_or(WebError::NotFound)?;
    let text = written.text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST || written.key.is_empty() || written.key.len() > 64 {
        return Err(WebError::Bad("text"));
    }
    let (me, state) = (reader.me(), &reader.state);
    let line: String = text.chars().take(120).collect();
    if !team::say(&state.store, &room.key(me), me, text, written.key, state.clock.now()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let name = reader.say().agent_name(me);
    let frame = |room: String, mine: bool| Frame::new("team", json!({ "room": room, "by": name, "line": line, "mine": mine }));
    state.live.to_agent(me, frame(room.path(), true));
    match &room {
        Room::With(other) => state.live.to_agent(other, frame(format!("with/{me}"), false)),
        Room::House => others(&reader).for_each(|agent| state.live.to(&Audience::Agent(agent), frame(room.path(), false))),
        Room::Queue(queue) => {
            let inside = |agent: &AgentId| reader.catalog().agents.get(agent).is_some_and(|spec| spec.queues.contains(queue));
            others(&reader).filter(inside).for_each(|agent| state.live.to(&Audience::Agent(agent), frame(room.path(), false)));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn others(reader: &Reader) -> impl Iterator<Item = AgentId> {
    let me = reader.me().clone();
    reader.state.live.agents().into_iter().filter(move |agent| *agent != me)
}

#[derive(Deserialize)]
pub struct Upto {
    upto: i64,
}

pub async fn seen(reader: Reader, Path(path): Path<String>, Form(Upto { upto }): Form<Upto>) -> Result<StatusCode, WebError> {
    let room = Room::of(&reader, &path).ok_or(WebError::NotFound)?;
    team::seen(&reader.state.store, reader.me(), &room.key(reader.me()), upto).await?;
    Ok(StatusCode::NO_CONTENT)
}
