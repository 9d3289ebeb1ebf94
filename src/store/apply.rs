//! Fact → rows: one match by topic here, one match per topic in the files below. Beside its rows each fact leaves one `event` row.

mod agent;
mod call;
mod callback;
mod conversation;
mod form;
mod index;
mod kind;
mod person;
mod proactive;
mod routing;
mod rule;
mod survey;
mod ticket;

use super::StoreError;
use super::values::{first, run, work_columns};
use super::writer::{Job, savepoint};
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::step::{LiveRow, Step};
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::oneshot;

#[cfg(test)]
pub(super) const TOPICS: [&[(&str, &str)]; 10] = [
    agent::STATEMENTS,
    call::STATEMENTS,
    callback::STATEMENTS,
    conversation::STATEMENTS,
    form::STATEMENTS,
    person::STATEMENTS,
    proactive::STATEMENTS,
    routing::STATEMENTS,
    survey::STATEMENTS,
    ticket::STATEMENTS,
];

statements! {
    EVENT = "INSERT INTO event (at, kind, subject, person, work, shown, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    LAST_EVENT = "SELECT coalesce(max(seq), 0) FROM event";
    KEEP = "INSERT INTO live (key, state) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET state = excluded.state";
    FORGET = "DELETE FROM live WHERE key = ?1";
    PERSON_OF_CALL = "SELECT person FROM call WHERE id = ?1";
    PERSON_OF_CONVERSATION = "SELECT person FROM conversation WHERE id = ?1";
    PERSON_OF_CALLBACK = "SELECT person FROM callback WHERE id = ?1";
    PERSON_OF_FORM = "SELECT person FROM form WHERE id = ?1";
    PERSON_OF_SURVEY = "SELECT person FROM survey WHERE id = ?1";
    PERSON_OF_TICKET = "SELECT person FROM ticket WHERE id = ?1";
}

/// Several steps, each in its own savepoint of one commit.
pub(super) struct Record {
    steps: Vec<Arc<Step>>,
    results: Vec<Result<i64, StoreError>>,
    done: oneshot::Sender<Vec<Result<i64, StoreError>>>,
}

impl Record {
    pub(super) fn new(steps: Vec<Arc<Step>>, done: oneshot::Sender<Vec<Result<i64, StoreError>>>) -> Record {
        Record { results: Vec::with_capacity(steps.len()), steps, done }
    }
}

impl Job for Record {
    fn run(&mut self, conn: &Connection) {
        // Once a step has to be tried again, all later ones wait for it: facts reach the disk in the order of the decisions.
        let mut waits = false;
        for step in &self.steps {
            let result = if waits { Err(StoreError::RolledBack) } else { savepoint(conn, |conn| apply(conn, step)) };
            waits |= result.as_ref().is_err_and(|error| !error.is_permanent());
            self.results.push(result);
        }
    }

    /// The words of what was written: FTS5 writes a segment at every savepoint, so they come after all of them, once a commit.
    fn finish(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let written = self.steps.iter().zip(&self.results).filter(|(_, result)| result.is_ok());
        let mut facts = written.flat_map(|(step, _)| &step.facts);
        facts.try_for_each(|fact| index::words(conn, fact))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Record { steps, mut results, done } = *self;
        if let Err(error) = committed {
            for result in &mut results {
                if result.is_ok() {
                    *result = Err(error.clone());
                }
            }
            results.resize(steps.len(), Err(error));
        }
        // Nobody waits any more (the switchboard is stopping): it is recorded all the same.
        let _ = done.send(results);
    }
}

/// Writes one step; gives the number of its last event.
pub(super) fn apply(conn: &Connection, step: &Step) -> Result<i64, StoreError> {
    let mut seq = None;
    for fact in &step.facts {
        rows(conn, step.at, fact)?;
        seq = Some(event(conn, step.at, fact)?);
    }
    for LiveRow { key, state } in &step.live {
        match state {
            Some(state) => run(conn, KEEP, (key, state))?,
            None => run(conn, FORGET, [key])?,
        };
    }
    match seq {
        Some(seq) => Ok(seq),
        None => Ok(first(conn, LAST_EVENT, [], |row| row.get(0))?.unwrap_or(0)),
    }
}

