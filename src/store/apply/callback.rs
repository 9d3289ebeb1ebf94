//! Rows of facts about customers who did not reach us.

use crate::desk::fact::{CallbackFact, OfferEnd, RoutingFact};
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{Count, change, run, word};
use rusqlite::Connection;

statements! {
    LIST = "INSERT INTO callback (id, person, number, queue, why, call, state, since, listed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'listed', ?7, ?8)";
    AGAIN = "UPDATE callback SET call = ?2, why = ?3, missed = missed + 1 WHERE id = ?1";
    TOLD = "UPDATE callback SET told_at = ?2 WHERE id = ?1";
    BOOK = "UPDATE callback SET state = 'booked', due_at = ?2, claimed = NULL, tries = CASE WHEN ?3 = 'rule' THEN tries ELSE 0 END
        WHERE id = ?1 AND closed_at IS NULL";
    CLAIM = "UPDATE callback SET claimed = ?2 WHERE id = ?1";
    LET_GO = "UPDATE callback SET claimed = NULL WHERE id = ?1";
    DIAL = "UPDATE callback SET state = 'calling', claimed = ?2, calling = ?3 WHERE id = ?1";
    NOT_REACHED = "UPDATE callback SET state = CASE WHEN ?4 IS NULL THEN 'listed' ELSE 'booked' END, tries = ?2, failure = ?3, due_at = ?4,
        claimed = NULL, calling = NULL WHERE id = ?1";
    CALLS_IN = "UPDATE callback SET state = 'calling', calling = ?2 WHERE id = ?1";
    RESUME = "UPDATE callback SET state = CASE WHEN due_at IS NULL THEN 'listed' ELSE 'booked' END, calling = NULL WHERE id = ?1";
    VOICEMAIL = "UPDATE callback SET voicemail = ?2, millis = ?3 WHERE id = ?1";
    NO_MESSAGE = "UPDATE callback SET why = 'no_message' WHERE id = ?1 AND voicemail IS NULL";
    CLOSE = "UPDATE callback SET state = 'closed', closed_at = ?2, how = ?3, closed_by = ?4, outcome = ?5, claimed = NULL, calling = NULL
        WHERE id = ?1";
    IN_LINE = "UPDATE callback SET state = 'waiting' WHERE id = ?1 AND closed_at IS NULL";
    OUT_OF_LINE = "UPDATE callback SET state = CASE WHEN due_at IS NULL THEN 'listed' ELSE 'booked' END
        WHERE id = ?1 AND state = 'waiting'";
}

pub(super) fn rows(conn: &Connection, at: At, id: CallbackId, fact: &CallbackFact) -> Result<(), StoreError> {
    match fact {
        CallbackFact::Listed { person, number, queue, why, call, since } => {
            run(conn, LIST, (id, person, number, queue, word(why), call, since, at)).map(drop)
        }
        CallbackFact::MissedAgain { call, why } => change(conn, AGAIN, (id, call, word(why)), "callback"),
        CallbackFact::Told { .. } => change(conn, TOLD, (id, at), "callback"),
        CallbackFact::Booked { by, at: due } => run(conn, BOOK, (id, due, word(by))).map(drop),
        CallbackFact::Claimed { by } => change(conn, CLAIM, (id, by), "callback"),
        CallbackFact::LetGo { by: _ } => change(conn, LET_GO, [id], "callback"),
        CallbackFact::Dialled { agent, call, attempt: _ } => change(conn, DIAL, (id, agent, call), "callback"),
        CallbackFact::NotReached { call: _, why, tried, next } => change(conn, NOT_REACHED, (id, tried, word(why), next), "callback"),
        CallbackFact::CallsIn { call } => change(conn, CALLS_IN, (id, call), "callback"),
        CallbackFact::Resumed => change(conn, RESUME, [id], "callback"),
        CallbackFact::Voicemail { conversation, millis } => change(conn, VOICEMAIL, (id, conversation, Count(*millis)), "callback"),
        CallbackFact::NoMessage { call: _ } => run(conn, NO_MESSAGE, [id]).map(drop),
        CallbackFact::Closed { how, by, outcome } => change(conn, CLOSE, (id, at, word(how), by, outcome), "callback"),
    }
}

/// Where a callback stands by its way through a queue.
pub(super) fn routed(conn: &Connection, id: CallbackId, fact: &RoutingFact) -> Result<usize, StoreError> {
    match fact {
        RoutingFact::Queued { .. } => run(conn, IN_LINE, [id]),
        // Declined and missed offers are followed by the next queueing.
        RoutingFact::OfferEnded { how: OfferEnd::Withdrawn, .. } => run(conn, OUT_OF_LINE, [id]),
        _ => Ok(0),
    }
}
