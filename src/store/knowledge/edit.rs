//! Writing: every save is a version, and a version goes from draft over review to published. What readers see changes only by publishing.

use super::files::{keep_files, named_files};
use super::find::reindex;
use super::{Audience, is_language, plain};
use crate::desk::id::*;
use crate::store::values::{all, change, first, run, word, word_at};
use crate::store::{Store, StoreError};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

statements! {
    CREATE = "INSERT INTO article (category, audience, owner, expires_at, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CHANGE = "UPDATE article SET category = ?2, audience = ?3, owner = ?4, expires_at = ?5 WHERE id = ?1";
    EXISTS = "SELECT EXISTS (SELECT 1 FROM article WHERE id = ?1)";
    TRANSLATION = "SELECT id, newest, state, shown FROM translation WHERE article = ?1 AND language = ?2";
    TRANSLATIONS = "SELECT id FROM translation WHERE article = ?1";
    TRANSLATE = "INSERT INTO translation (article, language, newest, state, title, plain, changed_at) VALUES (?1, ?2, 1, 'draft', ?3, ?4, ?5)";
    TEXT = "SELECT title, body, by FROM article_version WHERE translation = ?1 AND version = ?2";
    ADD = "INSERT INTO article_version (translation, version, title, body, note, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    NEWER = "UPDATE translation SET newest = ?2, state = 'draft', changed_at = ?3 WHERE id = ?1";
    SAY = "UPDATE translation SET title = ?2, plain = ?3 WHERE id = ?1";
    STATE = "UPDATE translation SET state = ?2, changed_at = ?3 WHERE id = ?1";
    SHOW = "UPDATE translation SET state = 'published', shown = newest, changed_at = ?2 WHERE id = ?1";
    WITHDRAW = "UPDATE translation SET state = 'draft', shown = NULL, changed_at = ?2 WHERE id = ?1";
    PUBLISHED = "UPDATE article_version SET published_by = ?3, published_at = ?4 WHERE translation = ?1 AND version = ?2";
    AUTHORS = "SELECT DISTINCT by FROM article_version WHERE translation = ?1 AND version > ?2";
}

/// Where the newest version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Draft,
    /// Its author holds it ready; somebody is to read it.
    Review,
    Published,
}

/// What an editor sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `None`: a new article.
    pub article: Option<i64>,
    pub language: String,
    pub title: String,
    /// Markdown.
    pub body: String,
    /// What was changed, in a few words.
    pub note: String,
    pub category: Option<i64>,
    pub audience: Audience,
    pub owner: AgentId,
    pub expires_at: Option<At>,
    /// The version the editor began with; 0 where there was none.
    pub base: u32,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// `version` is a new one only if the words are others.
    Kept { article: i64, version: u32 },
    /// Somebody has saved since; nothing was written. The newest version.
    Stale(u32),
}

/// A translation as it stands.
struct Standing {
    id: i64,
    newest: u32,
    state: State,
    shown: Option<u32>,
}

/// Saves. [`StoreError::Missing`] for an article, category or picture that is not there.
pub async fn save(store: &Store, written: Written, by: &AgentId, at: At) -> Result<Saved, StoreError> {
    let by = by.clone();
    store.write(move |conn| save_in(conn, &written, &by, at)).await
}

fn save_in(conn: &Connection, written: &Written, by: &AgentId, at: At) -> Result<Saved, StoreError> {
    if !is_language(&written.language) {
        return Err(StoreError::Invalid("no language tag".into()));
    }
    let standing = match written.article {
        Some(article) => {
            if !first(conn, EXISTS, [article], |row| row.get::<_, bool>(0))?.unwrap_or(false) {
                return Err(StoreError::Missing("article".into()));
            }
            standing(conn, article, &written.language)?
        }
        None => None,
    };
    let newest = standing.as_ref().map_or(0, |standing| standing.newest);
    if newest != written.base {
        return Ok(Saved::Stale(newest));
    }
    let audience = word(&written.audience);
    let article = match written.article {
        Some(article) => {
            change(conn, CHANGE, (article, written.category, audience, &written.owner, written.expires_at), "article")?;
            article
        }
        None => {
            run(conn, CREATE, (written.category, audience, &written.owner, written.expires_at, at, by))?;
            conn.last_insert_rowid()
        }
    };
    let version = add_version(conn, article, standing, written, by, at)?;
    for translation in all(conn, TRANSLATIONS, [article], |row| row.get::<_, i64>(0))? {
        reindex(conn, translation)?;
    }
    Ok(Saved::Kept { article, version })
}

