//! `GET /people/{id}`: one person, who they are beside their whole timeline.

use crate::desk::id::PersonId;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::{self, Place};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render;
use crate::web::inbox::say::Html;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;

/// `templates/people/show.html`
#[derive(Template)]
#[template(path = "people/show.html")]
struct PersonPage {
    page: Page,
    frame: Frame,
    title: String,
    centre: Html,
    person: Html,
}

pub async fn show(reader: Reader, Path(id): Path<u64>) -> Result<Response, WebError> {
    let say = reader.say();
    let person = PersonId(id);
    let centre = load::centre(&reader, Place::Person(person)).await?.ok_or(WebError::NotFound)?;
    let panel = load::panel(&reader, person).await?.ok_or(WebError::NotFound)?;
    let drawn = render::centre(&say, &centre.head, &centre.timeline, &centre.composer);
    let panel = render::person(&say, &panel);
    let frame = Frame::load(&reader).await?;
    Ok(html(&PersonPage { frame, title: centre.head.name, centre: drawn, person: panel, page: reader.page }))
}
