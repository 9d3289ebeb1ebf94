//! A few read-only connections for lists, history and reports: they see the last commit and never wait for the writer.

use super::StoreError;
use super::open;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// More would not be quicker: the pages live in the system's cache, and SQLite reads are short.
pub(super) const READERS: usize = 4;

/// The pool.
pub(super) struct Readers {
    free: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(data: &Path) -> Result<Arc<Readers>, StoreError> {
        let free = (0..READERS).map(|_| open::reader(data)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Readers { free: Mutex::new(free), permits: Arc::new(Semaphore::new(READERS)) }))
    }

    /// Waits for a free connection.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, StoreError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let conn = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().ok_or(StoreError::Closed)?;
        Ok(Lent { conn: Some(conn), pool: self.clone(), _permit: permit })
    }
}

/// A connection that goes back by itself, also after a panic.
pub(super) struct Lent {
    conn: Option<Connection>,
    pool: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    /// Runs one set of queries on one consistent picture. Keep it short: a long read stops the log from being folded back.
    pub(super) fn read<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let conn = self.conn.as_mut().ok_or(StoreError::Closed)?;
        let tx = conn.transaction()?;
        work(&tx)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}
