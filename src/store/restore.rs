//! What the process needs before it can decide again: the desk's own memory and the next call number.

use super::{Store, StoreError, open};
use crate::desk::step::LiveRow;
use rusqlite::Connection;

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
        u64::try_from(last).map(|last| last + 1).map_err(|_| StoreError::Unreadable(format!("call {last}")))
    }
}

pub(super) fn live_rows(conn: &Connection) -> Result<Vec<LiveRow>, StoreError> {
    let mut statement = conn.prepare_cached(LIVE_ROWS)?;
    let rows = statement.query_map([], |row| Ok(LiveRow { key: row.get(0)?, state: Some(row.get(1)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
