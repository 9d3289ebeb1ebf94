//! Lists of customers that somebody brings in: the file as it came, what its columns are, and how far it is. And the whole list, to be taken away.

use super::{Edit, tags_of};
use crate::desk::id::*;
use crate::desk::person::{Consent, Identity};
use crate::store::values::{all, change, count_at, first, from_word, run, word, word_at};
use crate::store::viewer::{Viewer, shown};
use crate::store::{Store, StoreError, search};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

statements! {
    CREATE = "INSERT INTO person_import (name, by, at, state, text, mapping) VALUES (?1, ?2, ?3, 'new', ?4, '[]')";
    LIST = "SELECT id, name, by, at, state, '' AS text, mapping, total, done, added, changed, skipped, problems FROM person_import
        ORDER BY id DESC LIMIT 50";
    GET = "SELECT id, name, by, at, state, text, mapping, total, done, added, changed, skipped, problems FROM person_import WHERE id = ?1";
    MAP = "UPDATE person_import SET mapping = ?2 WHERE id = ?1 AND state = 'new'";
    BEGIN = "UPDATE person_import SET state = 'running', total = ?2 WHERE id = ?1 AND state = 'new'";
    GO_ON = "UPDATE person_import SET done = ?2, added = ?3, changed = ?4, skipped = ?5, problems = ?6 WHERE id = ?1";
    END = "UPDATE person_import SET state = ?2, text = '' WHERE id = ?1";
    // Nobody goes on with what another process had begun.
    BROKEN = "UPDATE person_import SET state = 'broken', text = '' WHERE state = 'running'";
    WHOSE = "SELECT person FROM identity WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    FIELDS = "SELECT name, tier, language, dedicated_agent, company, about, consent FROM person WHERE id = ?1";
    CHANGE = "UPDATE person SET name = ?2, tier = ?3, language = ?4, company = ?5, about = ?6, consent = ?7, consent_by = iif(consent = ?7, consent_by, ?8),
        consent_at = iif(consent = ?7, consent_at, ?9), dedicated_agent = ?10 WHERE id = ?1";
    ADD_TAG = "INSERT INTO tag (person, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    ADD_IDENTITY = "INSERT INTO identity (person, kind, namespace, value, reversed, created_at, proof, proved_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'list', ?6) ON CONFLICT DO NOTHING";
    EVERYBODY = "SELECT id, name, company, about, tier, language, dedicated_agent, consent, blocked FROM person
        WHERE merged_into IS NULL AND id > ?1 ORDER BY id LIMIT ?2";
    NUMBERS = "SELECT kind, value FROM identity WHERE person = ?1 AND kind IN ('phone', 'email', 'record') AND namespace = '' ORDER BY id";
}

/// One list.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: i64,
    pub name: String,
    pub by: AgentId,
    pub at: At,
    /// `new`, `running`, `done`, `failed`, or `broken` by a restart.
    pub state: String,
    /// The file, until it is done.
    pub text: String,
    /// What each column is; empty for one that is left out.
    pub mapping: Vec<String>,
    pub progress: Progress,
}

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub total: u64,
    pub done: u64,
    pub added: u64,
    pub changed: u64,
    pub skipped: u64,
    /// Rows that were left out, and the word of why; the first hundred.
    pub problems: Vec<(u64, String)>,
}

/// A row as it is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub identities: Vec<Identity>,
    pub tier: Option<TierId>,
    pub language: Option<String>,
    /// The agent who always serves them first.
    pub dedicated: Option<AgentId>,
    pub company: String,
    pub about: String,
    pub consent: Option<Consent>,
    pub tags: Vec<String>,
    pub fields: BTreeMap<String, String>,
}

/// Whom a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Nobody,
    One(PersonId),
    /// Its numbers belong to different people, who are not joined by a list.
    Several,
}

/// One line of the list that is taken away; values as the viewer may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: PersonId,
    pub name: String,
    pub company: String,
    pub about: String,
    pub tier: Option<TierId>,
    pub language: Option<String>,
    pub dedicated: Option<AgentId>,
    pub consent: Consent,
    pub blocked: bool,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    /// By which the firm's own system knows them.
    pub records: Vec<String>,
    pub tags: Vec<String>,
    pub fields: BTreeMap<String, String>,
}

pub async fn create(store: &Store, name: &str, by: AgentId, text: String, at: At) -> Result<i64, StoreError> {
    let name = name.to_owned();
    store
        .write(move |conn| {
            run(conn, CREATE, (name, by, at, text))?;
            Ok(conn.last_insert_rowid())
        })
        .await
}

pub async fn list(store: &Store) -> Result<Vec<Import>, StoreError> {
    store.read(|conn| all(conn, LIST, [], import_row)).await
}

pub async fn get(store: &Store, id: i64) -> Result<Option<Import>, StoreError> {
    store.read(move |conn| first(conn, GET, [id], import_row)).await
}

/// [`StoreError::Missing`] once it has begun.
pub async fn map(store: &Store, id: i64, mapping: Vec<String>) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, MAP, (id, serde_json::to_string(&mapping)?), "import")).await
}

/// Begins it, once: [`StoreError::Missing`] when it has begun.
pub async fn begin(store: &Store, id: i64, total: u64) -> Result<(), StoreError> {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    store.write(move |conn| change(conn, BEGIN, (id, total), "import")).await
}

pub async fn go_on(store: &Store, id: i64, progress: Progress) -> Result<(), StoreError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    store
        .write(move |conn| {
            let Progress { done, added, changed, skipped, problems, .. } = &progress;
            let problems = serde_json::to_string(problems)?;
            change(conn, GO_ON, (id, number(*done), number(*added), number(*changed), number(*skipped), problems), "import")
        })
        .await
}

