//! Rows of facts about calls: the call, its legs, its recordings, the callback list.

use crate::desk::fact::CallFact;
use crate::desk::id::*;
use crate::desk::input::LegParty;
use crate::store::StoreError;
use crate::store::values::{Count, change, run, word};
use rusqlite::Connection;

statements! {
    START = "INSERT INTO call (id, person, trunk, caller, dialled, state, started_at) VALUES (?1, ?2, ?3, ?4, ?5, 'arriving', ?6)";
    CUSTOMER_LEG = "INSERT INTO leg (call, started_at) VALUES (?1, ?2)";
    CONTACT = "UPDATE person SET contact_at = max(contact_at, ?2) WHERE id = ?1";
    ANSWER = "UPDATE call SET answered_at = coalesce(answered_at, ?2) WHERE id = ?1";
    RECORD = "INSERT INTO recording (file, call, state, started_at) VALUES (?1, ?2, 'recording', ?3)";
    PAUSE = "UPDATE recording SET paused = ?2 WHERE call = ?1 AND state = 'recording'";
    RECORDED = "INSERT INTO recording (file, call, state, started_at, millis, bytes) VALUES (?1, ?2, 'done', ?3, ?4, ?5)
        ON CONFLICT (file) DO UPDATE SET state = 'done', millis = excluded.millis, bytes = excluded.bytes, paused = 0";
    NOT_RECORDED = "INSERT INTO recording (file, call, state, started_at, error) VALUES (?1, ?2, 'failed', ?3, ?4)
        ON CONFLICT (file) DO UPDATE SET state = 'failed', error = excluded.error, paused = 0";
    HOLD = "UPDATE leg SET held_since = coalesce(held_since, ?3) WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL";
    RESUME = "UPDATE leg SET hold_ms = hold_ms + max(0, ?3 - coalesce(held_since, ?3)), held_since = NULL
        WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL";
    QUALITY = "UPDATE leg SET packets = ?3, loss_percent = ?4, jitter_ms = ?5, rtt_ms = ?6, mos = ?7
        WHERE id = (SELECT max(id) FROM leg WHERE call = ?1 AND agent IS ?2)";
    END = "UPDATE call SET state = 'ended', ended_at = ?2, ended_by = ?3, end_cause = ?4 WHERE id = ?1 AND ended_at IS NULL";
    END_LEGS = "UPDATE leg SET ended_at = ?2, hold_ms = hold_ms + max(0, ?2 - coalesce(held_since, ?2)), held_since = NULL
        WHERE call = ?1 AND ended_at IS NULL";
    CALLBACK = "INSERT INTO callback (call, person, number, cause, due_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (call) DO UPDATE SET cause = excluded.cause, due_at = excluded.due_at, done_at = NULL, done_by = NULL";
    CALLED_BACK = "UPDATE callback SET done_at = ?2, done_by = ?3 WHERE call = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, id: CallId, fact: &CallFact) -> Result<(), StoreError> {
    match fact {
        CallFact::Started { person, trunk, from, dialled } => {
            run(conn, START, (id, person, trunk, from, dialled, at))?;
            run(conn, CUSTOMER_LEG, (id, at))?;
            change(conn, CONTACT, (person, at), "person")
        }
        CallFact::Answered => change(conn, ANSWER, (id, at), "call"),
        CallFact::RecordingStarted { file } => run(conn, RECORD, (file, id, at)).map(drop),
        CallFact::RecordingPaused { on, by: _ } => run(conn, PAUSE, (id, on)).map(drop),
        CallFact::RecordingDone { file, millis, bytes } => run(conn, RECORDED, (file, id, at, Count(*millis), Count(*bytes))).map(drop),
        CallFact::RecordingFailed { file, error } => run(conn, NOT_RECORDED, (file, id, at, error)).map(drop),
        CallFact::Held { by, on: true } => run(conn, HOLD, (id, by, at)).map(drop),
        CallFact::Held { by, on: false } => run(conn, RESUME, (id, by, at)).map(drop),
        CallFact::LegClosed { leg, quality } => {
            let agent = match leg {
                LegParty::Customer => None,
                LegParty::Agent(agent) => Some(agent),
            };
            let (loss, jitter, rtt) = (quality.loss_percent, quality.jitter_ms, quality.rtt_ms);
            // An agent whose phone rang in vain has no leg: then there is nothing to keep.
            run(conn, QUALITY, (id, agent, Count(quality.packets), loss, jitter, rtt, quality.mos)).map(drop)
        }
        CallFact::Ended { by, cause } => {
            run(conn, END, (id, at, word(by), word(cause)))?;
            run(conn, END_LEGS, (id, at)).map(drop)
        }
        CallFact::CallbackDue { person, number, cause } => run(conn, CALLBACK, (id, person, number, word(cause), at)).map(drop),
        CallFact::CallbackDone { by } => change(conn, CALLED_BACK, (id, at, by), "callback"),
        // Kept in the log alone.
        CallFact::AgentSilent { .. } | CallFact::Digit { .. } => Ok(()),
    }
}
