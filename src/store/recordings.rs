//! Recordings: which file belongs to which call. The audio is in `data/recordings/`, named by `file`, never by a path.

use super::values::{Count, all, change, maybe_count_at, word_at};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

statements! {
    OF_CALL = "SELECT file, call, state, paused, started_at, millis, bytes, films, error FROM recording WHERE call = ?1 ORDER BY started_at, file";
    OPEN = "SELECT file, call, state, paused, started_at, millis, bytes, films, error FROM recording WHERE state = 'recording' ORDER BY file";
    REPAIRED = "UPDATE recording SET state = 'done', millis = ?2, bytes = ?3, films = ?4 WHERE file = ?1";
}

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    Recording,
    Done,
    Failed,
}

/// One recorded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRow {
    /// The name within `data/recordings/`.
    pub file: String,
    pub call: CallId,
    pub state: RecordingState,
    pub paused: bool,
    pub started_at: At,
    pub millis: Option<u64>,
    pub bytes: Option<u64>,
    /// Whose pictures lie beside it: `customer`, `agent`.
    pub films: String,
    pub error: Option<String>,
}

/// The recordings of a call, in order.
pub async fn of_call(store: &Store, call: CallId) -> Result<Vec<RecordingRow>, StoreError> {
    store.read(move |conn| of_call_in(conn, call)).await
}

/// Those that the last process left open: their headers are to be repaired before anyone plays them.
pub async fn left_open(store: &Store) -> Result<Vec<RecordingRow>, StoreError> {
    store.read(|conn| all(conn, OPEN, [], recording_row)).await
}

/// Notes what a repair found: the length, and whose pictures.
pub async fn repaired(store: &Store, file: &str, millis: u64, bytes: u64, films: &str) -> Result<(), StoreError> {
    let (file, films) = (file.to_owned(), films.to_owned());
    store.write(move |conn| change(conn, REPAIRED, (file, Count(millis), Count(bytes), films), "recording")).await
}

pub(super) fn of_call_in(conn: &Connection, call: CallId) -> Result<Vec<RecordingRow>, StoreError> {
    all(conn, OF_CALL, [call], recording_row)
}

fn recording_row(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    Ok(RecordingRow {
        file: row.get("file")?,
        call: row.get("call")?,
        state: word_at(row, "state")?,
        paused: row.get("paused")?,
        started_at: row.get("started_at")?,
        millis: maybe_count_at(row, "millis")?,
        bytes: maybe_count_at(row, "bytes")?,
        films: row.get("films")?,
        error: row.get("error")?,
    })
}