/// `done` or `failed`; the file is forgotten.
pub async fn end(store: &Store, id: i64, state: &'static str) -> Result<(), StoreError> {
    store.write(move |conn| change(conn, END, (id, state), "import")).await
}

/// At the start: what another process had begun is over.
pub async fn broken(store: &Store) -> Result<(), StoreError> {
    store.write(|conn| run(conn, BROKEN, []).map(drop)).await
}

/// Whom each row is about.
pub async fn matches(store: &Store, rows: Vec<Vec<Identity>>) -> Result<Vec<Match>, StoreError> {
    store.read(move |conn| rows.iter().map(|identities| match_of(conn, identities)).collect()).await
}

fn match_of(conn: &Connection, identities: &[Identity]) -> Result<Match, StoreError> {
    let mut found = Match::Nobody;
    for Identity { kind, namespace, value } in identities {
        let Some(person) = first(conn, WHOSE, (kind, namespace, value), |row| row.get::<_, PersonId>(0))? else { continue };
        found = match found {
            Match::Nobody => Match::One(person),
            Match::One(other) if other == person => found,
            Match::One(_) | Match::Several => Match::Several,
        };
    }
    Ok(found)
}

/// Writes what rows say of people who are there; what a row leaves empty stays as it is.
pub async fn write(store: &Store, entries: Vec<(PersonId, Entry)>, by: AgentId, at: At) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            for (person, entry) in &entries {
                write_one(conn, *person, entry, &by, at)?;
            }
            Ok(())
        })
        .await
}

fn write_one(conn: &Connection, person: PersonId, entry: &Entry, by: &AgentId, at: At) -> Result<(), StoreError> {
    let read = |row: &Row<'_>| {
        let edit = Edit {
            name: row.get("name")?,
            tier: row.get("tier")?,
            language: row.get("language")?,
            dedicated_agent: row.get("dedicated_agent")?,
            company: row.get("company")?,
            about: row.get("about")?,
        };
        Ok((edit, word_at::<Consent>(row, "consent")?))
    };
    let Some((was, consent)) = first(conn, FIELDS, [person], read)? else { return Ok(()) };
    let words = |new: &String, was: String| if new.is_empty() { was } else { new.clone() };
    let consent = entry.consent.unwrap_or(consent);
    let (name, company, about) = (words(&entry.name, was.name), words(&entry.company, was.company), words(&entry.about, was.about));
    let (tier, language) = (entry.tier.clone().or(was.tier), entry.language.clone().or(was.language));
    let dedicated = entry.dedicated.clone().or(was.dedicated_agent);
    run(conn, CHANGE, (person, name, tier, language, company, about, word(&consent), by, at, dedicated))?;
    for identity in &entry.identities {
        let reversed = (identity.kind == "phone").then(|| search::reversed_digits(&identity.value)).flatten();
        run(conn, ADD_IDENTITY, (person, &identity.kind, &identity.namespace, &identity.value, reversed, at))?;
    }
    for tag in &entry.tags {
        run(conn, ADD_TAG, (person, tag))?;
    }
    super::fields::set_all(conn, person, &entry.fields)?;
    search::index_person(conn, person)
}

/// Everybody after this one, by number.
pub async fn lines(store: &Store, viewer: &Viewer, after: PersonId, limit: u32) -> Result<Vec<Line>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            let mut lines = all(conn, EVERYBODY, (after, limit), |row| {
                Ok(Line {
                    id: row.get("id")?,
                    name: row.get("name")?,
                    company: row.get("company")?,
                    about: row.get("about")?,
                    tier: row.get("tier")?,
                    language: row.get("language")?,
                    dedicated: row.get("dedicated_agent")?,
                    consent: word_at(row, "consent")?,
                    blocked: row.get("blocked")?,
                    phones: Vec::new(),
                    emails: Vec::new(),
                    records: Vec::new(),
                    tags: Vec::new(),
                    fields: BTreeMap::new(),
                })
            })?;
            for line in &mut lines {
                let known = all(conn, NUMBERS, [line.id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
                for (kind, value) in known {
                    let value = shown(&viewer, &kind, &value);
                    match kind.as_str() {
                        "phone" => line.phones.push(value),
                        "record" => line.records.push(value),
                        _ => line.emails.push(value),
                    }
                }
                line.tags = tags_of(conn, line.id)?;
                line.fields = super::fields::all_of(conn, line.id)?;
            }
            Ok(lines)
        })
        .await
}

fn import_row(row: &Row<'_>) -> rusqlite::Result<Import> {
    let json = |column: &str| row.get::<_, String>(column);
    Ok(Import {
        id: row.get("id")?,
        name: row.get("name")?,
        by: row.get("by")?,
        at: row.get("at")?,
        state: row.get("state")?,
        text: row.get("text")?,
        mapping: serde_json::from_str(&json("mapping")?).unwrap_or_default(),
        progress: Progress {
            total: count_at(row, "total")?,
            done: count_at(row, "done")?,
            added: count_at(row, "added")?,
            changed: count_at(row, "changed")?,
            skipped: count_at(row, "skipped")?,
            problems: serde_json::from_str(&json("problems")?).unwrap_or_default(),
        },
    })
}

/// A consent as a list writes it; `None` for a word that is none.
pub fn consent_of(text: &str) -> Option<Consent> {
    from_word(&text.trim().to_lowercase()).ok()
}
