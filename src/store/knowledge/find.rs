//! Finding articles: what was typed (all of its words, else any), what a customer wrote (any, the rarest words first), and the list.
//!
//! What narrows a search (audience, language, category, shown or not) are words of a column of the index that weighs nothing, so that what
//! is not wanted is not even ranked.

use super::terms::{Wanted, wanted};
use super::{Audience, State, primary};
use crate::desk::id::*;
use crate::store::search::Excerpt;
use crate::store::search::words::{self, Term};
use crate::store::values::{all, first, run, word, word_at};
use crate::store::{Store, StoreError};
use rusqlite::{Connection, Row};
use std::collections::BTreeSet;

statements! {
    TEXT = "SELECT t.title, t.plain, t.language, t.shown IS NOT NULL AS shown, a.audience, a.category, c.parent
        FROM translation t JOIN article a ON a.id = t.article LEFT JOIN category c ON c.id = a.category WHERE t.id = ?1";
    REMOVE = "DELETE FROM search_article WHERE rowid = ?1";
    ADD = "INSERT INTO search_article (rowid, title, body, facet) VALUES (?1, ?2, ?3, ?4)";
    OF_CATEGORY = "SELECT t.id FROM translation t JOIN article a ON a.id = t.article
        WHERE a.category = ?1 OR a.category IN (SELECT id FROM category WHERE parent = ?1)";
    NEWEST = "SELECT rowid FROM search_article WHERE search_article MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
    // What narrows the search is not ranked with: to weigh a word that stands everywhere is to read it everywhere. `+`: one pass over the
    // index, not one for each of them.
    RANKED = "SELECT rowid FROM search_article WHERE search_article MATCH ?1 AND rowid >= ?2 AND +rowid IN (SELECT value FROM json_each(?3))
        ORDER BY rank, rowid DESC LIMIT ?4";
    LINE = "SELECT t.id, t.article, t.language, t.title, t.plain, t.state, t.shown, t.changed_at, a.audience, a.owner, a.category, a.expires_at
        FROM translation t JOIN article a ON a.id = t.article WHERE t.id = ?1";
    LIST = "SELECT t.id, t.article, t.language, t.title, substr(t.plain, 1, 400) AS plain, t.state, t.shown, t.changed_at, a.audience, a.owner,
            a.category, a.expires_at
        FROM translation t JOIN article a ON a.id = t.article
        WHERE (?1 IS NULL OR t.language = ?1) AND (?2 IS NULL OR a.audience = ?2) AND (?3 IS NULL OR t.state = ?3)
            AND (?4 IS NULL OR a.category = ?4 OR a.category IN (SELECT id FROM category WHERE parent = ?4))
            AND (?5 IS NULL OR a.owner = ?5) AND (?6 IS NULL OR (t.changed_at, t.id) < (?6, ?7))
            AND (NOT ?8 OR (t.shown IS NOT NULL AND (a.expires_at IS NULL OR a.expires_at > ?9)))
        ORDER BY t.changed_at DESC, t.id DESC LIMIT ?10";
    // The condition of the index stands there as it is in it: else it is not taken.
    COUNTS = "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM article WHERE audience = 'public'),
        (SELECT count(*) FROM translation WHERE state <> 'published' AND state = 'review')";
}

/// More hits than these are not ranked all: those in titles first, then the newest.
const MOST: usize = 500;
/// Characters of an excerpt.
const EXCERPT: usize = 140;

/// What is wanted; the default is everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Exactly this language.
    pub language: Option<String>,
    /// This language or one of its family.
    pub near: Option<String>,
    pub audience: Option<Audience>,
    pub state: Option<State>,
    /// With what stands below it.
    pub category: Option<i64>,
    pub owner: Option<AgentId>,
    /// Only what readers see: published and not expired.
    pub shown: bool,
}

/// One article in one language, as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Of the translation.
    pub id: i64,
    pub article: i64,
    pub language: String,
    pub title: Excerpt,
    pub text: Excerpt,
    pub state: State,
    /// The version that readers see.
    pub shown: Option<u32>,
    pub changed_at: At,
    pub audience: Audience,
    pub owner: AgentId,
    pub category: Option<i64>,
    pub expires_at: Option<At>,
}

