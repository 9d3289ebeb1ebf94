//! `GET /inbox`, `/inbox/call/{id}`, `/inbox/conversation/{id}`, `/inbox/person/{id}`: the three panes.

use super::frame::Frame;
use super::load::{self, Place};
use super::reader::Reader;
use super::render;
use super::say::Html;
use crate::desk::id::{CallId, ConversationId, PersonId};
use crate::web::{Page, WebError, html, security};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

/// `templates/inbox/show.html`
#[derive(Template)]
#[template(path = "inbox/show.html")]
struct InboxPage {
    page: Page,
    frame: Frame,
    title: String,
    list: Html,
    unread: u32,
    centre: Html,
    person: Html,
}

/// `templates/inbox/pane.html`: one conversation beside others, in a frame of the same page: its timeline and composer alone.
#[derive(Template)]
#[template(path = "inbox/pane.html")]
struct PanePage {
    page: Page,
    frame: Frame,
    title: String,
    path: String,
    centre: Html,
}

/// `?pane=1`: to stand beside others.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pane: u8,
}

impl Asked {
    async fn draw(&self, reader: Reader, place: Place) -> Result<Response, WebError> {
        if self.pane == 0 {
            return draw(reader, Some(place)).await;
        }
        let centre = load::centre(&reader, place).await?.ok_or(WebError::NotFound)?;
        let drawn = render::centre(&reader.say(), &centre.head, &centre.timeline, &centre.composer);
        let frame = Frame::load(&reader).await?;
        let path = reader.page.path.clone();
        let mut response = html(&PanePage { frame, title: centre.head.name, path, centre: drawn, page: reader.page });
        security::framed_by_ourselves(response.headers_mut());
        Ok(response)
    }
}

pub async fn nothing(reader: Reader) -> Result<Response, WebError> {
    draw(reader, None).await
}

pub async fn call(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    asked.draw(reader, Place::Call(CallId(id))).await
}

pub async fn conversation(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    asked.draw(reader, Place::Conversation(ConversationId(id))).await
}

pub async fn person(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    asked.draw(reader, Place::Person(PersonId(id))).await
}

async fn draw(reader: Reader, place: Option<Place>) -> Result<Response, WebError> {
    let say = reader.say();
    let list = load::list(&reader, place.and_then(|place| place.work())).await?;
    let (title, centre, person) = match place {
        None => (say.t("desk.title"), render::nobody(&say), Html(String::new())),
        Some(place) => {
            let centre = load::centre(&reader, place).await?.ok_or(WebError::NotFound)?;
            let panel = load::panel(&reader, centre.head.person).await?.unwrap_or_default();
            let drawn = render::centre(&say, &centre.head, &centre.timeline, &centre.composer);
            (centre.head.name, drawn, render::person(&say, &panel))
        }
    };
    let (drawn, unread) = (render::list(&say, &list), list.unread());
    let frame = Frame::load(&reader).await?;
    Ok(html(&InboxPage { frame, title, list: drawn, unread, centre, person, page: reader.page }))
}
