//! Rows of messages that the house sends of its own accord.

use crate::desk::fact::ProactiveFact;
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{change, run, word};
use rusqlite::Connection;

statements! {
    // The unique key is the second lock beside the desk's own.
    ASK = "INSERT INTO proactive (id, asker, key, digest, person, purpose, at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued')";
    WAIT = "UPDATE proactive SET until_at = ?2, why = ?3 WHERE id = ?1";
    SENT = "UPDATE proactive SET state = 'sent', why = NULL, until_at = NULL, sent_at = ?2, person = ?3, message = ?4, channel = ?5 WHERE id = ?1";
    FALL_BACK = "UPDATE proactive SET state = 'queued', message = NULL, channel = NULL WHERE id = ?1";
    REFUSE = "UPDATE proactive SET state = 'refused', until_at = NULL, why = ?2 WHERE id = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, id: ProactiveId, fact: &ProactiveFact) -> Result<(), StoreError> {
    match fact {
        ProactiveFact::Asked { by, key, digest, person, purpose } => {
            run(conn, ASK, (id, by, key, digest, person, word(purpose), at)).map(drop)
        }
        ProactiveFact::Waits { until, why } => change(conn, WAIT, (id, until, word(why)), "proactive"),
        ProactiveFact::Sent { person, conversation: _, message, channel, purpose: _ } => {
            change(conn, SENT, (id, at, person, message, channel), "proactive")
        }
        ProactiveFact::FellBack { channel: _, reason: _ } => change(conn, FALL_BACK, [id], "proactive"),
        ProactiveFact::Refused { why } => change(conn, REFUSE, (id, word(why)), "proactive"),
    }
}