/// How many articles there are and how many of them are public; how many texts wait for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    pub all: u32,
    pub public: u32,
    pub review: u32,
}

/// Searches for all the words of `query`, best first; where nothing has them all, for any of them. An article in several languages is
/// found once, in the language that fits best.
pub async fn find(store: &Store, query: &str, filter: &Filter, now: At, limit: usize) -> Result<Vec<Hit>, StoreError> {
    // Longer than anybody types; a bound on the work of one request.
    let (query, filter): (String, Filter) = (query.chars().take(200).collect(), filter.clone());
    store.read(move |conn| find_in(conn, &query, &filter, now, limit)).await
}

fn find_in(conn: &Connection, query: &str, filter: &Filter, now: At, limit: usize) -> Result<Vec<Hit>, StoreError> {
    let mut hits = Hits::new(filter, now, limit);
    if let Some(all_of) = words::expression(query) {
        hits.terms = words::terms(query);
        hits.take(conn, &all_of)?;
    }
    if hits.found.is_empty()
        && let Some(Wanted { terms, expression }) = wanted(conn, query)?
    {
        hits.terms = terms;
        hits.take(conn, &expression)?;
    }
    Ok(hits.found)
}

/// What may answer what a customer wrote: shown articles, those of the customer's language first. What shares a single word with the
/// sentence is no answer, unless that word stands in the title or is all that was written.
pub async fn suggest(
    store: &Store,
    sentence: &str,
    language: &str,
    filter: &Filter,
    now: At,
    limit: usize,
) -> Result<Vec<Hit>, StoreError> {
    let (sentence, language, filter) = (sentence.to_owned(), language.to_owned(), Filter { shown: true, ..filter.clone() });
    store
        .read(move |conn| {
            let Some(Wanted { terms, expression }) = wanted(conn, &sentence)? else { return Ok(Vec::new()) };
            let near = Filter { near: (!language.is_empty()).then(|| primary(&language).to_owned()), ..filter.clone() };
            let mut hits = Hits::new(&near, now, limit);
            hits.answers = true;
            hits.terms = terms;
            hits.take(conn, &expression)?;
            if near.near.is_some() && hits.found.len() < limit {
                hits.filter = &filter;
                hits.take(conn, &expression)?;
            }
            Ok(hits.found)
        })
        .await
}

/// Hits as they are gathered.
struct Hits<'f> {
    filter: &'f Filter,
    now: At,
    limit: usize,
    terms: Vec<Term>,
    /// Only what answers.
    answers: bool,
    articles: BTreeSet<i64>,
    found: Vec<Hit>,
}

