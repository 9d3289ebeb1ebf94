//! `GET /people/{id}/same?q=`: who an agent may join with this person by hand.

use crate::store::{persons, search};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::{Html, initials};
use crate::web::search::marked;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

const MOST: u32 = 30;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

struct Line {
    id: u64,
    face: String,
    name: Html,
    plain: String,
    sub: Html,
}

/// `templates/people/same.html`
#[derive(Template)]
#[template(path = "people/same.html")]
struct SamePage {
    page: Page,
    frame: Frame,
    id: u64,
    name: String,
    query: String,
    lines: Vec<Line>,
}

pub async fn same(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let person = super::living(&reader.state, id).await?;
    let row = persons::get(&reader.state.store, person).await?.ok_or(WebError::NotFound)?;
    let query = asked.q.trim().to_owned();
    let found = search::people(&reader.state.store, &reader.viewer, &query, MOST).await?;
    let lines = found.into_iter().filter(|hit| hit.id != person).map(|hit| {
        let known = hit.identities.iter().find(|(_, excerpt)| !excerpt.marks.is_empty()).or(hit.identities.first());
        Line {
            id: hit.id.0,
            face: initials(&hit.name.text),
            name: marked(&hit.name),
            sub: known.map_or_else(|| Html(String::new()), |(_, excerpt)| marked(excerpt)),
            plain: hit.name.text,
        }
    });
    let frame = Frame::load(&reader).await?;
    Ok(html(&SamePage { frame, id: person.0, name: row.name, query, lines: lines.collect(), page: reader.page }))
}