fn add_version(
    conn: &Connection,
    article: i64,
    standing: Option<Standing>,
    written: &Written,
    by: &AgentId,
    at: At,
) -> Result<u32, StoreError> {
    let (translation, version, shown) = match standing {
        None => {
            run(conn, TRANSLATE, (article, &written.language, &written.title, plain(&written.body), at))?;
            (conn.last_insert_rowid(), 1, None)
        }
        Some(standing) => {
            let before = first(conn, TEXT, (standing.id, standing.newest), |row| Ok((row.get(0)?, row.get(1)?)))?;
            if before == Some((written.title.clone(), written.body.clone())) {
                return Ok(standing.newest);
            }
            let version = standing.newest.saturating_add(1);
            run(conn, NEWER, (standing.id, version, at))?;
            (standing.id, version, standing.shown)
        }
    };
    run(conn, ADD, (translation, version, &written.title, &written.body, &written.note, by, at))?;
    keep_files(conn, article, translation, version, &named_files(&written.body), by)?;
    if shown.is_none() {
        run(conn, SAY, (translation, &written.title, plain(&written.body)))?;
    }
    Ok(version)
}

/// Where a version is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Held ready for whoever reviews.
    Submit,
    /// Back to its author.
    SendBack,
    /// Shown to readers. `by_another`: not by anybody who wrote a part of it since it was last published.
    Publish { by_another: bool },
    /// Shown to nobody any more.
    Withdraw,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Done,
    /// The version is no longer the newest.
    Stale,
    /// Whoever wrote it may not publish it.
    OwnWork,
}

/// Moves the newest version of a translation on. [`StoreError::Missing`] when there is none.
pub async fn move_on(
    store: &Store,
    article: i64,
    language: &str,
    version: u32,
    step: Step,
    by: &AgentId,
    at: At,
) -> Result<Moved, StoreError> {
    let (language, by) = (language.to_owned(), by.clone());
    store.write(move |conn| move_in(conn, article, &language, version, step, &by, at)).await
}

fn move_in(conn: &Connection, article: i64, language: &str, version: u32, step: Step, by: &AgentId, at: At) -> Result<Moved, StoreError> {
    let standing = standing(conn, article, language)?.ok_or_else(|| StoreError::Missing("translation".into()))?;
    if standing.newest != version {
        return Ok(Moved::Stale);
    }
    match step {
        // What is published is a draft again only by withdrawing or by a new version.
        Step::Submit | Step::SendBack if standing.state == State::Published => return Ok(Moved::Stale),
        Step::Submit => run(conn, STATE, (standing.id, word(&State::Review), at))?,
        Step::SendBack => run(conn, STATE, (standing.id, word(&State::Draft), at))?,
        Step::Publish { by_another } => {
            let authors = all(conn, AUTHORS, (standing.id, standing.shown.unwrap_or(0)), |row| row.get::<_, AgentId>(0))?;
            if by_another && authors.contains(by) {
                return Ok(Moved::OwnWork);
            }
            run(conn, PUBLISHED, (standing.id, version, by, at))?;
            run(conn, SHOW, (standing.id, at))?
        }
        Step::Withdraw => run(conn, WITHDRAW, (standing.id, at))?,
    };
    if matches!(step, Step::Publish { .. } | Step::Withdraw)
        && let Some((title, body)) =
            first(conn, TEXT, (standing.id, version), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
    {
        run(conn, SAY, (standing.id, title, plain(&body)))?;
    }
    reindex(conn, standing.id)?;
    Ok(Moved::Done)
}

fn standing(conn: &Connection, article: i64, language: &str) -> Result<Option<Standing>, StoreError> {
    first(conn, TRANSLATION, (article, language), |row| {
        Ok(Standing { id: row.get("id")?, newest: row.get("newest")?, state: word_at(row, "state")?, shown: row.get("shown")? })
    })
}
