//! Rows of facts of what rules do: tags of customers, and what staff are told.

use crate::desk::fact::{Did, RuleFact};
use crate::desk::id::*;
use crate::desk::rules::spec::TagOf;
use crate::store::{StoreError, notices, persons};
use rusqlite::Connection;

pub(super) fn rows(conn: &Connection, at: At, rule: &RuleId, fact: &RuleFact) -> Result<(), StoreError> {
    let RuleFact::Did { subject, person, did } = fact else { return Ok(()) };
    match did {
        Did::Tagged { tag, of: TagOf::Person } => persons::tag_row(conn, *person, tag),
        Did::Notified { agents, text } => notices::by_rule(conn, at, *person, subject.work().as_ref(), rule, agents, text),
        _ => Ok(()),
    }
}
