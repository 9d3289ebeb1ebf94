//! Forms that customers were sent, and what they answered. Until a form is answered, what is kept of it is the customer's alone; and all of
//! it is deleted when its time is over.

use super::values::{all, first, run, word_at, work_at};
use super::viewer::{SENSITIVE, Viewer, shown};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::FileRef;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

statements! {
    GET = "SELECT id, kind, person, work_kind, work, by, verdict, state, sent_at, until_at, answered_at, keep_until, ticket, judged_by,
        judged_at, reason, gone_at FROM form WHERE id = ?1";
    OF_TICKET = "SELECT id, kind, person, work_kind, work, by, verdict, state, sent_at, until_at, answered_at, keep_until, ticket, judged_by,
        judged_at, reason, gone_at FROM form WHERE ticket = ?1 ORDER BY answered_at DESC, id DESC LIMIT 20";
    OPEN = "SELECT id, kind, person, work_kind, work, by, verdict, state, sent_at, until_at, answered_at, keep_until, ticket, judged_by,
        judged_at, reason, gone_at FROM form WHERE person = ?1 AND state = 'sent' AND until_at > ?2 ORDER BY sent_at DESC LIMIT 20";
    ANSWERS = "SELECT a.field, a.kind, a.masked, a.value, a.file, f.name, f.mime, f.bytes FROM form_answer a
        LEFT JOIN file f ON f.id = a.file WHERE a.form = ?1 ORDER BY a.place";
    KEEP = "INSERT INTO form_answer (form, field, place, kind, masked, value, file, at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM form WHERE id = ?1 AND answered_at IS NULL AND gone_at IS NULL)
        ON CONFLICT (form, field) DO UPDATE SET place = excluded.place, kind = excluded.kind, masked = excluded.masked,
            value = excluded.value, file = excluded.file, at = excluded.at";
    // What the customer has pictured themselves stays.
    FILL = "INSERT INTO form_answer (form, field, place, kind, masked, value, file, at)
        SELECT ?1, ?2, ?3, 'photo', 0, 'video', ?4, ?5
        WHERE EXISTS (SELECT 1 FROM form WHERE id = ?1 AND state IN ('sent', 'answered') AND gone_at IS NULL)
        ON CONFLICT (form, field) DO UPDATE SET value = excluded.value, file = excluded.file, at = excluded.at
            WHERE form_answer.file IS NULL OR form_answer.value = 'video'";
    BESIDE = "INSERT INTO form_answer (form, field, place, kind, masked, value, file, at)
        SELECT ?1, ?2, ?3, 'photo', 0, 'video', ?4, ?5
        WHERE EXISTS (SELECT 1 FROM form WHERE id = ?1 AND state IN ('sent', 'answered') AND gone_at IS NULL)
        ON CONFLICT (form, field) DO UPDATE SET file = excluded.file, at = excluded.at";
    OVER = "SELECT id FROM form WHERE gone_at IS NULL
        AND (keep_until <= ?1 OR state = 'withdrawn' OR state = 'expired' OR state = 'sent' AND until_at <= ?1) LIMIT 500";
    DELETE = "DELETE FROM form_answer WHERE form = ?1";
    GONE = "UPDATE form SET gone_at = ?2 WHERE id = ?1";
}

/// How far a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormState {
    Sent,
    Answered,
    Accepted,
    Refused,
    Expired,
    Withdrawn,
}

/// One form that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    pub id: FormId,
    pub kind: FormKind,
    pub person: PersonId,
    pub work: Work,
    pub by: AgentId,
    /// Somebody judges the answers.
    pub verdict: bool,
    pub state: FormState,
    pub sent_at: At,
    pub until_at: At,
    pub answered_at: Option<At>,
    /// The answers are deleted then.
    pub keep_until: Option<At>,
    pub ticket: Option<TicketId>,
    pub judged_by: Option<AgentId>,
    pub judged_at: Option<At>,
    pub reason: Option<String>,
    pub gone_at: Option<At>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub field: String,
    /// A word of the configuration: `text`, `photo`, …
    pub kind: String,
    pub masked: bool,
    /// As the viewer may see it; empty for what was left out and for a file, `video` for one that was taken of a call's picture.
    pub value: String,
    pub file: Option<FileRef>,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub field: String,
    /// Its place in the form.
    pub place: u32,
    pub kind: &'static str,
    pub masked: bool,
    pub value: String,
    pub file: Option<FileId>,
}

/// A form with its answers, once there are some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub form: FormRow,
    pub answers: Vec<Answer>,
}

/// One form as this viewer may see it: without answers until it is answered, and without files, unless they may be opened (see `access`).
pub async fn get(store: &Store, viewer: &Viewer, id: FormId) -> Result<Option<Form>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            let Some(form) = first(conn, GET, [id], form_row)? else { return Ok(None) };
            whole(conn, form, &viewer).map(Some)
        })
        .await
}

