//! `GET /search?q=`: the page, or with `part=1` only the results, for the box that opens over any page.

use super::marked;
use crate::desk::id::Work;
use crate::store::knowledge::{self, Filter};
use crate::store::search::{self, Found};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::render::{draw, work_path};
use crate::web::inbox::say::{Html, Say};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const EACH: u32 = 20;
const EACH_IN_BOX: u32 = 5;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    part: Option<String>,
}

/// One line of the results.
struct Hit {
    href: String,
    glyph: &'static str,
    title: Html,
    text: Html,
    when: String,
}

/// `templates/search/_results.html`
#[derive(Template)]
#[template(path = "search/_results.html")]
struct Results<'a> {
    s: &'a Say<'a>,
    query: &'a str,
    groups: Vec<(String, Vec<Hit>)>,
}

/// `templates/search/show.html`
#[derive(Template)]
#[template(path = "search/show.html")]
struct SearchPage {
    page: Page,
    frame: Frame,
    query: String,
    results: Html,
}

pub async fn show(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let query = asked.q.trim().to_owned();
    let limit = if asked.part.is_some() { EACH_IN_BOX } else { EACH };
    let (store, shown) = (&reader.state.store, Filter { shown: true, ..Filter::default() });
    let each = usize::try_from(limit).unwrap_or(usize::MAX);
    let (found, articles) = tokio::try_join!(
        search::search(store, &reader.viewer, &query, limit),
        knowledge::find(store, &query, &shown, reader.page.now, each)
    )?;
    let say = reader.say();
    let results = draw(&Results { s: &say, query: &query, groups: groups(&say, found, articles) });
    if asked.part.is_some() {
        return Ok(axum::response::Html(results.0).into_response());
    }
    let frame = Frame::load(&reader).await?;
    Ok(html(&SearchPage { frame, query, results, page: reader.page }))
}

fn groups(say: &Say, found: Found, articles: Vec<knowledge::Hit>) -> Vec<(String, Vec<Hit>)> {
    let people = found.people.iter().map(|hit| {
        let by = hit.identities.iter().find(|(_, excerpt)| !excerpt.marks.is_empty()).or(hit.identities.first());
        Hit {
            href: format!("/inbox/person/{}", hit.id),
            glyph: by.map_or("user", |(kind, _)| glyph(kind)),
            title: marked(&hit.name),
            text: by.map_or_else(|| Html(String::new()), |(_, excerpt)| marked(excerpt)),
            when: say.when(hit.contact_at),
        }
    });
    let messages = found.messages.iter().map(|hit| Hit {
        href: match &hit.work {
            Some(Work::Conversation(id)) => format!("/inbox/conversation/{id}#message-{}", hit.id),
            Some(work) => format!("/inbox/{}", work_path(work)),
            None => format!("/inbox/person/{}", hit.person),
        },
        glyph: if hit.work.is_some() { "webchat" } else { "note" },
        title: Html(crate::web::inbox::say::escape(&hit.person_name)),
        text: marked(&hit.text),
        when: say.when(hit.at),
    });
    let tickets = found.tickets.iter().map(|hit| Hit {
        href: format!("/tickets/{}", hit.id),
        glyph: "ticket",
        title: Html(format!("#{} {}", hit.id, marked(&hit.subject))),
        text: hit.comment.as_ref().map_or_else(|| Html(crate::web::inbox::say::escape(&hit.person_name)), marked),
        when: say.when(hit.changed_at),
    });
    let calls = found.calls.iter().map(|hit| Hit {
        href: format!("/inbox/call/{0}#call-{0}", hit.id),
        glyph: "phone-in",
        title: Html(crate::web::inbox::say::escape(&hit.person_name)),
        text: marked(&hit.note),
        when: say.when(hit.started_at),
    });
    let articles = articles.iter().map(|hit| Hit {
        href: format!("/knowledge/{}?lang={}", hit.article, hit.language),
        glyph: "book",
        title: marked(&hit.title),
        text: marked(&hit.text),
        when: say.when(hit.changed_at),
    });
    let groups = [
        ("desk.search.people", people.collect::<Vec<_>>()),
        ("desk.search.messages", messages.collect()),
        ("desk.search.tickets", tickets.collect()),
        ("desk.search.calls", calls.collect()),
        ("knowledge.title", articles.collect()),
    ];
    groups.into_iter().filter(|(_, hits)| !hits.is_empty()).map(|(key, hits)| (say.t(key), hits)).collect()
}
