//! What customers speak of, for two spans of time: their words, the tags that they were given, and the articles that were used. Messages are found by
//! their numbers, which grow with time, so that nothing reads more than the spans.

use super::values::{all, first};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Connection;

statements! {
    // Each by itself: of both in one SQLite reads the whole index.
    BOUNDS = "SELECT coalesce((SELECT min(id) FROM message), 1), coalesce((SELECT max(id) FROM message), 0)";
    AT_OR_BEFORE = "SELECT at FROM message WHERE id <= ?1 ORDER BY id DESC LIMIT 1";
    SAID = "SELECT m.person, p.name, m.text FROM message m JOIN person p ON p.id = m.person
        WHERE m.id > ?1 AND m.id <= ?2 AND m.kind = 'in' AND m.text <> '' ORDER BY m.id DESC LIMIT ?3";
    TAGS = "SELECT tag, count(DISTINCT person) AS n FROM (
            SELECT person, coalesce(json_extract(json, '$.person[1].tagged.tag'), json_extract(json, '$.rule[1].did.did.tagged.tag')) AS tag
            FROM event WHERE kind IN ('person.tagged', 'rule.did') AND at >= ?1 AND at < ?2 ORDER BY at DESC LIMIT ?3)
        WHERE tag IS NOT NULL GROUP BY tag ORDER BY n DESC, tag LIMIT 500";
    PEOPLE = "SELECT count(DISTINCT person) FROM (SELECT person FROM message WHERE id > ?1 AND id <= ?2 AND kind = 'in' ORDER BY id DESC LIMIT ?3)";
    USED = "SELECT article, count(*) AS n FROM article_use WHERE at >= ?1 AND at < ?2 AND kind IN ('opened', 'inserted', 'linked', 'sent')
        GROUP BY article ORDER BY n DESC LIMIT 500";
    VIEWED = "SELECT article, sum(views) AS n FROM article_day WHERE day >= ?1 AND day < ?2 GROUP BY article ORDER BY n DESC LIMIT 500";
    TITLE = "SELECT title FROM translation WHERE article = ?1 ORDER BY language = ?2 DESC, id LIMIT 1";
}

const DAY_MS: i64 = 86_400_000;

/// One message of a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub person: PersonId,
    pub name: String,
    pub text: String,
}

/// What was spoken of in one span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The newest messages, at most as many as were asked for.
    pub said: Vec<Said>,
    /// Customers who wrote them.
    pub people: u32,
    /// Tags that were given, with how many customers got each.
    pub tags: Vec<(String, u32)>,
    /// Uses and views of articles.
    pub articles: Vec<(i64, u32)>,
}

/// Between two moments; no more than so many messages are read.
pub async fn span(store: &Store, from: At, to: At, most: u32) -> Result<Span, StoreError> {
    store
        .read(move |conn| {
            let (low, high) = (before(conn, from)?, before(conn, to)?);
            let said = all(conn, SAID, (low, high, most), |row| {
                Ok(Said { person: row.get("person")?, name: row.get("name")?, text: row.get("text")? })
            })?;
            let mut articles: Vec<(i64, u32)> = all(conn, USED, (from, to), counted)?;
            let days = (from.0.div_euclid(DAY_MS), to.0.div_euclid(DAY_MS));
            for (article, views) in all(conn, VIEWED, days, counted)? {
                match articles.iter_mut().find(|(known, _)| *known == article) {
                    Some((_, uses)) => *uses += views,
                    None => articles.push((article, views)),
                }
            }
            Ok(Span {
                said,
                people: first(conn, PEOPLE, (low, high, most), |row| row.get(0))?.unwrap_or(0),
                tags: all(conn, TAGS, (from, to, most), |row| Ok((row.get(0)?, row.get(1)?)))?,
                articles,
            })
        })
        .await
}

/// The titles of these articles, in this language where there is one.
pub async fn titles(store: &Store, articles: Vec<i64>, language: &str) -> Result<Vec<(i64, String)>, StoreError> {
    let language = language.to_owned();
    store
        .read(move |conn| {
            let mut titles = Vec::new();
            for article in articles {
                titles.extend(first(conn, TITLE, (article, &language), |row| Ok((article, row.get(0)?)))?);
            }
            Ok(titles)
        })
        .await
}

fn counted(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, u32)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// The number of the last message before this moment.
fn before(conn: &Connection, at: At) -> Result<i64, StoreError> {
    let (mut low, mut high) = first(conn, BOUNDS, [], |row| Ok((row.get::<_, i64>(0)? - 1, row.get::<_, i64>(1)?)))?.unwrap_or((0, 0));
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let earlier = first(conn, AT_OR_BEFORE, [middle], |row| row.get::<_, At>(0))?.is_none_or(|then| then < at);
        (low, high) = if earlier { (middle, high) } else { (low, middle - 1) };
    }
    Ok(low)
}