/// The forms that are kept with a ticket, newest first.
pub async fn of_ticket(store: &Store, viewer: &Viewer, ticket: TicketId) -> Result<Vec<Form>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            let rows = all(conn, OF_TICKET, [ticket], form_row)?;
            rows.into_iter().map(|form| whole(conn, form, &viewer)).collect()
        })
        .await
}

/// What a person was sent and has not filled in yet, newest first.
pub async fn open(store: &Store, person: PersonId, now: At) -> Result<Vec<FormRow>, StoreError> {
    store.read(move |conn| all(conn, OPEN, (person, now), form_row)).await
}

/// One form for its own customer, with what they have answered so far.
pub async fn for_customer(store: &Store, id: FormId) -> Result<Option<Form>, StoreError> {
    store
        .read(move |conn| {
            let Some(form) = first(conn, GET, [id], form_row)? else { return Ok(None) };
            let answers = all(conn, ANSWERS, [id], |row| answer_row(row, None))?;
            Ok(Some(Form { form, answers }))
        })
        .await
}

/// Keeps answers of a form that is still open; for one that is not, nothing is kept.
pub async fn keep(store: &Store, id: FormId, answers: Vec<Kept>, at: At) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            for a in &answers {
                run(conn, KEEP, (id, &a.field, a.place, a.kind, a.masked, &a.value, a.file, at))?;
            }
            Ok(())
        })
        .await
}

/// Before the field of an answer that was taken of a call's picture though the customer has sent one themselves.
pub const BESIDE_THEIRS: &str = "video-";
/// The value of an answer that was taken of a call's picture.
pub const FROM_VIDEO: &str = "video";
/// Such answers stand behind all others.
const BEHIND: u32 = 1_000;

/// Keeps a picture that an agent has taken of what the customer shows in a call, with a form that waits for its answers or for a verdict. It
/// answers a field that the customer has not pictured themselves, and stands beside their own picture else; another of the same field takes its
/// place. `false`: the form does not wait any more.
pub async fn keep_shown(store: &Store, id: FormId, field: &str, place: u32, file: FileId, at: At) -> Result<bool, StoreError> {
    let (field, beside) = (field.to_owned(), format!("{BESIDE_THEIRS}{field}"));
    store
        .write(move |conn| {
            let filled = run(conn, FILL, (id, field, place, file, at))? > 0;
            Ok(filled || run(conn, BESIDE, (id, beside, BEHIND + place, file, at))? > 0)
        })
        .await
}

/// Deletes the answers of forms whose time is over; gives how many forms. Their files are then nobody's, and are removed with such.
pub async fn purge(store: &Store, now: At) -> Result<usize, StoreError> {
    store
        .write(move |conn| {
            let over = all(conn, OVER, [now], |row| row.get::<_, FormId>(0))?;
            for id in &over {
                run(conn, DELETE, [id])?;
                run(conn, GONE, (id, now))?;
            }
            Ok(over.len())
        })
        .await
}

fn whole(conn: &Connection, form: FormRow, viewer: &Viewer) -> Result<Form, StoreError> {
    let answers = match form.answered_at {
        Some(_) => all(conn, ANSWERS, [form.id], |row| answer_row(row, Some(viewer)))?,
        None => Vec::new(),
    };
    Ok(Form { form, answers })
}

fn form_row(row: &Row<'_>) -> rusqlite::Result<FormRow> {
    Ok(FormRow {
        id: row.get("id")?,
        kind: row.get("kind")?,
        person: row.get("person")?,
        work: work_at(row)?,
        by: row.get("by")?,
        verdict: row.get("verdict")?,
        state: word_at(row, "state")?,
        sent_at: row.get("sent_at")?,
        until_at: row.get("until_at")?,
        answered_at: row.get("answered_at")?,
        keep_until: row.get("keep_until")?,
        ticket: row.get("ticket")?,
        judged_by: row.get("judged_by")?,
        judged_at: row.get("judged_at")?,
        reason: row.get("reason")?,
        gone_at: row.get("gone_at")?,
    })
}

fn answer_row(row: &Row<'_>, viewer: Option<&Viewer>) -> rusqlite::Result<Answer> {
    let (kind, value, masked): (String, String, bool) = (row.get("kind")?, row.get("value")?, row.get("masked")?);
    let value = match viewer {
        Some(viewer) => shown(viewer, if masked { SENSITIVE } else { kind.as_str() }, &value),
        None => value,
    };
    let file = match row.get::<_, Option<FileId>>("file")? {
        Some(id) => row.get::<_, Option<String>>("name")?.map(|name| {
            Ok::<_, rusqlite::Error>(FileRef { id, name, mime: row.get("mime")?, bytes: row.get::<_, i64>("bytes")?.unsigned_abs() })
        }),
        None => None,
    };
    Ok(Answer { field: row.get("field")?, kind, masked, value, file: file.transpose()? })
}
