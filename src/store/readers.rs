//! A few read-only connections for lists, history and reports, each in a thread of its own: they see the last commit and never wait for the writer.
//!
//! A query waits in their line, not in the task that asks: a task that is not polled for a while holds no connection back.

use super::StoreError;
use super::open;
use super::writer::panicked;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// More would not be quicker: the pages live in the system's cache, and SQLite reads are short.
const READERS: usize = 4;

type Query = Box<dyn FnOnce(&mut Connection) + Send>;

/// The pool; dropping it waits for the queries that run.
pub(super) struct Readers {
    line: Arc<Line>,
    threads: Vec<JoinHandle<()>>,
}

/// What waits for a thread. One that is free is woken for each, and no other.
#[derive(Default)]
struct Line {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    queries: VecDeque<Query>,
    closed: bool,
}

impl Line {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, query: Query) {
        self.waiting().queries.push_back(query);
        self.came.notify_one();
    }

    /// The next one; `None` when the pool is dropped and all have had their answer.
    fn next(&self) -> Option<Query> {
        let mut waiting = self.waiting();
        loop {
            if let Some(query) = waiting.queries.pop_front() {
                return Some(query);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Readers {
    pub(super) fn open(data: &Path) -> Result<Readers, StoreError> {
        let line = Arc::<Line>::default();
        let mut readers = Readers { line: line.clone(), threads: Vec::new() };
        for n in 0..READERS {
            let (conn, line) = (open::reader(data)?, line.clone());
            let thread = std::thread::Builder::new().name(format!("store-reader-{n}"));
            readers.threads.push(thread.spawn(move || serve(conn, &line)).map_err(|error| StoreError::io("start a reader", error))?);
        }
        Ok(readers)
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
        self.line.join(Box::new(query));
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
        self.line.waiting().closed = true;
        self.line.came.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("one of the store's readers had panicked");
            }
        }
    }
}

fn serve(mut conn: Connection, line: &Line) {
    while let Some(query) = line.next() {
        query(&mut conn);
    }
}
