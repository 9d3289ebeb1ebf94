//! Customers who are written down before they come, and those whose contacts are refused.

use super::{identities_of, insert_identity};
use crate::desk::id::*;
use crate::desk::person::Identity;
use crate::desk::same::Proof;
use crate::store::values::{all, change, first, run};
use crate::store::viewer::Viewer;
use crate::store::{Store, StoreError};
use rusqlite::Connection;

statements! {
    ADD = "INSERT INTO person (id, name, created_at, contact_at) VALUES (?1, ?2, ?3, ?3)";
    KNOWN = "SELECT person FROM identity WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    BLOCK = "UPDATE person SET blocked = ?2, blocked_by = ?3, blocked_at = ?4, blocked_why = ?5 WHERE id = ?1";
    BLOCKED = "SELECT id, name, blocked_by, blocked_at, blocked_why FROM person WHERE blocked = 1 AND merged_into IS NULL
        ORDER BY blocked_at DESC, id DESC LIMIT 500";
}

/// Somebody whose contacts are refused.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockedRow {
    pub person: PersonId,
    pub name: String,
    /// By what they are known, as the viewer may see it.
    pub known: Vec<String>,
    pub why: String,
    /// `None` for those who were blocked before that was written down.
    pub by: Option<AgentId>,
    pub at: Option<At>,
}

/// The newest first, at most 500.
pub async fn blocked(store: &Store, viewer: &Viewer) -> Result<Vec<BlockedRow>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            let mut rows = all(conn, BLOCKED, [], |row| {
                Ok(BlockedRow {
                    person: row.get("id")?,
                    name: row.get("name")?,
                    known: Vec::new(),
                    why: row.get("blocked_why")?,
                    by: row.get("blocked_by")?,
                    at: row.get("blocked_at")?,
                })
            })?;
            for row in &mut rows {
                let known = identities_of(conn, &viewer, row.person)?;
                row.known = known.into_iter().filter(|one| one.kind != "webchat").map(|one| one.value).take(3).collect();
            }
            Ok(rows)
        })
        .await
}

pub(in crate::store) fn block_rows(
    conn: &Connection,
    at: At,
    person: PersonId,
    on: bool,
    by: &AgentId,
    why: &str,
) -> Result<(), StoreError> {
    change(conn, BLOCK, (person, on, by, at, why), "person")
}

/// What is known as somebody else's meanwhile stays theirs.
pub(in crate::store) fn enter_rows(
    conn: &Connection,
    at: At,
    person: PersonId,
    name: &str,
    identities: &[Identity],
    proof: Proof,
) -> Result<(), StoreError> {
    run(conn, ADD, (person, name, at))?;
    for identity in identities {
        let known = first(conn, KNOWN, (&identity.kind, &identity.namespace, &identity.value), |row| row.get::<_, PersonId>(0))?;
        if known.is_none() {
            insert_identity(conn, person, identity, Some(proof), at)?;
        }
    }
    Ok(())
}
