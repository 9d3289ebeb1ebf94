//! `GET /knowledge/suggest`: what may answer the customer of a conversation, from their latest words, or what an agent looks for with `q`.

use super::show::help_link;
use crate::desk::id::{ConversationId, Work};
use crate::store::knowledge::{self, Audience, Filter, Hit, UseKind};
use crate::store::messages::{self, MessageKind};
use crate::store::{conversations, persons};
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use axum::Json;
use axum::extract::Query;
use serde::{Deserialize, Serialize};

/// Offered unasked.
const OFFERED: usize = 3;
/// Found when asked.
const FOUND: usize = 8;
/// The customer's latest messages that are read.
const LATEST: usize = 3;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    conversation: Option<u64>,
    q: String,
}

/// One article as the composer shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    article: i64,
    language: String,
    title: String,
    text: String,
    /// The page of it, for the agent.
    href: String,
    /// Its address in the help centre, of public ones.
    link: Option<String>,
}

pub async fn suggest(reader: Reader, Query(asked): Query<Asked>) -> Result<Json<Vec<Offer>>, WebError> {
    let (store, now) = (&reader.state.store, reader.page.now);
    let conversation = match asked.conversation {
        Some(id) => conversations::get(store, &reader.viewer, ConversationId(id)).await?,
        None => None,
    };
    let person = match &conversation {
        Some(row) => persons::get(store, row.person).await?,
        None => None,
    };
    let language = person.and_then(|person| person.language).unwrap_or_default();
    let query = asked.q.trim();
    let (sentence, limit) = match (&conversation, query.is_empty()) {
        (Some(row), true) => {
            let page = messages::page(store, row.id, None, 20).await?;
            let mut latest: Vec<_> = page.into_iter().rev().filter(|m| m.kind == MessageKind::In).take(LATEST).map(|m| m.text).collect();
            latest.reverse();
            (latest.join("\n"), OFFERED)
        }
        (None, true) => return Ok(Json(Vec::new())),
        (_, false) => (query.to_owned(), FOUND),
    };
    let hits = if query.is_empty() {
        // The words say more of the language than a setting that nobody has made.
        let language = if language.is_empty() { guess(&sentence).to_owned() } else { language };
        knowledge::suggest(store, &sentence, &language, &Filter::default(), now, limit).await?
    } else {
        knowledge::find(store, query, &Filter { shown: true, ..Filter::default() }, now, limit).await?
    };
    if let (Some(row), true, false) = (&conversation, query.is_empty(), hits.is_empty()) {
        let articles = hits.iter().map(|hit| hit.article).collect();
        knowledge::used_in(store, articles, UseKind::Shown, Work::Conversation(row.id), reader.me(), now).await?;
    }
    Ok(Json(hits.into_iter().map(|hit| offer(&reader, hit)).collect()))
}

fn offer(reader: &Reader, hit: Hit) -> Offer {
    let public = hit.audience == Audience::Public && reader.loaded.config.knowledge.help_centre;
    Offer {
        href: super::lines::address(&format!("/knowledge/{}", hit.article), &[("lang", &hit.language)]),
        link: public.then(|| help_link(reader, hit.article, &hit.language)).flatten(),
        title: hit.title.text,
        text: hit.text.text,
        article: hit.article,
        language: hit.language,
    }
}

/// Chinese characters and no kana: Chinese; other letters tell nothing for certain.
fn guess(sentence: &str) -> &'static str {
    let count = |from: char, to: char| sentence.chars().filter(|c| (from..=to).contains(c)).count();
    match (count('\u{4e00}', '\u{9fff}'), count('\u{3040}', '\u{30ff}')) {
        (0, 0) => "",
        (_, 0) => "zh",
        _ => "ja",
    }
}
