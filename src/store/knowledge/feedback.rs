//! What agents say of articles, until somebody has seen to it.

use crate::desk::id::*;
use crate::store::values::{all, change, run, word, word_at};
use crate::store::{Store, StoreError};
use serde::{Deserialize, Serialize};

statements! {
    GIVE = "INSERT INTO article_feedback (article, language, kind, words, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    OPEN = "SELECT f.id, f.article, f.language, f.kind, f.words, f.by, f.at, a.owner,
            coalesce((SELECT t.title FROM translation t WHERE t.article = f.article ORDER BY t.language <> f.language, t.id LIMIT 1), '') AS title
        FROM article_feedback f LEFT JOIN article a ON a.id = f.article
        WHERE f.closed_at IS NULL AND (?1 IS NULL OR f.article = ?1) AND (?2 IS NULL OR a.owner = ?2 OR (?3 AND f.article IS NULL))
        ORDER BY f.at DESC, f.id DESC LIMIT 200";
    CLOSE = "UPDATE article_feedback SET closed_by = ?2, closed_at = ?3 WHERE id = ?1 AND closed_at IS NULL
        AND (?4 OR article IN (SELECT id FROM article WHERE owner = ?2))";
}

/// What is amiss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    Wrong,
    Outdated,
    /// Something is not said, in this article or in any.
    Missing,
}

/// One remark that nobody has seen to yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    pub id: i64,
    /// `None`: no article says it.
    pub article: Option<i64>,
    pub owner: Option<AgentId>,
    pub title: String,
    pub language: String,
    pub kind: FeedbackKind,
    pub words: String,
    pub by: AgentId,
    pub at: At,
}

/// Keeps a remark. [`StoreError::Missing`] when the article is not there.
pub async fn give_feedback(
    store: &Store,
    article: Option<i64>,
    language: &str,
    kind: FeedbackKind,
    words: &str,
    by: &AgentId,
    at: At,
) -> Result<(), StoreError> {
    let (language, words, by) = (language.to_owned(), words.to_owned(), by.clone());
    store.write(move |conn| run(conn, GIVE, (article, language, word(&kind), words, by, at)).map(drop)).await
}

/// Open remarks, newest first: of one article, of one owner's articles, or all. `strays` adds to an owner's those that belong to no article.
pub async fn open_feedback(
    store: &Store,
    article: Option<i64>,
    owner: Option<&AgentId>,
    strays: bool,
) -> Result<Vec<Feedback>, StoreError> {
    let owner = owner.cloned();
    store
        .read(move |conn| {
            all(conn, OPEN, (article, owner, strays), |row| {
                Ok(Feedback {
                    id: row.get("id")?,
                    article: row.get("article")?,
                    owner: row.get("owner")?,
                    title: row.get("title")?,
                    language: row.get("language")?,
                    kind: word_at(row, "kind")?,
                    words: row.get("words")?,
                    by: row.get("by")?,
                    at: row.get("at")?,
                })
            })
        })
        .await
}

/// Closes a remark: `anybodys`, or only one on an article of one's own. [`StoreError::Missing`] otherwise.
pub async fn close_feedback(store: &Store, id: i64, by: &AgentId, anybodys: bool, at: At) -> Result<(), StoreError> {
    let by = by.clone();
    store.write(move |conn| change(conn, CLOSE, (id, by, at, anybodys), "feedback")).await
}
