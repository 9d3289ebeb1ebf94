//! What agents change about a customer by hand. Nobody routes on a change in flight: the next contact reads it.

use crate::desk::id::*;
use crate::desk::person::Identity;
use crate::desk::same::Proof;
use crate::store::search;
use crate::store::values::{change, run, word};
use crate::store::{Store, StoreError};
use rusqlite::Connection;

statements! {
    EDIT = "UPDATE person SET name = ?2, tier = ?3, language = ?4, dedicated_agent = ?5, company = ?6, about = ?7 WHERE id = ?1";
    TIER = "UPDATE person SET tier = ?2 WHERE id = ?1";
    LANGUAGE = "UPDATE person SET language = ?2 WHERE id = ?1";
    ADD_IDENTITY = "INSERT INTO identity (person, kind, namespace, value, reversed, created_at, proof, proved_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?7 IS NULL, NULL, ?6))";
    PROVE = "UPDATE identity SET proof = ?4, proved_at = ?5 WHERE kind = ?1 AND namespace = ?2 AND value = ?3 AND proof IS NULL";
    PROVE_OF = "UPDATE identity SET proof = ?4, proved_at = ?5 WHERE kind = ?1 AND namespace = ?2 AND value = ?3 AND proof IS NULL AND person = ?6";
    REMOVE_IDENTITY = "DELETE FROM identity WHERE kind = ?1 AND namespace = ?2 AND value = ?3 AND person = ?4";
    CLEAR_TAGS = "DELETE FROM tag WHERE person = ?1";
    REMOVE_TAG = "DELETE FROM tag WHERE person = ?1 AND name = ?2";
    ADD_TAG = "INSERT INTO tag (person, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
}

/// The editable fields, all of them: a form sends the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    pub name: String,
    pub tier: Option<TierId>,
    pub language: Option<String>,
    pub dedicated_agent: Option<AgentId>,
    pub company: String,
    pub about: String,
}

/// Replaces the editable fields. [`StoreError::Missing`] without such a person.
pub async fn edit(store: &Store, person: PersonId, edit: Edit) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            let Edit { name, tier, language, dedicated_agent, company, about } = &edit;
            change(conn, EDIT, (person, name, tier, language, dedicated_agent, company, about), "person")?;
            search::index_person(conn, person)
        })
        .await
}

/// [`StoreError::Missing`] without such a person.
pub async fn set_tier(store: &Store, person: PersonId, tier: TierId) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, TIER, (person, &tier), "person")).await
}

/// BCP 47. [`StoreError::Missing`] without such a person.
pub async fn set_language(store: &Store, person: PersonId, language: String) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, LANGUAGE, (person, &language), "person")).await
}

/// Replaces the tags, without a word about it; empty and repeated names are dropped.
pub async fn set_tags(store: &Store, person: PersonId, tags: Vec<String>) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            run(conn, CLEAR_TAGS, [person])?;
            for tag in tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
                tag_row(conn, person, tag)?;
            }
            search::index_person(conn, person)
        })
        .await
}

/// One tag more, by an agent or a rule; the search's entry is the caller's.
pub(in crate::store) fn tag_row(conn: &Connection, person: PersonId, tag: &str) -> Result<(), StoreError> {
    run(conn, ADD_TAG, (person, tag)).map(drop)
}

pub(in crate::store) fn untag_row(conn: &Connection, person: PersonId, tag: &str) -> Result<(), StoreError> {
    run(conn, REMOVE_TAG, (person, tag)).map(drop)
}

/// Whoever has this identity has now proven that it is theirs; what was proven before stays as it was.
pub(in crate::store) fn prove(conn: &Connection, identity: &Identity, proof: Proof, at: At) -> Result<(), StoreError> {
    run(conn, PROVE, (&identity.kind, &identity.namespace, &identity.value, word(&proof), at)).map(drop)
}

/// The same, where it is this person's.
pub(in crate::store) fn prove_of(conn: &Connection, person: PersonId, identity: &Identity, proof: Proof, at: At) -> Result<(), StoreError> {
    run(conn, PROVE_OF, (&identity.kind, &identity.namespace, &identity.value, word(&proof), at, person)).map(drop)
}

/// What is another's by now stays theirs.
pub(in crate::store) fn remove_identity(conn: &Connection, person: PersonId, identity: &Identity) -> Result<(), StoreError> {
    run(conn, REMOVE_IDENTITY, (&identity.kind, &identity.namespace, &identity.value, person)).map(drop)
}

pub(in crate::store) fn insert_identity(
    conn: &Connection,
    person: PersonId,
    identity: &Identity,
    proof: Option<Proof>,
    at: At,
) -> Result<(), StoreError> {
    let reversed = (identity.kind == "phone").then(|| search::reversed_digits(&identity.value)).flatten();
    run(conn, ADD_IDENTITY, (person, &identity.kind, &identity.namespace, &identity.value, reversed, at, proof.map(|proof| word(&proof))))?;
    Ok(())
}
