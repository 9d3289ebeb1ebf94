//! Sessions of logged-in browsers. Only a hash of the cookie's token is kept.

use super::users::Prefs;
use super::values::{all, change, first, run};
use super::viewer::Role;
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    CREATE = "INSERT INTO session (token_hash, user, created_at, seen_at, expires_at, ip, user_agent) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)";
    BY_TOKEN = "SELECT s.id, s.user, s.created_at, s.seen_at, s.expires_at, s.ip, s.user_agent, u.name, u.role, u.language, u.theme, u.prefs
        FROM session s JOIN user u ON u.id = s.user WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND u.active = 1";
    OF_USER = "SELECT s.id, s.user, s.created_at, s.seen_at, s.expires_at, s.ip, s.user_agent, u.name, u.role, u.language, u.theme, u.prefs
        FROM session s JOIN user u ON u.id = s.user WHERE s.user = ?1 AND s.expires_at > ?2 ORDER BY s.seen_at DESC, s.id DESC";
    ALL = "SELECT s.id, s.user, s.created_at, s.seen_at, s.expires_at, s.ip, s.user_agent, u.name, u.role, u.language, u.theme, u.prefs
        FROM session s JOIN user u ON u.id = s.user WHERE s.expires_at > ?1 ORDER BY s.seen_at DESC, s.id DESC";
    SEEN = "UPDATE session SET seen_at = ?2, expires_at = ?3 WHERE id = ?1";
    REVOKE = "DELETE FROM session WHERE id = ?1";
    REVOKE_OWN = "DELETE FROM session WHERE id = ?1 AND user = ?2";
    REVOKE_OTHERS = "DELETE FROM session WHERE user = ?1 AND id <> ?2";
    PURGE = "DELETE FROM session WHERE expires_at <= ?1";
}

/// A live session with what every page needs of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Public number, for lists and revocation; never the token.
    pub id: i64,
    pub user: AgentId,
    pub name: String,
    pub role: Role,
    pub language: Option<String>,
    pub theme: Option<String>,
    pub prefs: Prefs,
    pub created_at: At,
    pub seen_at: At,
    pub expires_at: At,
    pub ip: String,
    pub user_agent: String,
}

/// What a new session is made of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of the cookie's token.
    pub token_hash: [u8; 32],
    pub user: AgentId,
    pub at: At,
    pub expires_at: At,
    pub ip: String,
    /// Cut to 300 characters.
    pub user_agent: String,
}

/// Begins a session and gives its number.
pub async fn create(store: &Store, new: NewSession) -> Result<i64, StoreError> {
    store
        .write(move |conn| {
            let user_agent: String = new.user_agent.chars().take(300).collect();
            run(conn, CREATE, (new.token_hash, new.user, new.at, new.expires_at, new.ip, user_agent))?;
            Ok(conn.last_insert_rowid())
        })
        .await
}

/// The session of a token; `None` when unknown, expired, revoked or the user's no longer declared.
pub async fn by_token(store: &Store, token_hash: [u8; 32], now: At) -> Result<Option<SessionRow>, StoreError> {
    store.read(move |conn| first(conn, BY_TOKEN, (token_hash, now), session_row)).await
}

/// The live sessions of one user, the last seen first.
pub async fn of_user(store: &Store, user: &AgentId, now: At) -> Result<Vec<SessionRow>, StoreError> {
    let user = user.clone();
    store.read(move |conn| all(conn, OF_USER, (user, now), session_row)).await
}

/// All live sessions, the last seen first.
pub async fn list(store: &Store, now: At) -> Result<Vec<SessionRow>, StoreError> {
    store.read(move |conn| all(conn, ALL, [now], session_row)).await
}

/// Notes that a session is in use and puts its end off. Call at most once a minute per session.
pub async fn seen(store: &Store, session: i64, at: At, expires_at: At) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, SEEN, (session, at, expires_at), "session")).await
}

/// Ends any session. [`StoreError::Missing`] when it is over already.
pub async fn revoke(store: &Store, session: i64) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, REVOKE, [session], "session")).await
}

/// Ends a session of this user; another's is not there for them.
pub async fn revoke_own(store: &Store, user: &AgentId, session: i64) -> Result<(), StoreError> {
    let user = user.clone();
    store.write(move |conn| change(conn, REVOKE_OWN, (session, user), "session")).await
}

/// Ends all sessions of a user but `keep` (0 keeps none), as after a change of password. Gives how many.
pub async fn revoke_others(store: &Store, user: &AgentId, keep: i64) -> Result<usize, StoreError> {
    let user = user.clone();
    store.write(move |conn| run(conn, REVOKE_OTHERS, (user, keep))).await
}

/// Removes expired sessions; gives how many.
pub async fn purge(store: &Store, now: At) -> Result<usize, StoreError> {
    store.write(move |conn| run(conn, PURGE, [now])).await
}

fn session_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: row.get("id")?,
        user: row.get("user")?,
        name: row.get("name")?,
        role: super::values::word_at(row, "role")?,
        language: row.get("language")?,
        theme: row.get("theme")?,
        prefs: super::values::json_at(row, "prefs")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
        ip: row.get("ip")?,
        user_agent: row.get("user_agent")?,
    })
}
