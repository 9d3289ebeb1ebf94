//! The one writer: an OS thread that gathers waiting jobs into one transaction, commits once, and only then answers them all.
//! With synchronous=FULL a commit costs a disk flush of some milliseconds; while it runs the next jobs gather.

use super::StoreError;
use rusqlite::Connection;
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
    /// Runs after all jobs of the transaction, outside their savepoints; an error here fails the whole transaction.
    fn finish(&mut self, _conn: &Connection) -> Result<(), StoreError> {
        Ok(())
    }
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
pub(super) fn savepoint<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    if conn.is_autocommit() {
        return Err(StoreError::RolledBack);
    }
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
    if conn.is_autocommit() {
        return Err(result.err().unwrap_or(StoreError::RolledBack));
    }
    if result.is_err() {
        conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    conn.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// What a panic said.
pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> StoreError {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    StoreError::Panicked(text.unwrap_or_else(|| "no message".into()))
}

/// Serves jobs until every sender is gone.
pub(super) fn serve(mut conn: Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = jobs.blocking_recv() {
        commit(&mut conn, first, &mut jobs);
    }
    if let Err(error) = conn.execute_batch("PRAGMA optimize") {
        tracing::warn!(%error, "the database could not be optimised at the end");
    }
}

/// One transaction with the first job and those that come while it works, then the answers.
fn commit(conn: &mut Connection, first: Box<dyn Job>, jobs: &mut mpsc::Receiver<Box<dyn Job>>) {
    let mut taken = Vec::with_capacity(BATCH);
    let committed = work(conn, first, jobs, &mut taken);
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

fn work(
    conn: &mut Connection,
    first: Box<dyn Job>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    taken: &mut Vec<Box<dyn Job>>,
) -> Result<(), StoreError> {
    let begun = conn.execute_batch("BEGIN IMMEDIATE");
    let mut next = Some(first);
    while let Some(mut job) = next {
        if begun.is_ok() {
            job.run(conn);
        }
        taken.push(job);
        // SQLite may give the whole transaction up, as on a full disk; those not taken yet get one of their own.
        if conn.is_autocommit() {
            return Err(begun.map_or_else(StoreError::from, |()| StoreError::RolledBack));
        }
        // Asked for after each job: those answered by the last commit are just coming back with their next.
        next = if taken.len() < BATCH { jobs.try_recv().ok() } else { None };
    }
    catch_unwind(AssertUnwindSafe(|| taken.iter_mut().try_for_each(|job| job.finish(conn))))
        .unwrap_or_else(|panic| Err(panicked(panic.as_ref())))?;
    Ok(conn.execute_batch("COMMIT")?)
}
