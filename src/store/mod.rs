//! The store: everything that lasts, in one SQLite file and two folders of plain files. SQL stands nowhere else.
//!
//! One writer thread commits many steps at once (`Store::record`); readers see the last commit. Each noun has a file whose
//! functions take the `Store` and give typed rows; its SQL stands beside them. What is waiting, ringing and open right now
//! is the desk's; the rows here are what was.

use crate::desk::step::Step;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Names SQL statements; a test prepares every one of them against the migrated schema.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        #[cfg(test)]
        pub(in crate::store) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
    };
}

pub mod access;
pub mod agents;
pub mod amendments;
pub mod app_push;
mod apply;
pub mod backup;
pub mod callbacks;
pub mod calls;
pub mod canned;
pub mod cases;
pub mod channel_events;
pub mod config;
pub mod continuations;
pub mod conversations;
pub mod day;
pub mod drafts;
mod error;
pub mod events;
pub mod figures;
pub mod files;
pub mod forms;
pub mod invites;
pub mod knowledge;
pub mod late_files;
pub mod listing;
pub mod logins;
pub mod macros;
pub mod messages;
pub mod notices;
mod open;
pub mod persons;
pub mod phones;
pub mod pieces;
pub mod proactive;
mod readers;
pub mod recordings;
pub mod records;
mod restore;
pub mod routing;
pub mod search;
pub mod sessions;
pub mod supervision;
pub mod surveys;
pub mod team;
pub mod templates;
pub mod threads;
pub mod tickets;
pub mod timeline;
pub mod told;
pub mod topics;
pub mod users;
mod values;
pub mod viewer;
pub mod views;
pub mod visits;
pub mod webhooks;
mod writer;

#[cfg(test)]
mod tests;

pub use error::StoreError;

/// The open store; clones share it. When the last is dropped, waiting writes are finished first.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    data: PathBuf,
    readers: readers::Readers,
    /// `None` while closing, and where nothing is written.
    jobs: Option<mpsc::Sender<Box<dyn writer::Job>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer had panicked");
        }
    }
}

impl Store {
    /// Opens `data/hubline.db` (made if absent), brings its schema up to date and makes `data/recordings/` and `data/files/`.
    ///
    /// Errors: [`StoreError::Newer`] for a database of a newer version, [`StoreError::NoWal`] where the file system cannot keep a log.
    pub fn open(data: &Path) -> Result<Store, StoreError> {
        let conn = open::writer(data)?;
        let readers = readers::Readers::open(data)?;
        let (jobs, queue) = mpsc::channel(writer::QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer::serve(conn, queue))
            .map_err(|error| StoreError::io("start the writer", error))?;
        Ok(Store(Arc::new(Inner { data: data.to_owned(), readers, jobs: Some(jobs), thread: Some(thread) })))
    }

    /// Opens the store to read alone, as it stands: nothing is made, brought up to date or written. For looking beside a running house.
    pub fn look(data: &Path) -> Result<Store, StoreError> {
        let readers = readers::Readers::open(data)?;
        Ok(Store(Arc::new(Inner { data: data.to_owned(), readers, jobs: None, thread: None })))
    }

    /// The data folder: recordings are in `recordings/`, uploads in `files/`.
    pub fn data(&self) -> &Path {
        &self.0.data
    }

    /// Writes the facts and the desk's memory of each step, all in one durable commit; answers after it, in the same order.
    ///
    /// Each step is whole or not at all: a step with a duplicate (a message heard twice) gives [`StoreError::Duplicate`] and
    /// leaves the others alone. If the commit fails, every step has an error and nothing was written. The number is the
    /// `event.seq` of the step's last fact, or the newest before it for a step without facts.
    pub async fn record(&self, steps: Vec<Arc<Step>>) -> Vec<Result<i64, StoreError>> {
        let count = steps.len();
        let (done, answer) = oneshot::channel();
        if let Err(error) = self.submit(Box::new(apply::Record::new(steps, done))).await {
            return vec![Err(error); count];
        }
        answer.await.unwrap_or_else(|_| vec![Err(StoreError::Closed); count])
    }

    /// Runs a write in its own savepoint of the next group commit; answers when it is durable. For functions in `store/` only.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (done, answer) = oneshot::channel();
        self.submit(Box::new(writer::Write { work: Some(work), result: None, done })).await?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Runs queries on a read-only connection, off the async threads. For functions in `store/` only.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.0.readers.read(work).await
    }

    async fn submit(&self, job: Box<dyn writer::Job>) -> Result<(), StoreError> {
        let jobs = self.0.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).await.map_err(|_| StoreError::Closed)
    }
}