impl<'f> Hits<'f> {
    fn new(filter: &'f Filter, now: At, limit: usize) -> Hits<'f> {
        Hits { filter, now, limit, terms: Vec::new(), answers: false, articles: BTreeSet::new(), found: Vec::new() }
    }

    /// Adds what `expression` finds.
    fn take(&mut self, conn: &Connection, expression: &str) -> Result<(), StoreError> {
        let within = |columns: &str| format!("{{{columns}}} : ({expression})");
        let newest =
            |within: &str| all(conn, NEWEST, (format!("{within}{}", facets(self.filter)), MOST as i64), |row| row.get::<_, i64>(0));
        let (whole, titles) = (within("title body"), within("title"));
        let hits = newest(&whole)?;
        let many = hits.len() >= MOST;
        let mut passes = vec![(whole, hits)];
        if many {
            let hits = newest(&titles)?;
            passes.insert(0, (titles, hits));
        }
        // Twice as many and some, because translations of one article and what has expired drop out.
        let rows = u32::try_from(self.limit * 2 + 20).unwrap_or(u32::MAX);
        for (expression, hits) in passes {
            let (Some(oldest), true) = (hits.last(), self.found.len() < self.limit) else { continue };
            let hits = serde_json::json!(hits).to_string();
            for id in all(conn, RANKED, (expression, oldest, hits, rows), |row| row.get::<_, i64>(0))? {
                if self.found.len() >= self.limit {
                    return Ok(());
                }
                if let Some(line) = first(conn, LINE, [id], |row| line(row, &self.terms))? {
                    self.add(line);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, hit: Hit) {
        let filter = self.filter;
        let state = filter.state.is_none_or(|state| state == hit.state);
        let owner = filter.owner.as_ref().is_none_or(|owner| *owner == hit.owner);
        let current = !filter.shown || hit.expires_at.is_none_or(|until| until > self.now);
        if state && owner && current && (!self.answers || self.answered_by(&hit)) && self.articles.insert(hit.article) {
            self.found.push(hit);
        }
    }

    fn answered_by(&self, hit: &Hit) -> bool {
        self.terms.len() < 2 || !hit.title.marks.is_empty() || hit.text.marks.len() > 1
    }
}

/// The words that narrow a search, as the end of an expression.
fn facets(filter: &Filter) -> String {
    let mut words = Vec::new();
    words.extend(filter.language.as_deref().map(exact));
    words.extend(filter.near.as_deref().map(|tag| format!("p{}", primary(tag))));
    words.extend(filter.audience.map(|audience| format!("f{}", word(&audience))));
    words.extend(filter.category.map(|id| format!("c{id}")));
    words.extend(filter.shown.then(|| "fshown".to_owned()));
    words.into_iter().map(|word| format!(" AND facet : \"{}\"", word.replace('"', ""))).collect()
}

/// A language tag as one word.
fn exact(tag: &str) -> String {
    format!("l{}", tag.replace('-', "").to_lowercase())
}

/// The list, newest change first; `before` is the last line of the page before.
pub async fn list(store: &Store, filter: &Filter, before: Option<(At, i64)>, now: At, limit: u32) -> Result<Vec<Hit>, StoreError> {
    let filter = filter.clone();
    store
        .read(move |conn| {
            let (audience, state) = (filter.audience.map(|a| word(&a)), filter.state.map(|s| word(&s)));
            let (at, id) = (before.map(|(at, _)| at), before.map(|(_, id)| id));
            let params = (filter.language, audience, state, filter.category, filter.owner, at, id, filter.shown, now, limit);
            all(conn, LIST, params, |row| line(row, &[]))
        })
        .await
}

/// How much there is.
pub async fn counts(store: &Store) -> Result<Listed, StoreError> {
    store
        .read(|conn| {
            Ok(first(conn, COUNTS, [], |row| Ok(Listed { all: row.get(0)?, public: row.get(1)?, review: row.get(2)? }))?
                .unwrap_or_default())
        })
        .await
}

fn line(row: &Row<'_>, terms: &[Term]) -> rusqlite::Result<Hit> {
    let (title, plain): (String, String) = (row.get("title")?, row.get("plain")?);
    Ok(Hit {
        id: row.get("id")?,
        article: row.get("article")?,
        language: row.get("language")?,
        title: Excerpt::around(&title, terms, 200),
        text: Excerpt::around(&plain, terms, EXCERPT),
        state: word_at(row, "state")?,
        shown: row.get("shown")?,
        changed_at: row.get("changed_at")?,
        audience: word_at(row, "audience")?,
        owner: row.get("owner")?,
        category: row.get("category")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Brings the index up to date with a translation, in the transaction that changed it.
pub(super) fn reindex(conn: &Connection, translation: i64) -> Result<(), StoreError> {
    run(conn, REMOVE, [translation])?;
    let text = first(conn, TEXT, [translation], |row| {
        let (language, audience): (String, String) = (row.get("language")?, row.get("audience")?);
        let mut facet = format!("{} p{} f{audience}", exact(&language), primary(&language));
        if row.get("shown")? {
            facet.push_str(" fshown");
        }
        for category in [row.get::<_, Option<i64>>("category")?, row.get("parent")?].into_iter().flatten() {
            facet.push_str(&format!(" c{category}"));
        }
        Ok((row.get::<_, String>("title")?, row.get::<_, String>("plain")?, facet))
    })?;
    if let Some((title, plain, facet)) = text {
        run(conn, ADD, (translation, words::index_text(&title), words::index_text(&plain), facet))?;
    }
    Ok(())
}

/// The same for all of a category, and what stands below it.
pub(super) fn reindex_category(conn: &Connection, category: i64) -> Result<(), StoreError> {
    let translations = all(conn, OF_CATEGORY, [category], |row| row.get::<_, i64>(0))?;
    translations.into_iter().try_for_each(|translation| reindex(conn, translation))
}
