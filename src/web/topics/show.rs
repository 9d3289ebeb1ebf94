//! `GET /topics`: words, tags and articles that rise, this week against the one before. Counted at most every few minutes.

use super::words::{Rising, rises, rising};
use crate::auth::Supervisor;
use crate::desk::id::{At, PersonId};
use crate::store::topics::{self, Said, Span};
use crate::store::{Store, StoreError};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

const WEEK_MS: i64 = 7 * 86_400_000;
/// Messages of one week that are read: of a busier week its newest.
const MESSAGES: u32 = 20_000;
/// Lines of each list.
const LINES: usize = 25;
/// Counted anew after so long, ms.
const FRESH_MS: i64 = 5 * 60_000;

/// What was counted last; pages of the same minutes read it.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<Option<Arc<Topics>>>>);

/// What rises.
#[derive(Debug, Default)]
struct Topics {
    at: At,
    people: u32,
    messages: usize,
    words: Vec<Rising<String>>,
    tags: Vec<Rising<String>>,
    articles: Vec<Rising<i64>>,
}

struct Line {
    text: String,
    href: String,
    now: u32,
    before: u32,
    /// `×3`, or nothing where there was none before.
    times: Option<String>,
    /// Hundredths of the largest, for its bar.
    share: u32,
}

struct List {
    id: &'static str,
    title: String,
    unit: String,
    none: String,
    lines: Vec<Line>,
}

/// `templates/topics/show.html`
#[derive(Template)]
#[template(path = "topics/show.html")]
struct TopicsPage {
    page: Page,
    frame: Frame,
    title: String,
    lists: Vec<List>,
    /// Nobody has written in a week.
    silent: bool,
}

pub async fn show(Supervisor(_): Supervisor, reader: Reader) -> Result<Response, WebError> {
    let found = counted(&reader).await?;
    let (say, language) = (reader.say(), reader.page.locale.code().to_owned());
    let titles: BTreeMap<i64, String> =
        topics::titles(&reader.state.store, found.articles.iter().map(|one| one.what).collect(), &language).await?.into_iter().collect();
    let search = |words: &String| (words.clone(), format!("/search?q={}", encoded(words)));
    let articles = |id: &i64| (titles.get(id).cloned().unwrap_or_else(|| format!("#{id}")), format!("/knowledge/{id}"));
    let list = |id: &'static str, lines: Vec<Line>| List {
        id,
        title: say.t(format!("topics.{id}")),
        unit: say.t(format!("topics.unit.{id}")),
        none: say.t("topics.none_rises"),
        lines,
    };
    let lists = vec![
        list("words", lines(&found.words, search)),
        list("tags", lines(&found.tags, search)),
        list("articles", lines(&found.articles, articles)),
    ];
    let title = say.with(
        "topics.of",
        &[("people", &found.people.to_string()), ("messages", &found.messages.to_string()), ("time", &say.clock(found.at))],
    );
    let silent = found.people == 0 && lists.iter().all(|list| list.lines.is_empty());
    let frame = Frame::load(&reader).await?;
    Ok(html(&TopicsPage { frame, title, lists, silent, page: reader.page }))
}

/// As an address takes it (RFC 3986 §2.1).
fn encoded(words: &str) -> String {
    let one = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    words.bytes().map(one).collect()
}

fn lines<T>(rising: &[Rising<T>], shown: impl Fn(&T) -> (String, String)) -> Vec<Line> {
    let largest = rising.iter().map(|one| one.now).max().unwrap_or(1).max(1);
    let line = |one: &Rising<T>| {
        let (text, href) = shown(&one.what);
        let times = (one.before > 0).then(|| format!("×{:.1}", f64::from(one.now) / f64::from(one.before)));
        Line { text, href, now: one.now, before: one.before, times, share: one.now * 100 / largest }
    };
    rising.iter().map(line).collect()
}

async fn counted(reader: &Reader) -> Result<Arc<Topics>, StoreError> {
    let (cache, now) = (&reader.state.topics.0, reader.page.now);
    let known = cache.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|known| now.since(known.at) < FRESH_MS && now >= known.at) {
        return Ok(known);
    }
    let found = Arc::new(count(&reader.state.store, now).await?);
    *cache.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
    Ok(found)
}

async fn count(store: &Store, now: At) -> Result<Topics, StoreError> {
    let this = topics::span(store, now.after(-WEEK_MS), now, MESSAGES).await?;
    let last = topics::span(store, now.after(-2 * WEEK_MS), now.after(-WEEK_MS), MESSAGES).await?;
    // Some thousand texts are taken apart: not on a thread that others wait for.
    let joined = tokio::task::spawn_blocking(move || compare(now, &this, &last)).await;
    joined.map_err(|error| StoreError::Panicked(error.to_string()))
}

fn compare(at: At, this: &Span, last: &Span) -> Topics {
    let people = (this.people, last.people);
    let uses = |span: &Span| span.articles.iter().map(|(_, n)| *n).sum();
    Topics {
        at,
        people: this.people,
        messages: this.said.len(),
        words: rising(&by_person(&this.said), &by_person(&last.said), LINES),
        tags: risen(&this.tags, &last.tags, people),
        articles: risen(&this.articles, &last.articles, (uses(this), uses(last))),
    }
}

/// What each customer has said altogether, with their name.
fn by_person(said: &[Said]) -> Vec<(String, String)> {
    let mut people: BTreeMap<PersonId, (String, String)> = BTreeMap::new();
    for Said { person, name, text } in said {
        let (_, all) = people.entry(*person).or_insert_with(|| (name.clone(), String::new()));
        all.push_str(text);
        all.push('\n');
    }
    people.into_values().collect()
}

fn risen<T: Clone + Ord>(this: &[(T, u32)], last: &[(T, u32)], all: (u32, u32)) -> Vec<Rising<T>> {
    let before: BTreeMap<&T, u32> = last.iter().map(|(what, n)| (what, *n)).collect();
    let one = |(what, now): &(T, u32)| {
        let before = before.get(what).copied().unwrap_or(0);
        Some(Rising { score: rises((*now, before), all)?, what: what.clone(), now: *now, before })
    };
    let mut risen: Vec<Rising<T>> = this.iter().filter_map(one).collect();
    risen.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.what.cmp(&b.what)));
    risen.truncate(LINES);
    risen
}
