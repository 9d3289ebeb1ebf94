//! `GET /team/{room}`: the rooms on the left, the lines of one of them. `?part=1`: its lines alone.

use super::Room;
use crate::auth::{Agent, Role};
use crate::store::team;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::initials;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

const LINES: u32 = 100;

/// `templates/team/show.html`
#[derive(Template)]
#[template(path = "team/show.html")]
struct TeamPage {
    page: Page,
    frame: Frame,
    title: String,
    path: String,
    rooms: Vec<Door>,
    lines: Vec<Line>,
}

/// `templates/team/_lines.html`
#[derive(Template)]
#[template(path = "team/_lines.html")]
struct LinesPart {
    lines: Vec<Line>,
}

/// One room of the list.
struct Door {
    path: String,
    name: String,
    glyph: &'static str,
    last: String,
    unread: u32,
    here: bool,
}

/// One line of a room.
struct Line {
    id: i64,
    by: String,
    face: String,
    mine: bool,
    text: String,
    when: String,
    /// Same writer as the line before.
    same: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    part: bool,
}

pub async fn first(_: Agent) -> Redirect {
    Redirect::to("/team/house")
}

pub async fn room(reader: Reader, Path(path): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let room = Room::of(&reader, &path).ok_or(WebError::NotFound)?;
    let key = room.key(reader.me());
    let rows = team::lines(&reader.state.store, &key, None, LINES).await?;
    if let Some(last) = rows.last() {
        team::seen(&reader.state.store, reader.me(), &key, last.id).await?;
    }
    let say = reader.say();
    let mut before = None;
    let mut lines = Vec::new();
    for row in rows {
        let same = before.as_ref() == Some(&row.by);
        let name = say.agent_name(&row.by);
        let mine = row.by == *reader.me();
        lines.push(Line { id: row.id, face: initials(&name), by: name, mine, text: row.text, when: say.when(row.at), same });
        before = Some(row.by);
    }
    if asked.part {
        let part = LinesPart { lines }.render().map_err(|_| WebError::Internal)?;
        return Ok(Html(part).into_response());
    }
    let rooms = doors(&reader, &path).await?;
    let title = rooms.iter().find(|door| door.here).map(|door| door.name.clone()).unwrap_or_default();
    let frame = Frame::load(&reader).await?;
    Ok(html(&TeamPage { frame, title, path: room.path(), rooms, lines, page: reader.page }))
}

/// The house, the reader's queues, and every colleague.
async fn doors(reader: &Reader, here: &str) -> Result<Vec<Door>, WebError> {
    let say = reader.say();
    let all = reader.viewer.role >= Role::Supervisor;
    let mut rooms = vec![(Room::House, say.t("team.house"), "users")];
    for queue in reader.catalog().queues.values().filter(|queue| all || reader.queues().contains(&queue.id)) {
        rooms.push((Room::Queue(queue.id.clone()), queue.name.clone(), "inbox"));
    }
    let colleagues = reader.catalog().agents.values().filter(|agent| agent.id != *reader.me());
    rooms.extend(colleagues.map(|agent| (Room::With(agent.id.clone()), agent.name.clone(), "user")));
    let keys = rooms.iter().map(|(room, _, _)| room.key(reader.me())).collect();
    let unread = team::unread(&reader.state.store, reader.me(), keys).await?;
    let door = |((room, name, glyph), (unread, last)): ((Room, String, &'static str), (u32, String))| {
        let path = room.path();
        Door { here: path == here, path, name, glyph, last, unread }
    };
    Ok(rooms.into_iter().zip(unread).map(door).collect())
}
