//! Those who log in. The configuration declares them; passwords and tastes are kept here and survive every reload.

use super::values::{all, change, first, run};
use super::viewer::Role;
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

statements! {
    DEACTIVATE_ALL = "UPDATE user SET active = 0";
    UPSERT = "INSERT INTO user (id, name, role, active, language, created_at) VALUES (?1, ?2, ?3, 1, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, active = 1,
            language = coalesce(user.language, excluded.language)";
    END_INACTIVE = "DELETE FROM session WHERE user IN (SELECT id FROM user WHERE active = 0)";
    GET = "SELECT id, name, role, active, password_hash IS NOT NULL AS has_password, language, theme, prefs, created_at, login_at
        FROM user WHERE id = ?1";
    LIST = "SELECT id, name, role, active, password_hash IS NOT NULL AS has_password, language, theme, prefs, created_at, login_at
        FROM user ORDER BY active DESC, id";
    PASSWORD = "SELECT password_hash FROM user WHERE id = ?1 AND active = 1";
    SET_PASSWORD = "UPDATE user SET password_hash = ?2 WHERE id = ?1";
    SET_LOGIN = "UPDATE user SET login_at = ?2 WHERE id = ?1";
    SET_TASTE = "UPDATE user SET language = ?2, theme = ?3, prefs = ?4 WHERE id = ?1";
}

/// A user as declared in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    /// Used until the user chooses another.
    pub language: Option<String>,
}

/// One user. The password's hash is read by [`password_hash`] only.
#[derive(Debug, Clone, PartialEq)]
pub struct UserRow {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    /// Still declared in the configuration.
    pub active: bool,
    pub has_password: bool,
    pub language: Option<String>,
    /// `light`, `dark`, or `None` for the system's.
    pub theme: Option<String>,
    pub prefs: Prefs,
    pub created_at: At,
    pub login_at: Option<At>,
}

/// Tastes that follow the user to every browser. Unknown keys of other versions are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    /// `comfortable` or `compact`.
    pub density: String,
    /// Browser device ids; `None` for the system's choice.
    pub microphone: Option<String>,
    pub speaker: Option<String>,
    /// Where the ring tone plays, apart from the headset.
    pub ringer: Option<String>,
    /// 0 to 100.
    pub ring_volume: u8,
    pub notify_calls: bool,
    pub notify_messages: bool,
    pub message_sound: bool,
    /// Enter sends a reply, Shift and Enter begins a new line; else Ctrl or ⌘ and Enter send.
    pub enter_sends: bool,
    /// Whether mentions, news of followed customers and tasks are heard and shown outside of the page.
    pub notices: bool,
    /// The same for news of tickets.
    pub tickets: bool,
    /// The same for what colleagues write.
    pub team: bool,
    /// No sounds and notifications until then (ms since 1970), but for what rings.
    pub quiet_until: Option<i64>,
    /// Keys chosen instead of those of the house, by the name of the command.
    pub keys: BTreeMap<String, String>,
}

impl Default for Prefs {
    fn default() -> Prefs {
        Prefs {
            density: "comfortable".into(),
            microphone: None,
            speaker: None,
            ringer: None,
            ring_volume: 70,
            notify_calls: true,
            notify_messages: true,
            message_sound: true,
            enter_sends: false,
            notices: true,
            tickets: true,
            team: true,
            quiet_until: None,
            keys: BTreeMap::new(),
        }
    }
}

/// Takes the users of a newly loaded configuration: adds, renames and re-roles; those not declared any more are shut out at once.
pub async fn declare(store: &Store, users: Vec<Declared>, at: At) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            run(conn, DEACTIVATE_ALL, [])?;
            for user in &users {
                run(conn, UPSERT, (&user.id, &user.name, user.role.as_str(), &user.language, at))?;
            }
            run(conn, END_INACTIVE, [])?;
            Ok(())
        })
        .await
}

/// One user, active or not.
pub async fn get(store: &Store, user: &AgentId) -> Result<Option<UserRow>, StoreError> {
    let user = user.clone();
    store.read(move |conn| first(conn, GET, [user], user_row)).await
}

/// All users, the active first.
pub async fn list(store: &Store) -> Result<Vec<UserRow>, StoreError> {
    store.read(|conn| all(conn, LIST, [], user_row)).await
}

/// The PHC string to verify a login against; `None` for unknown, inactive and passwordless users alike.
pub async fn password_hash(store: &Store, user: &AgentId) -> Result<Option<String>, StoreError> {
    let user = user.clone();
    Ok(store.read(move |conn| first(conn, PASSWORD, [user], |row| row.get(0))).await?.flatten())
}

/// Sets the PHC string. [`StoreError::Missing`] without such a user.
pub async fn set_password_hash(store: &Store, user: &AgentId, hash: String) -> Result<(), StoreError> {
    let user = user.clone();
    store.write(move |conn| change(conn, SET_PASSWORD, (user, hash), "user")).await
}

/// Notes a successful login.
pub async fn logged_in(store: &Store, user: &AgentId, at: At) -> Result<(), StoreError> {
    let user = user.clone();
    store.write(move |conn| change(conn, SET_LOGIN, (user, at), "user")).await
}

/// Keeps language, theme and preferences as the settings page sends them.
pub async fn set_tastes(
    store: &Store,
    user: &AgentId,
    language: Option<String>,
    theme: Option<String>,
    prefs: Prefs,
) -> Result<(), StoreError> {
    let (user, prefs) = (user.clone(), serde_json::to_string(&prefs)?);
    store.write(move |conn| change(conn, SET_TASTE, (user, language, theme, prefs), "user")).await
}

fn user_row(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: row.get("id")?,
        name: row.get("name")?,
        role: super::values::word_at(row, "role")?,
        active: row.get("active")?,
        has_password: row.get("has_password")?,
        language: row.get("language")?,
        theme: row.get("theme")?,
        prefs: super::values::json_at(row, "prefs")?,
        created_at: row.get("created_at")?,
        login_at: row.get("login_at")?,
    })
}
