//! The one writer: an OS thread that gathers waiting jobs into one transaction, commits once, and only then answers them all.
//! With synchronous=FULL a commit costs a disk flush of some milliseconds; while it runs the next jobs gather.

use super::StoreError;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{mpsc, oneshot};

/// Waiting writes; when full, the asker waits for room (the switchboard bounds its own backlog before this one).
pub(super) const QUEUE: usize = 1_024;
/// Jobs in one transaction: more would only make the first of them wait longer.
const BATCH: usize = 256;

/// Something to write, and somebody who waits to hear that it is on disk.
pub(super) trait Job: Send {
    /// Writes within the open transaction, each independent part in a [`savepoint`].
    fn run(&mut self, conn: &Connection);
    /// `Ok` after the commit; `Err` when nothing of it was written.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// One closure in one savepoint.
pub(super) struct Write<F, T> {
    pub work: Option<F>,
    pub result: Option<Result<T, StoreError>>,
    pub done: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Write<F, T>
where
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection) {
        if let Some(work) = self.work.take() {
            self.result = Some(savepoint(conn, work));
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            // Its own error says more than that of the commit it shared.
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(result), Ok(())) => result,
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Nobody waits any more (a page was closed): the row is written all the same.
        let _ = self.done.send(result);
    }
}

/// Runs `work` so that its error or panic undoes only its own rows.
///
/// A full disk can make SQLite roll the whole transaction back; nothing may then run in its place, or it would commit by itself.
pub(super) fn savepoint<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if conn.is_autocommit() {
        return Err(StoreError::RolledBack);
    }
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Err(StoreError::Panicked(
            text.unwrap_or_else(|| "no message".into()),
        ))
    });
    if conn.is_autocommit() {
        return Err(result.err().unwrap_or(StoreError::RolledBack));
    }
    if result.is_err() {
        conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    conn.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// Serves jobs until every sender is gone.
pub(super) fn serve(mut conn: Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut waiting = VecDeque::with_capacity(BATCH);
    while let Some(first) = jobs.blocking_recv() {
        waiting.push_back(first);
        while waiting.len() < BATCH {
            match jobs.try_recv() {
                Ok(job) => waiting.push_back(job),
                Err(_) => break,
            }
        }
        while !waiting.is_empty() {
            commit(&mut conn, &mut waiting);
        }
    }
    if let Err(error) = conn.execute_batch("PRAGMA optimize") {
        tracing::warn!(%error, "the database could not be optimised at the end");
    }
}

/// One transaction with as many of the waiting jobs as it can hold; answers those it took.
fn commit(conn: &mut Connection, waiting: &mut VecDeque<Box<dyn Job>>) {
    let mut taken = Vec::with_capacity(waiting.len());
    let mut committed = conn
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(StoreError::from);
    if committed.is_err() {
        taken.extend(waiting.drain(..));
    }
    while committed.is_ok() {
        let Some(mut job) = waiting.pop_front() else {
            break;
        };
        job.run(conn);
        taken.push(job);
        if conn.is_autocommit() {
            // SQLite gave the transaction up: those before failed with it, those after get one of their own.
            committed = Err(StoreError::RolledBack);
        }
    }
    if committed.is_ok() {
        committed = conn.execute_batch("COMMIT").map_err(StoreError::from);
    }
    if let Err(error) = &committed {
        tracing::error!(%error, jobs = taken.len(), "a commit failed; nothing of it was written");
        if !conn.is_autocommit()
            && let Err(error) = conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the failed transaction could not be rolled back");
        }
    }
    for job in taken {
        job.answer(committed.clone());
    }
}
