//! Rows of facts about forms. Answers are written beside them, by `store::forms`.

use crate::desk::fact::FormFact;
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{change, run, work_columns};
use rusqlite::Connection;

statements! {
    SEND = "INSERT INTO form (id, kind, person, work_kind, work, conversation, message, by, calls, verdict, state, sent_at, until_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'sent', ?11, ?12)";
    ANSWER = "UPDATE form SET state = 'answered', answered_at = ?2, keep_until = ?3, ticket = ?4 WHERE id = ?1";
    JUDGE = "UPDATE form SET state = ?2, judged_by = ?3, judged_at = ?4, reason = ?5 WHERE id = ?1";
    END = "UPDATE form SET state = ?2 WHERE id = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, id: FormId, fact: &FormFact) -> Result<(), StoreError> {
    match fact {
        FormFact::Sent { person, kind, work, conversation, message, by, until, calls, verdict } => {
            let (work_kind, work) = work_columns(work);
            run(conn, SEND, (id, kind, person, work_kind, work, conversation, message, by, calls, verdict, at, until)).map(drop)
        }
        FormFact::Answered { keep_until, ticket } => change(conn, ANSWER, (id, at, keep_until, ticket), "form"),
        FormFact::Judged { by, accepted, reason } => {
            change(conn, JUDGE, (id, if *accepted { "accepted" } else { "refused" }, by, at, reason), "form")
        }
        FormFact::Expired => change(conn, END, (id, "expired"), "form"),
        FormFact::Withdrawn { by: _ } => change(conn, END, (id, "withdrawn"), "form"),
        FormFact::NotCalled { why: _ } => Ok(()),
    }
}
