//! What a house keeps of a customer besides: fields of its configuration.

use crate::desk::id::*;
use crate::store::values::{all, run};
use crate::store::{Store, StoreError};
use rusqlite::Connection;
use std::collections::BTreeMap;

statements! {
    SET = "INSERT INTO person_field (person, field, value) VALUES (?1, ?2, ?3) ON CONFLICT (person, field) DO UPDATE SET value = excluded.value";
    CLEAR = "DELETE FROM person_field WHERE person = ?1 AND field = ?2";
    ALL = "SELECT field, value FROM person_field WHERE person = ?1 ORDER BY field";
    ADD = "INSERT INTO person_field (person, field, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    TAKE_BACK = "DELETE FROM person_field WHERE person = ?1 AND field = ?2 AND value = ?3";
}

/// Fields of a customer as they are kept: whoever shows them covers those that are masked.
pub async fn fields(store: &Store, person: PersonId) -> Result<BTreeMap<String, String>, StoreError> {
    store.read(move |conn| all_of(conn, person)).await
}

/// Sets these; an empty value takes the field away, others stay.
pub async fn set_fields(store: &Store, person: PersonId, values: BTreeMap<String, String>) -> Result<(), StoreError> {
    store.write(move |conn| set_all(conn, person, &values)).await
}

pub(super) fn all_of(conn: &Connection, person: PersonId) -> Result<BTreeMap<String, String>, StoreError> {
    Ok(all(conn, ALL, [person], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

pub(super) fn set_all(conn: &Connection, person: PersonId, values: &BTreeMap<String, String>) -> Result<(), StoreError> {
    for (field, value) in values {
        match value.is_empty() {
            true => run(conn, CLEAR, (person, field))?,
            false => run(conn, SET, (person, field, value))?,
        };
    }
    Ok(())
}

/// What one lacks comes from the other; gives what came.
pub(super) fn join(conn: &Connection, person: PersonId, other: PersonId) -> Result<Vec<(String, String)>, StoreError> {
    let own = all_of(conn, person)?;
    let lacking: Vec<(String, String)> = all_of(conn, other)?.into_iter().filter(|(field, _)| !own.contains_key(field)).collect();
    for (field, value) in &lacking {
        run(conn, ADD, (person, field, value))?;
    }
    Ok(lacking)
}

/// Takes back what came, where nobody has changed it since.
pub(super) fn part(conn: &Connection, person: PersonId, came: &[(String, String)]) -> Result<(), StoreError> {
    for (field, value) in came {
        run(conn, TAKE_BACK, (person, field, value))?;
    }
    Ok(())
}
