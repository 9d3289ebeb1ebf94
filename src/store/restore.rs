//! What the process needs before it can decide again: the desk's own memory and the next call number.

use super::{Store, StoreError, open};
use crate::desk::step::LiveRow;
use rusqlite::Connection;
use std::path::Path;

statements! {
    LIVE_ROWS = "SELECT key, state FROM live ORDER BY key";
    LAST_CALL = "SELECT coalesce(max(id), 0) FROM call";
}

impl Store {
    /// The desk's memory as last committed, in key order. Blocking; for the start of the process.
    pub fn live_rows(&self) -> Result<Vec<LiveRow>, StoreError> {
        live_rows(&open::reader(self.data())?)
    }

    /// A call number that has never been used. Blocking; for the start of the process.
    pub fn next_call_id(&self) -> Result<u64, StoreError> {
        let last: i64 = open::reader(self.data())?.query_row(LAST_CALL, [], |row| row.get(0))?;
        let next = u64::try_from(last).map(|last| last + 1).map_err(|_| StoreError::Unreadable(format!("call {last}")))?;
        let folder = self.data().join("recordings");
        let beyond = beyond_recordings(&folder).map_err(|source| StoreError::io(folder.display().to_string(), source))?;
        Ok(next.max(beyond))
    }
}

/// The first number above those of all recordings. A call's acts leave before its facts are on disk, so a killed process (or a full disk)
/// may leave the recording of a call that the store never knew; its number must not come again, because no recording is overwritten.
fn beyond_recordings(folder: &Path) -> std::io::Result<u64> {
    let files = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        files => files?,
    };
    let mut beyond = 0;
    for file in files {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".wav")?.split('-').next()?.parse::<u64>().ok());
        beyond = beyond.max(number.map_or(0, |number| number.saturating_add(1)));
    }
    Ok(beyond)
}

pub(super) fn live_rows(conn: &Connection) -> Result<Vec<LiveRow>, StoreError> {
    let mut statement = conn.prepare_cached(LIVE_ROWS)?;
    let rows = statement.query_map([], |row| Ok(LiveRow { key: row.get(0)?, state: Some(row.get(1)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