fn rows(conn: &Connection, at: At, fact: &Fact) -> Result<(), StoreError> {
    match fact {
        Fact::Person(id, fact) => person::rows(conn, at, *id, fact),
        Fact::Call(id, fact) => call::rows(conn, at, *id, fact),
        Fact::Callback(id, fact) => callback::rows(conn, at, *id, fact),
        Fact::Form(id, fact) => form::rows(conn, at, *id, fact),
        Fact::Proactive(id, fact) => proactive::rows(conn, at, *id, fact),
        Fact::Conversation(id, fact) => conversation::rows(conn, at, *id, fact),
        Fact::Routing(work, fact) => routing::rows(conn, at, *work, fact),
        Fact::Agent(id, fact) => agent::rows(conn, at, id, fact),
        Fact::Ticket(id, fact) => ticket::rows(conn, at, *id, fact),
        Fact::Rule(id, fact) => rule::rows(conn, at, id, fact),
        Fact::Survey(id, fact) => survey::rows(conn, at, *id, fact),
        // Kept in the log alone.
        Fact::Flow(..) | Fact::Trunk(..) | Fact::Channel(..) | Fact::Dial(..) | Fact::Overlay(..) | Fact::Source(..) => Ok(()),
    }
}

fn event(conn: &Connection, at: At, fact: &Fact) -> Result<i64, StoreError> {
    let (subject, work) = match fact {
        Fact::Person(id, _) => (format!("person/{id}"), None),
        Fact::Call(id, _) => (format!("call/{id}"), Some(Work::Call(*id))),
        Fact::Callback(id, _) => (format!("callback/{id}"), Some(Work::Callback(*id))),
        Fact::Form(id, _) => (format!("form/{id}"), None),
        Fact::Proactive(id, _) => (format!("proactive/{id}"), None),
        Fact::Survey(id, SurveyFact::Asked { work, .. } | SurveyFact::Answered { work, .. }) => (format!("survey/{id}"), *work),
        Fact::Survey(id, SurveyFact::FollowedUp { .. }) => (format!("survey/{id}"), None),
        Fact::Conversation(id, _) => (format!("conversation/{id}"), Some(Work::Conversation(*id))),
        Fact::Routing(work, _) | Fact::Flow(work, _) => (subject_of(work), Some(*work)),
        Fact::Agent(id, _) => (format!("agent/{id}"), None),
        Fact::Ticket(id, _) => (format!("ticket/{id}"), None),
        Fact::Trunk(id, _) => (format!("trunk/{id}"), None),
        Fact::Channel(id, _) => (format!("channel/{id}"), None),
        Fact::Dial(by, _) => (format!("dial/{by}"), None),
        Fact::Overlay(id, _) => (format!("overlay/{id}"), None),
        Fact::Source(source, _) => (format!("source/{source}"), None),
        Fact::Rule(id, RuleFact::Did { subject, .. } | RuleFact::Refused { subject, .. }) => (format!("rule/{id}"), subject.work()),
    };
    let (kind, shown) = kind::of(fact);
    let person = if shown { person_of(conn, fact)? } else { None };
    let json = serde_json::to_string(fact)?;
    run(conn, EVENT, (at, kind, subject, person, work.as_ref().map(subject_of), shown, json))?;
    Ok(conn.last_insert_rowid())
}

fn subject_of(work: &Work) -> String {
    let (kind, id) = work_columns(work);
    format!("{kind}/{}", id.0)
}

/// Whose timeline shows it. Its rows are written before, so that the person of a thing just begun is found too.
fn person_of(conn: &Connection, fact: &Fact) -> Result<Option<PersonId>, StoreError> {
    match fact {
        Fact::Person(id, _) => Ok(Some(*id)),
        Fact::Rule(_, RuleFact::Did { person, .. } | RuleFact::Refused { person, .. }) => Ok(Some(*person)),
        Fact::Call(id, _) | Fact::Routing(Work::Call(id), _) | Fact::Flow(Work::Call(id), _) => {
            first(conn, PERSON_OF_CALL, [id], |row| row.get(0))
        }
        Fact::Callback(id, _) | Fact::Routing(Work::Callback(id), _) | Fact::Flow(Work::Callback(id), _) => {
            first(conn, PERSON_OF_CALLBACK, [id], |row| row.get(0))
        }
        Fact::Conversation(id, _) | Fact::Routing(Work::Conversation(id), _) | Fact::Flow(Work::Conversation(id), _) => {
            first(conn, PERSON_OF_CONVERSATION, [id], |row| row.get(0))
        }
        Fact::Form(id, _) => first(conn, PERSON_OF_FORM, [id], |row| row.get(0)),
        Fact::Survey(id, _) => first(conn, PERSON_OF_SURVEY, [id], |row| row.get(0)),
        Fact::Proactive(..)
        | Fact::Agent(..)
        | Fact::Channel(..)
        | Fact::Trunk(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..) => Ok(None),
        Fact::Ticket(id, _) => first(conn, PERSON_OF_TICKET, [id], |row| row.get(0)),
    }
}
