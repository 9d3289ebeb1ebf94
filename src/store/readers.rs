//! A few read-only connections for lists, history and reports, each in a thread of its own: they see the last commit and never wait for the writer.
//!
//! A query waits in their line, not in the task that asks: a task that is not polled for a while holds no connection back.

use super::StoreError;
use super::open;
use super::writer::panicked;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// More would not be quicker: the pages live in the system's cache, and SQLite reads are short.
const READERS: usize = 4;

type Query = Box<dyn FnOnce(&mut Connection) + Send>;

/// The pool; dropping it waits for the queries that run.
pub(super) struct Readers {
    /// `None` while closing.
    queries: Option<Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn open(data: &Path) -> Result<Readers, StoreError> {
        let (queries, line) = channel();
        let line = Arc::new(Mutex::new(line));
        let thread = |n| {
            let (conn, line) = (open::reader(data)?, line.clone());
            let thread = std::thread::Builder::new().name(format!("store-reader-{n}"));
            thread.spawn(move || serve(conn, &line)).map_err(|error| StoreError::io("start a reader", error))
        };
        let threads = (0..READERS).map(thread).collect::<Result<_, _>>()?;
        Ok(Readers { queries: Some(queries), threads })
    }

    /// Runs one set of queries on one consistent picture. Keep it short: a long read stops the log from being folded back.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (done, answer) = oneshot::channel();
        let query = move |conn: &mut Connection| {
            // Nobody waits any more (a page was closed).
            if done.is_closed() {
                return;
            }
            let _ = done.send(picture(conn, work));
        };
        let queries = self.queries.as_ref().ok_or(StoreError::Closed)?;
        queries.send(Box::new(query)).map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// Queries within one transaction, whose beginning and end are prepared once: short reads come by thousands.
fn picture<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| Err(panicked(&*panic)));
    conn.prepare_cached("ROLLBACK")?.execute([])?;
    result
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queries.take());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("one of the store's readers had panicked");
            }
        }
    }
}

/// Answers until the pool is dropped. One of the threads waits for the next query, the others for their turn to wait.
fn serve(mut conn: Connection, line: &Mutex<Receiver<Query>>) {
    loop {
        let next = line.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(query) = next else { return };
        query(&mut conn);
    }
}
