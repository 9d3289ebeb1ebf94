//! The desk: one value that decides who serves whom. It hears an `Input` and gives a `Step`: facts, acts, its own changed memory and the
//! answer. No IO, no clock, no randomness: the same inputs give the same steps.

pub mod act;
pub mod catalog;
pub mod fact;
pub mod floor;
pub mod hours;
pub mod id;
pub mod input;
pub mod person;
pub mod refusal;
pub mod step;

use catalog::Catalog;
use floor::Floor;
use id::At;
use input::Input;
use std::sync::Arc;
use step::{Answer, LiveRow, Step};

/// Everything the contact centre knows of the present.
#[derive(Debug, Clone)]
pub struct Desk {
    catalog: Arc<Catalog>,
}

/// A row of the `live` table that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("live row {key} cannot be read: {source}")]
pub struct RestoreError {
    pub key: String,
    #[source]
    pub source: serde_json::Error,
}

impl Desk {
    /// An empty desk: nobody is here, nothing waits. `Input::Started` comes next.
    pub fn new(catalog: Arc<Catalog>) -> Desk {
        Desk { catalog }
    }

    /// The desk that had written these rows.
    pub fn restore(catalog: Arc<Catalog>, _rows: Vec<LiveRow>) -> Result<Desk, RestoreError> {
        Ok(Desk { catalog })
    }

    /// Decides one input. Never fails and never panics, whatever is heard.
    pub fn handle(&mut self, at: At, input: Input) -> Step {
        if let Input::Catalog(catalog) = input {
            self.catalog = catalog;
        }
        Step { at, facts: Vec::new(), acts: Vec::new(), live: Vec::new(), answer: Ok(Answer::Done) }
    }

    /// When `Input::Clock` is wanted next.
    pub fn next_deadline(&self) -> Option<At> {
        None
    }

    /// The present, for pages.
    pub fn floor(&self, at: At) -> Floor {
        Floor { at, ..Floor::default() }
    }

    /// The whole memory, as `restore` reads it.
    pub fn rows(&self) -> Vec<LiveRow> {
        Vec::new()
    }
}
