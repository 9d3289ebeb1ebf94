//! The list beside an article: what is asked for, the tabs over it and its lines.

use super::language_name;
use crate::desk::id::At;
use crate::store::knowledge::{self, Audience, Category, Filter, Hit, State};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Html;
use crate::web::search::marked;
use crate::web::{Page, WebError};
use serde::Deserialize;

/// Lines of a page.
const PAGE: u32 = 50;

/// What the list is asked for. The same words stand in the addresses of its articles, so that the list stays beside them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    pub language: String,
    pub category: String,
    pub show: Show,
    pub before: String,
    /// Of the article beside it: its language.
    pub lang: String,
    /// What was just done.
    pub done: String,
}

/// The tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    #[default]
    All,
    Public,
    Internal,
    Review,
    Mine,
}

impl Show {
    const EACH: [(Show, &'static str); 5] =
        [(Show::All, "all"), (Show::Public, "public"), (Show::Internal, "internal"), (Show::Review, "review"), (Show::Mine, "mine")];

    fn word(self) -> &'static str {
        Show::EACH.iter().find(|(show, _)| *show == self).map_or("all", |(_, word)| word)
    }
}

impl Asked {
    /// The address of something beside the same list.
    pub fn beside(&self, path: &str, lang: &str) -> String {
        let mut pairs = vec![("q", self.q.as_str()), ("language", &self.language), ("category", &self.category), ("lang", lang)];
        if self.show != Show::All {
            pairs.push(("show", self.show.word()));
        }
        address(path, &pairs)
    }

    fn filter(&self, reader: &Reader) -> Filter {
        Filter {
            language: (!self.language.is_empty()).then(|| self.language.clone()),
            category: self.category.parse().ok(),
            audience: match self.show {
                Show::Public => Some(Audience::Public),
                Show::Internal => Some(Audience::Internal),
                Show::All | Show::Review | Show::Mine => None,
            },
            state: (self.show == Show::Review).then_some(State::Review),
            owner: (self.show == Show::Mine).then(|| reader.me().clone()),
            ..Filter::default()
        }
    }
}

/// `path?name=value&…` of what is not empty.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let given: Vec<String> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if given.is_empty() { path.to_owned() } else { format!("{path}?{}", given.join("&")) }
}

/// A value within an address (RFC 3986 §2.3).
fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// One line.
pub struct Line {
    pub href: String,
    pub here: bool,
    pub title: Html,
    pub text: Html,
    /// Class and words.
    pub chips: Vec<(&'static str, String)>,
    pub meta: String,
    pub language: String,
}

/// The list.
pub struct Lines {
    pub query: String,
    pub show: &'static str,
    /// Value, words, chosen.
    pub tabs: Vec<(&'static str, String, bool)>,
    pub languages: Vec<(String, String, bool)>,
    pub categories: Vec<(i64, String, bool)>,
    pub lines: Vec<Line>,
    pub more: Option<String>,
    /// Versions that wait to be reviewed.
    pub review: u32,
    /// There is nothing at all yet.
    pub bare: bool,
}

/// The list for what is asked; `here` is the article beside it.
pub async fn lines(reader: &Reader, page: &Page, asked: &Asked, categories: &[Category], here: Option<i64>) -> Result<Lines, WebError> {
    let (store, now) = (&reader.state.store, page.now);
    let (filter, query) = (asked.filter(reader), asked.q.trim());
    let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let (hits, more) = if query.is_empty() {
        let mut hits = knowledge::list(store, &filter, cursor(&asked.before), now, PAGE + 1).await?;
        let more = hits.len() > limit;
        hits.truncate(limit);
        let more = hits.last().filter(|_| more).map(|last| format!("{}.{}", last.changed_at.0, last.id));
        (hits, more)
    } else {
        (knowledge::find(store, query, &filter, now, limit).await?, None)
    };
    let counts = knowledge::counts(store).await?;
    let lang = page.lang().to_owned();
    let tabs = Show::EACH.map(|(show, word)| {
        let count = match show {
            Show::All => Some(counts.all),
            Show::Public => Some(counts.public),
            Show::Internal => Some(counts.all - counts.public),
            Show::Review => Some(counts.review),
            Show::Mine => None,
        };
        let name = page.t(&format!("knowledge.show.{word}")).to_owned();
        (word, count.map_or(name.clone(), |count| format!("{name} {}", page.locale.number(count.into()))), show == asked.show)
    });
    let more = more.map(|before| {
        let pairs =
            [("language", asked.language.as_str()), ("category", &asked.category), ("show", asked.show.word()), ("before", &before)];
        address("/knowledge", &pairs)
    });
    Ok(Lines {
        query: asked.q.clone(),
        show: asked.show.word(),
        tabs: tabs.into(),
        languages: languages(&asked.language),
        categories: choices(categories, &lang, asked.category.parse().ok()),
        lines: hits.iter().map(|hit| line(reader, page, asked, hit, here)).collect(),
        more,
        review: counts.review,
        bare: counts.all == 0,
    })
}

/// Languages to choose from, and which is chosen.
pub fn languages(chosen: &str) -> Vec<(String, String, bool)> {
    let mut all: Vec<_> = super::LANGUAGES.iter().map(|(tag, name)| ((*tag).to_owned(), (*name).to_owned(), *tag == chosen)).collect();
    if !chosen.is_empty() && !all.iter().any(|(_, _, here)| *here) {
        all.push((chosen.to_owned(), chosen.to_owned(), true));
    }
    all
}

/// Categories to choose from, those below another behind it.
pub fn choices(categories: &[Category], language: &str, chosen: Option<i64>) -> Vec<(i64, String, bool)> {
    let indent = |category: &Category| if category.parent.is_some() { "\u{2003}" } else { "" };
    categories.iter().map(|c| (c.id, format!("{}{}", indent(c), c.name(language)), Some(c.id) == chosen)).collect()
}

fn cursor(before: &str) -> Option<(At, i64)> {
    let (at, id) = before.split_once('.')?;
    Some((At(at.parse().ok()?), id.parse().ok()?))
}

fn line(reader: &Reader, page: &Page, asked: &Asked, hit: &Hit, here: Option<i64>) -> Line {
    let mut chips = Vec::new();
    match hit.expires_at {
        Some(until) if until <= page.now => chips.push(("bad", page.t("knowledge.expired").to_owned())),
        _ => {}
    }
    match hit.state {
        State::Review => chips.push(("warn", page.t("knowledge.state.review").to_owned())),
        State::Draft => chips.push(("", page.t("knowledge.state.draft").to_owned())),
        State::Published => {}
    }
    let audience = page.t(match hit.audience {
        Audience::Internal => "knowledge.audience.internal",
        Audience::Public => "knowledge.audience.public",
    });
    Line {
        href: asked.beside(&format!("/knowledge/{}", hit.article), &hit.language),
        here: here == Some(hit.article) && (asked.lang.is_empty() || asked.lang == hit.language),
        title: marked(&hit.title),
        text: marked(&hit.text),
        chips,
        meta: format!("{audience} · {} · {}", language_name(&hit.language), reader.say().agent(&hit.owner)),
        language: hit.language.clone(),
    }
}
