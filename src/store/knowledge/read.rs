//! Reading: an article with its translations, its versions, and what its owner has to look at.

use super::{Audience, State};
use crate::desk::id::*;
use crate::store::values::{all, first, run, word_at};
use crate::store::{Store, StoreError};
use rusqlite::{Connection, Row};

statements! {
    ARTICLE = "SELECT id, category, audience, owner, expires_at, created_at, created_by FROM article WHERE id = ?1";
    TRANSLATIONS = "SELECT language, newest, state, shown, title, plain, changed_at FROM translation WHERE article = ?1 ORDER BY id";
    VERSIONS = "SELECT v.version, v.title, '' AS body, v.note, v.by, v.at, v.published_by, v.published_at FROM article_version v
        JOIN translation t ON t.id = v.translation WHERE t.article = ?1 AND t.language = ?2 ORDER BY v.version DESC LIMIT 200";
    VERSION = "SELECT v.version, v.title, v.body, v.note, v.by, v.at, v.published_by, v.published_at FROM article_version v
        JOIN translation t ON t.id = v.translation WHERE t.article = ?1 AND t.language = ?2 AND v.version = ?3";
    PUBLIC = "SELECT a.id, a.category, t.language, t.title, t.changed_at, v.body FROM translation t JOIN article a ON a.id = t.article
        JOIN article_version v ON v.translation = t.id AND v.version = t.shown
        WHERE a.id = ?1 AND a.audience = 'public' AND (a.expires_at IS NULL OR a.expires_at > ?2) ORDER BY t.id";
    OF_CATEGORY = "SELECT t.article, t.title, t.language FROM translation t JOIN article a ON a.id = t.article
        WHERE a.audience = 'public' AND t.shown IS NOT NULL AND (a.expires_at IS NULL OR a.expires_at > ?1)
            AND a.category = ?2 AND t.language = ?3
        ORDER BY t.title LIMIT ?4";
    // Few where there are categories, and all where there are none: in the order of their titles until there are enough.
    OF_NONE = "SELECT t.article, t.title, t.language FROM translation t INDEXED BY translation_title JOIN article a ON a.id = t.article
        WHERE a.audience = 'public' AND t.shown IS NOT NULL AND (a.expires_at IS NULL OR a.expires_at > ?1)
            AND a.category IS NULL AND t.language = ?3
        ORDER BY t.title LIMIT ?4";
    CITED = "SELECT t.language, t.title, t.plain, a.audience = 'public' AS public FROM translation t JOIN article a ON a.id = t.article
        WHERE a.id = ?1 AND t.language = ?2 AND t.shown IS NOT NULL AND (a.expires_at IS NULL OR a.expires_at > ?3)";
    DUE = "SELECT a.id, a.expires_at, (SELECT t.title FROM translation t WHERE t.article = a.id ORDER BY t.id LIMIT 1) AS title
        FROM article a WHERE a.owner = ?1 AND a.expires_at <= ?2
            AND EXISTS (SELECT 1 FROM translation t WHERE t.article = a.id AND t.shown IS NOT NULL) ORDER BY a.expires_at LIMIT 50";
    UNREMINDED = "SELECT a.owner, a.id, a.expires_at, (SELECT t.title FROM translation t WHERE t.article = a.id ORDER BY t.id LIMIT 1) AS title
        FROM article a WHERE a.expires_at <= ?1 AND a.reminded_for IS NOT a.expires_at
            AND EXISTS (SELECT 1 FROM translation t WHERE t.article = a.id AND t.shown IS NOT NULL) ORDER BY a.expires_at LIMIT 200";
    REMINDED = "UPDATE article SET reminded_for = expires_at WHERE id = ?1";
}

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub id: i64,
    pub category: Option<i64>,
    pub audience: Audience,
    pub owner: AgentId,
    /// From then on customers do not see it and agents are not offered it.
    pub expires_at: Option<At>,
    pub created_at: At,
    pub created_by: AgentId,
    /// The oldest first.
    pub translations: Vec<Translation>,
}

/// An article in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub language: String,
    pub newest: u32,
    /// Of the newest version.
    pub state: State,
    pub shown: Option<u32>,
    pub title: String,
    pub plain: String,
    pub changed_at: At,
}

/// One save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub version: u32,
    pub title: String,
    /// Markdown; empty in a list.
    pub body: String,
    pub note: String,
    pub by: AgentId,
    pub at: At,
    pub published: Option<(AgentId, At)>,
}

/// An article in one language as customers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    pub article: i64,
    pub category: Option<i64>,
    pub language: String,
    pub title: String,
    pub body: String,
    pub changed_at: At,
}

/// An article as it is put into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    pub language: String,
    pub title: String,
    pub text: String,
    pub public: bool,
}

/// An article that has expired or soon will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub article: i64,
    pub owner: AgentId,
    pub title: String,
    pub expires_at: At,
}

