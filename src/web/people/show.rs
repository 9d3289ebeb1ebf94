//! `GET /people/{id}`: one person, who they are beside their whole timeline.

use crate::desk::id::PersonId;
use crate::store::timeline::Wanted;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::{self, Place};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render;
use crate::web::inbox::say::Html;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// `templates/people/show.html`
#[derive(Template)]
#[template(path = "people/show.html")]
struct PersonPage {
    page: Page,
    frame: Frame,
    title: String,
    centre: Html,
    person: Html,
    id: u64,
    kinds: Vec<Kind>,
    query: String,
    /// Nothing of what is wanted.
    nothing: bool,
}

/// One kind of thing that the timeline can be narrowed to.
struct Kind {
    word: &'static str,
    text: String,
    href: String,
    on: bool,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
}

pub async fn show(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let person = super::living(&reader.state, id).await?;
    if person != PersonId(id) {
        return Ok(Redirect::to(&format!("/people/{person}")).into_response());
    }
    let mut centre = load::centre(&reader, Place::Person(person)).await?.ok_or(WebError::NotFound)?;
    let wanted = load::wanted_of(&asked.show, &asked.q);
    let narrowed = wanted != Wanted::default();
    if narrowed {
        centre.timeline = load::wanted(&reader, person, wanted.clone(), None).await?;
    }
    let nothing = narrowed && centre.timeline.events.is_empty() && centre.timeline.older.is_none();
    let kinds = load::KINDS.into_iter().map(|only| {
        let word = load::only_word(only);
        let query = load::wanted_query(&Wanted { only, words: wanted.words.clone() });
        let text = say.t(format!("people.show.{}", if word.is_empty() { "all" } else { word }));
        Kind { word, text, href: format!("/people/{person}?{query}"), on: only == wanted.only }
    });
    let kinds = kinds.collect();
    let panel = load::panel(&reader, person).await?.ok_or(WebError::NotFound)?;
    let drawn = render::centre(&say, &centre.head, &centre.timeline, &centre.composer);
    let panel = render::person(&say, &panel);
    let frame = Frame::load(&reader).await?;
    let query = wanted.words;
    Ok(html(&PersonPage {
        id: person.0,
        kinds,
        query,
        nothing,
        frame,
        title: centre.head.name,
        centre: drawn,
        person: panel,
        page: reader.page,
    }))
}
