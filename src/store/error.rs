//! What can go wrong between a wish and the disk. Cheap to clone, because one failed commit answers many waiting writers.

use rusqlite::ErrorCode;
use std::sync::Arc;

/// Why something was not read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row; the text names the index's columns. Nothing of that step was written.
    #[error("already there: {0}")]
    Duplicate(String),
    /// The row that was to be changed is not there, or a row refers to one that is not there.
    #[error("not there: {0}")]
    Missing(String),
    /// The value cannot be taken; the text is for developers, not for pages.
    #[error("not acceptable: {0}")]
    Invalid(String),
    /// No space left on the disk, or the file system refuses to write.
    #[error("the disk is full or refuses to write: {0}")]
    DiskFull(String),
    /// Another write of the same commit failed: the whole commit was taken back, or this write waits for that one.
    #[error("rolled back together with a failed write")]
    RolledBack,
    /// A row holds something that this version cannot read.
    #[error("unreadable row: {0}")]
    Unreadable(String),
    /// The database was written by a newer Hubline.
    #[error("the database has schema {found}, this version knows {known}: install the newer Hubline again, or restore a backup")]
    Newer { found: i64, known: i64 },
    /// The file system cannot keep a write-ahead log (some network and overlay file systems).
    #[error("the data folder cannot hold a write-ahead log: SQLite answered journal mode {0:?}")]
    NoWal(String),
    /// The code of a job panicked; its savepoint was rolled back.
    #[error("a write panicked: {0}")]
    Panicked(String),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// A backup that is damaged, incomplete or not ours.
    #[error("not a usable backup: {0}")]
    Archive(String),
    #[error("{what}: {source}")]
    Io { what: String, source: Arc<std::io::Error> },
    #[error(transparent)]
    Sqlite(Arc<rusqlite::Error>),
}

impl StoreError {
    /// Whether trying the same write again is of no use. A full disk is emptied some day; a duplicate stays one.
    pub fn is_permanent(&self) -> bool {
        match self {
            StoreError::DiskFull(_) | StoreError::RolledBack | StoreError::Io { .. } | StoreError::Closed => false,
            // Another process holds the lock, a migration or a restore: over in a moment.
            StoreError::Sqlite(error) => !matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)),
            StoreError::Duplicate(_)
            | StoreError::Missing(_)
            | StoreError::Invalid(_)
            | StoreError::Unreadable(_)
            | StoreError::Newer { .. }
            | StoreError::NoWal(_)
            | StoreError::Panicked(_)
            | StoreError::Archive(_) => true,
        }
    }

    /// An input or output error with what was being done.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> StoreError {
        if matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
            return StoreError::DiskFull(source.to_string());
        }
        StoreError::Io { what: what.into(), source: Arc::new(source) }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::ffi;
        match &error {
            rusqlite::Error::SqliteFailure(failure, text) => {
                let text = || text.clone().unwrap_or_else(|| failure.to_string());
                match (failure.code, failure.extended_code) {
                    (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
                        StoreError::Duplicate(text().trim_start_matches("UNIQUE constraint failed: ").to_owned())
                    }
                    (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => StoreError::Missing(text()),
                    (ErrorCode::DiskFull | ErrorCode::SystemIoFailure, _) => StoreError::DiskFull(text()),
                    _ => StoreError::Sqlite(Arc::new(error)),
                }
            }
            rusqlite::Error::QueryReturnedNoRows => StoreError::Missing("no such row".into()),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Unreadable(error.to_string()),
            _ => StoreError::Sqlite(Arc::new(error)),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> StoreError {
        StoreError::Unreadable(error.to_string())
    }
}
