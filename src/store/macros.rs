//! Macros: what is often done in a row, under one name. And scripts: what is said, step by step.

use super::values::{all, change, first, json_at, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;
use serde::{Deserialize, Serialize};

statements! {
    LIST = "SELECT * FROM macro ORDER BY folder, name";
    GET = "SELECT * FROM macro WHERE id = ?1";
    CREATE = "INSERT INTO macro (name, folder, shared, steps, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CHANGE = "UPDATE macro SET name = ?2, folder = ?3, shared = ?4, steps = ?5, changed_at = ?6, changed_by = ?7 WHERE id = ?1";
    REMOVE = "DELETE FROM macro WHERE id = ?1";
    SCRIPTS = "SELECT * FROM script ORDER BY name, language";
    SCRIPTS_OF = "SELECT * FROM script WHERE queue = '' OR queue = ?1 ORDER BY queue = '', name, language";
    CREATE_SCRIPT = "INSERT INTO script (name, queue, language, text, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CHANGE_SCRIPT = "UPDATE script SET name = ?2, queue = ?3, language = ?4, text = ?5, changed_at = ?6, changed_by = ?7 WHERE id = ?1";
    REMOVE_SCRIPT = "DELETE FROM script WHERE id = ?1";
}

/// What one step of a macro does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Sends a text; its places are filled in.
    Reply,
    Note,
    Tag,
    Untag,
    /// The customer's language.
    Language,
    /// The customer's tier.
    Tier,
    /// A field that the house keeps of its customers: `plan=gold`; nothing behind the sign takes its value away.
    Field,
    /// A follow-up ticket with this subject.
    Ticket,
    /// To `queue/…` or `agent/…`.
    Assign,
    /// Puts it aside: minutes, `tomorrow` or `monday`.
    Snooze,
    /// With this outcome, or none.
    Resolve,
    /// Opens the next conversation.
    Next,
}

impl Does {
    pub const EACH: [Does; 12] = [
        Does::Reply,
        Does::Note,
        Does::Tag,
        Does::Untag,
        Does::Language,
        Does::Tier,
        Does::Field,
        Does::Ticket,
        Does::Assign,
        Does::Snooze,
        Does::Resolve,
        Does::Next,
    ];

    pub fn word(self) -> String {
        super::values::word(&self)
    }

    /// The conversation is not the agent's any more afterwards.
    pub fn ends(self) -> bool {
        matches!(self, Does::Assign | Does::Snooze | Does::Resolve)
    }
}

/// One step with what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroStep {
    pub does: Does,
    #[serde(default)]
    pub value: String,
}

/// What a form sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroForm {
    pub name: String,
    pub folder: String,
    /// `all`, `queue/…` or `agent/…`.
    pub shared: String,
    pub steps: Vec<MacroStep>,
}

/// One macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroRow {
    pub id: i64,
    pub form: MacroForm,
    pub changed_at: At,
    pub changed_by: AgentId,
}

/// What a script's form sends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptForm {
    pub name: String,
    /// Empty: everywhere.
    pub queue: String,
    /// BCP 47, or empty for all.
    pub language: String,
    pub text: String,
}

/// One script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptRow {
    pub id: i64,
    pub form: ScriptForm,
    pub changed_at: At,
    pub changed_by: AgentId,
}

/// All macros, by folder and name.
pub async fn list(store: &Store) -> Result<Vec<MacroRow>, StoreError> {
    store.read(|conn| all(conn, LIST, [], macro_row)).await
}

/// One.
pub async fn get(store: &Store, id: i64) -> Result<Option<MacroRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [id], macro_row)).await
}

/// Adds one, or changes the one with this number. [`StoreError::Duplicate`] when the name is taken among those with whom it is shared.
pub async fn save(store: &Store, id: Option<i64>, form: MacroForm, by: &AgentId, at: At) -> Result<(), StoreError> {
    let (by, steps) = (by.clone(), serde_json::to_string(&form.steps)?);
    store
        .write(move |conn| {
            let MacroForm { name, folder, shared, .. } = form;
            match id {
                None => run(conn, CREATE, (name, folder, shared, steps, at, by)).map(drop),
                Some(id) => change(conn, CHANGE, (id, name, folder, shared, steps, at, by), "macro"),
            }
        })
        .await
}

/// [`StoreError::Missing`] when it is gone already.
pub async fn remove(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, REMOVE, [id], "macro")).await
}

/// All scripts.
pub async fn scripts(store: &Store) -> Result<Vec<ScriptRow>, StoreError> {
    store.read(|conn| all(conn, SCRIPTS, [], script_row)).await
}

/// Those for a queue, its own first.
pub async fn scripts_of(store: &Store, queue: Option<&QueueId>) -> Result<Vec<ScriptRow>, StoreError> {
    let queue = queue.map(ToString::to_string).unwrap_or_default();
    store.read(move |conn| all(conn, SCRIPTS_OF, [queue], script_row)).await
}

/// Adds a script, or changes the one with this number.
pub async fn save_script(store: &Store, id: Option<i64>, form: ScriptForm, by: &AgentId, at: At) -> Result<(), StoreError> {
    let by = by.clone();
    store
        .write(move |conn| {
            let ScriptForm { name, queue, language, text } = form;
            match id {
                None => run(conn, CREATE_SCRIPT, (name, queue, language, text, at, by)).map(drop),
                Some(id) => change(conn, CHANGE_SCRIPT, (id, name, queue, language, text, at, by), "script"),
            }
        })
        .await
}

/// [`StoreError::Missing`] when it is gone already.
pub async fn remove_script(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, REMOVE_SCRIPT, [id], "script")).await
}

fn macro_row(row: &Row<'_>) -> rusqlite::Result<MacroRow> {
    let form = MacroForm { name: row.get("name")?, folder: row.get("folder")?, shared: row.get("shared")?, steps: json_at(row, "steps")? };
    Ok(MacroRow { id: row.get("id")?, form, changed_at: row.get("changed_at")?, changed_by: row.get("changed_by")? })
}

fn script_row(row: &Row<'_>) -> rusqlite::Result<ScriptRow> {
    let form = ScriptForm { name: row.get("name")?, queue: row.get("queue")?, language: row.get("language")?, text: row.get("text")? };
    Ok(ScriptRow { id: row.get("id")?, form, changed_at: row.get("changed_at")?, changed_by: row.get("changed_by")? })
}
