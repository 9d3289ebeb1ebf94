//! Rows of facts about the way through a flow: answers of surveys. The way itself is in the log.

use crate::desk::fact::FlowFact;
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{run, work_columns};
use rusqlite::Connection;

statements! {
    ANSWER = "INSERT INTO survey_answer (at, survey, work_kind, work, answer) VALUES (?1, ?2, ?3, ?4, ?5)";
}

pub(super) fn rows(conn: &Connection, at: At, work: Work, fact: &FlowFact) -> Result<(), StoreError> {
    match fact {
        FlowFact::Answered { survey, answer } => {
            let (kind, id) = work_columns(&work);
            run(conn, ANSWER, (at, survey, kind, id, answer)).map(drop)
        }
        FlowFact::Entered { .. }
        | FlowFact::Chose { .. }
        | FlowFact::Gathered { .. }
        | FlowFact::Language { .. }
        | FlowFact::LookedUp { .. }
        | FlowFact::Set { .. }
        | FlowFact::Left { .. }
        | FlowFact::Abandoned { .. } => Ok(()),
    }
}