impl Due {
    /// A moment of the last day on which it is good.
    pub fn last_day(&self) -> At {
        self.expires_at.after(-1)
    }
}

/// One article with its translations.
pub async fn article(store: &Store, id: i64) -> Result<Option<Article>, StoreError> {
    store.read(move |conn| article_in(conn, id)).await
}

fn article_in(conn: &Connection, id: i64) -> Result<Option<Article>, StoreError> {
    let translations = all(conn, TRANSLATIONS, [id], |row| {
        Ok(Translation {
            language: row.get("language")?,
            newest: row.get("newest")?,
            state: word_at(row, "state")?,
            shown: row.get("shown")?,
            title: row.get("title")?,
            plain: row.get("plain")?,
            changed_at: row.get("changed_at")?,
        })
    })?;
    first(conn, ARTICLE, [id], |row| {
        Ok(Article {
            id,
            category: row.get("category")?,
            audience: word_at(row, "audience")?,
            owner: row.get("owner")?,
            expires_at: row.get("expires_at")?,
            created_at: row.get("created_at")?,
            created_by: row.get("created_by")?,
            translations,
        })
    })
}

/// The versions of a translation, newest first, without their bodies; at most 200.
pub async fn versions(store: &Store, article: i64, language: &str) -> Result<Vec<Version>, StoreError> {
    let language = language.to_owned();
    store.read(move |conn| all(conn, VERSIONS, (article, language), version_row)).await
}

/// One version with its body.
pub async fn version(store: &Store, article: i64, language: &str, version: u32) -> Result<Option<Version>, StoreError> {
    let language = language.to_owned();
    store.read(move |conn| first(conn, VERSION, (article, language, version), version_row)).await
}

fn version_row(row: &Row<'_>) -> rusqlite::Result<Version> {
    let (by, at): (Option<AgentId>, Option<At>) = (row.get("published_by")?, row.get("published_at")?);
    Ok(Version {
        version: row.get("version")?,
        title: row.get("title")?,
        body: row.get("body")?,
        note: row.get("note")?,
        by: row.get("by")?,
        at: row.get("at")?,
        published: by.zip(at),
    })
}

/// What customers may see of an article: its shown versions in each language, oldest translation first. Nothing of internal ones, of drafts
/// and of what has expired.
pub async fn public_article(store: &Store, id: i64, now: At) -> Result<Vec<Public>, StoreError> {
    store
        .read(move |conn| {
            all(conn, PUBLIC, (id, now), |row| {
                Ok(Public {
                    article: row.get("id")?,
                    category: row.get("category")?,
                    language: row.get("language")?,
                    title: row.get("title")?,
                    body: row.get("body")?,
                    changed_at: row.get("changed_at")?,
                })
            })
        })
        .await
}

/// Public articles that stand directly in a category (`None`: in none) in a language: number and title, by title.
pub async fn of_category(
    store: &Store,
    category: Option<i64>,
    language: &str,
    now: At,
    limit: u32,
) -> Result<Vec<(i64, String)>, StoreError> {
    let language = language.to_owned();
    let statement = if category.is_some() { OF_CATEGORY } else { OF_NONE };
    store.read(move |conn| all(conn, statement, (now, category, language, limit), |row| Ok((row.get(0)?, row.get(1)?)))).await
}

/// A shown article to be put into a message; `None` when readers do not see it.
pub async fn cited(store: &Store, article: i64, language: &str, now: At) -> Result<Option<Cited>, StoreError> {
    let language = language.to_owned();
    store
        .read(move |conn| {
            first(conn, CITED, (article, language, now), |row| {
                Ok(Cited { language: row.get("language")?, title: row.get("title")?, text: row.get("plain")?, public: row.get("public")? })
            })
        })
        .await
}

/// What of an owner's expires until then, the soonest first; at most 50.
pub async fn due(store: &Store, owner: &AgentId, until: At) -> Result<Vec<Due>, StoreError> {
    let owner = owner.clone();
    store
        .read(move |conn| {
            let of = owner.clone();
            all(conn, DUE, (owner, until), |row| {
                Ok(Due { article: row.get("id")?, owner: of.clone(), title: row.get("title")?, expires_at: row.get("expires_at")? })
            })
        })
        .await
}

/// Articles that expire until then and whose owner has not been told of it.
pub async fn unreminded(store: &Store, until: At) -> Result<Vec<Due>, StoreError> {
    store
        .read(move |conn| {
            all(conn, UNREMINDED, [until], |row| {
                Ok(Due { article: row.get("id")?, owner: row.get("owner")?, title: row.get("title")?, expires_at: row.get("expires_at")? })
            })
        })
        .await
}

/// The owner has been told; another expiry is another matter.
pub async fn reminded(store: &Store, article: i64) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, REMINDED, [article]).map(drop)).await
}
