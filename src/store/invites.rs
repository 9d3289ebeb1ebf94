//! One-time links by which a user sets the first or a forgotten password. Only a hash of the token is kept.

use super::values::{first, run};
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    WITHDRAW = "DELETE FROM invite WHERE user = ?1 AND used_at IS NULL";
    CREATE = "INSERT INTO invite (token_hash, user, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
    VALID = "SELECT i.user FROM invite i JOIN user u ON u.id = i.user
        WHERE i.token_hash = ?1 AND i.used_at IS NULL AND i.expires_at > ?2 AND u.active = 1";
    USE = "UPDATE invite SET used_at = ?2 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2 RETURNING user";
    SET_PASSWORD = "UPDATE user SET password_hash = ?2 WHERE id = ?1 AND active = 1";
    END_SESSIONS = "DELETE FROM session WHERE user = ?1";
}

/// Makes a link's token valid; earlier unused links of this user die. [`StoreError::Missing`] without such a user.
pub async fn create(store: &Store, token_hash: [u8; 32], user: &AgentId, at: At, expires_at: At) -> Result<(), StoreError> {
    let user = user.clone();
    store
        .write(move |conn| {
            run(conn, WITHDRAW, [&user])?;
            run(conn, CREATE, (token_hash, &user, at, expires_at))?;
            Ok(())
        })
        .await
}

/// Whose password the link would set; `None` when unknown, used or expired.
pub async fn valid(store: &Store, token_hash: [u8; 32], now: At) -> Result<Option<AgentId>, StoreError> {
    store.read(move |conn| first(conn, VALID, (token_hash, now), |row| row.get(0))).await
}

/// Uses the link up, sets the password and ends the user's sessions, all or nothing. `None` when the link is not (or no longer) good.
pub async fn redeem(store: &Store, token_hash: [u8; 32], password_hash: String, now: At) -> Result<Option<AgentId>, StoreError> {
    store
        .write(move |conn| {
            let Some(user) = first(conn, USE, (token_hash, now), |row| row.get::<_, AgentId>(0))? else {
                return Ok(None);
            };
            if run(conn, SET_PASSWORD, (&user, password_hash))? == 0 {
                return Ok(None);
            }
            run(conn, END_SESSIONS, [&user])?;
            Ok(Some(user))
        })
        .await
}
