//! `GET /callbacks`: who is still to be called, the longest waiting first.

use crate::desk::input::EndedBy;
use crate::store::callbacks;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::phrase::ended_text;
use crate::web::inbox::reader::Reader;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::response::Response;

const MOST: u32 = 200;

struct Line {
    call: u64,
    person: u64,
    name: String,
    number: String,
    why: String,
    queue: String,
    since: String,
}

/// `templates/callbacks/list.html`
#[derive(Template)]
#[template(path = "callbacks/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
}

pub async fn list(reader: Reader) -> Result<Response, WebError> {
    let say = reader.say();
    let rows = callbacks::due(&reader.state.store, &reader.viewer, MOST).await?;
    let lines = rows
        .into_iter()
        .map(|row| Line {
            call: row.call.0,
            person: row.person.0,
            name: row.person_name,
            number: row.number,
            why: ended_text(&say, EndedBy::Customer, row.cause),
            queue: row.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_default(),
            since: say.when(row.due_at),
        })
        .collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, lines, page: reader.page }))
}
