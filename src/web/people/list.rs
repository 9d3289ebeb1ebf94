//! `GET /people`: customers by last contact, or those found by `?q=`.

use crate::desk::id::{At, PersonId};
use crate::store::{persons, search};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Html;
use crate::web::search::marked;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

const PAGE: u32 = 50;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// `contact_at.id` of the last one of the page before.
    before: Option<String>,
}

/// One line of the list.
struct Line {
    id: u64,
    face: String,
    name: Html,
    tier: Option<String>,
    /// Company, or the identity that was found.
    sub: Html,
    contact: String,
}

/// `templates/people/list.html`
#[derive(Template)]
#[template(path = "people/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    query: String,
    lines: Vec<Line>,
    more: Option<String>,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let query = asked.q.trim().to_owned();
    let (lines, more) = if query.is_empty() { recent(&reader, asked.before).await? } else { (found(&reader, &query).await?, None) };
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, query, lines, more, page: reader.page }))
}

async fn recent(reader: &Reader, before: Option<String>) -> Result<(Vec<Line>, Option<String>), WebError> {
    let say = reader.say();
    let before = before.as_deref().map(cursor).transpose()?;
    let rows = persons::recent(&reader.state.store, before, PAGE).await?;
    let more = rows.last().filter(|_| rows.len() >= PAGE as usize).map(|row| format!("/people?before={}.{}", row.contact_at.0, row.id));
    let lines = rows
        .into_iter()
        .map(|row| Line {
            id: row.id.0,
            face: crate::web::inbox::say::initials(&row.name),
            name: Html(crate::web::inbox::say::escape(&row.name)),
            tier: row.tier.as_ref().map(|tier| say.tier(tier)),
            sub: Html(crate::web::inbox::say::escape(&row.company)),
            contact: say.when(row.contact_at),
        })
        .collect();
    Ok((lines, more))
}

async fn found(reader: &Reader, query: &str) -> Result<Vec<Line>, WebError> {
    let say = reader.say();
    let found = search::people(&reader.state.store, &reader.viewer, query, PAGE).await?;
    Ok(found
        .into_iter()
        .map(|hit| {
            let hit_by = hit.identities.iter().find(|(_, excerpt)| !excerpt.marks.is_empty()).or(hit.identities.first());
            Line {
                id: hit.id.0,
                face: crate::web::inbox::say::initials(&hit.name.text),
                name: marked(&hit.name),
                tier: None,
                sub: hit_by.map_or_else(|| Html(String::new()), |(_, excerpt)| marked(excerpt)),
                contact: say.when(hit.contact_at),
            }
        })
        .collect())
}

fn cursor(text: &str) -> Result<(At, PersonId), WebError> {
    let wrong = || WebError::Bad("before");
    let (at, id) = text.split_once('.').ok_or_else(wrong)?;
    Ok((At(at.parse().map_err(|_| wrong())?), PersonId(id.parse().map_err(|_| wrong())?)))
}
