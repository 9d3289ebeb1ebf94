//! Canned replies: texts that agents call up by `/shortcut`. They stand in folders, and belong to all, to a queue or to one agent.

use super::values::{all, change, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    LIST = "SELECT * FROM canned ORDER BY folder, shortcut, language";
    GET = "SELECT * FROM canned WHERE id = ?1";
    CREATE = "INSERT INTO canned (shortcut, title, text, language, folder, shared, changed_at, changed_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    CHANGE = "UPDATE canned SET shortcut = ?2, title = ?3, text = ?4, language = ?5, folder = ?6, shared = ?7, changed_at = ?8,
        changed_by = ?9 WHERE id = ?1";
    REMOVE = "DELETE FROM canned WHERE id = ?1";
}

/// One canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedRow {
    pub id: i64,
    pub form: CannedForm,
    pub changed_at: At,
    pub changed_by: AgentId,
}

/// What a form sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedForm {
    /// Without the slash; unique within a language among those with whom it is shared.
    pub shortcut: String,
    pub title: String,
    pub text: String,
    /// BCP 47, or empty for all.
    pub language: String,
    /// Empty: none.
    pub folder: String,
    /// `all`, `queue/…` or `agent/…`.
    pub shared: String,
}

impl Default for CannedForm {
    fn default() -> CannedForm {
        let none = String::new;
        CannedForm { shortcut: none(), title: none(), text: none(), language: none(), folder: none(), shared: "all".into() }
    }
}

/// All, by folder and shortcut.
pub async fn list(store: &Store) -> Result<Vec<CannedRow>, StoreError> {
    store.read(|conn| all(conn, LIST, [], canned_row)).await
}

/// One.
pub async fn get(store: &Store, id: i64) -> Result<Option<CannedRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [id], canned_row)).await
}

/// Adds one and gives its number. [`StoreError::Duplicate`] when the shortcut is taken in that language.
pub async fn create(store: &Store, form: CannedForm, by: &AgentId, at: At) -> Result<i64, StoreError> {
    let by = by.clone();
    store
        .write(move |conn| {
            let CannedForm { shortcut, title, text, language, folder, shared } = form;
            run(conn, CREATE, (shortcut, title, text, language, folder, shared, at, by))?;
            Ok(conn.last_insert_rowid())
        })
        .await
}

/// Changes one. [`StoreError::Missing`] or [`StoreError::Duplicate`] as above.
pub async fn update(store: &Store, id: i64, form: CannedForm, by: &AgentId, at: At) -> Result<(), StoreError> {
    let by = by.clone();
    store
        .write(move |conn| {
            let CannedForm { shortcut, title, text, language, folder, shared } = form;
            change(conn, CHANGE, (id, shortcut, title, text, language, folder, shared, at, by), "canned reply")
        })
        .await
}

/// Removes one. [`StoreError::Missing`] when it is gone already.
pub async fn remove(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, REMOVE, [id], "canned reply")).await
}

fn canned_row(row: &Row<'_>) -> rusqlite::Result<CannedRow> {
    let form = CannedForm {
        shortcut: row.get("shortcut")?,
        title: row.get("title")?,
        text: row.get("text")?,
        language: row.get("language")?,
        folder: row.get("folder")?,
        shared: row.get("shared")?,
    };
    Ok(CannedRow { id: row.get("id")?, form, changed_at: row.get("changed_at")?, changed_by: row.get("changed_by")? })
}
