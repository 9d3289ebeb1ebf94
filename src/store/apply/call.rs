//! Rows of facts about calls: the call, its legs, its recordings.

use crate::desk::fact::CallFact;
use crate::desk::id::*;
use crate::desk::input::{Direction, LegParty, WatchMode};
use crate::store::values::{Count, change, run, word};
use crate::store::{StoreError, notices};
use rusqlite::Connection;

statements! {
    START = "INSERT INTO call (id, person, trunk, caller, dialled, state, started_at, direction, queue, chat)
        VALUES (?1, ?2, ?3, ?4, ?5, 'arriving', ?6, ?7, ?8, ?9)";
    CUSTOMER_LEG = "INSERT INTO leg (call, started_at) VALUES (?1, ?2)";
    CONTACT = "UPDATE person SET contact_at = max(contact_at, ?2) WHERE id = ?1";
    // Whoever is called talks from the answer on; a caller, once an agent takes the call.
    ANSWER = "UPDATE call SET answered_at = coalesce(answered_at, ?2),
        bridged_at = CASE WHEN direction = 'inbound' THEN bridged_at ELSE coalesce(bridged_at, ?2) END WHERE id = ?1";
    ANSWER_LEGS = "UPDATE leg SET bridged_at = coalesce(bridged_at, ?2)
        WHERE call = ?1 AND agent IS NOT NULL AND ended_at IS NULL AND (SELECT direction FROM call WHERE id = ?1) <> 'inbound'";
    OUTSIDE_LEG = "INSERT INTO leg (call, started_at, outside, nth) VALUES (?1, ?2, ?3, ?4)";
    RUNG_LEG = "INSERT INTO leg (call, agent, started_at) VALUES (?1, ?2, ?3)";
    JOINED = "UPDATE leg SET bridged_at = coalesce(bridged_at, ?4) WHERE call = ?1 AND agent IS ?2 AND nth IS ?3 AND ended_at IS NULL";
    LEFT = "UPDATE leg SET ended_at = ?4, hold_ms = hold_ms + max(0, ?4 - coalesce(held_since, ?4)), held_since = NULL
        WHERE call = ?1 AND agent IS ?2 AND nth IS ?3 AND ended_at IS NULL";
    RUNG_IN_VAIN = "DELETE FROM leg WHERE call = ?1 AND agent = ?2 AND bridged_at IS NULL AND ended_at IS NULL";
    PARKED = "UPDATE call SET state = 'parked' WHERE id = ?1 AND ended_at IS NULL";
    CHAPTER = "INSERT INTO chapter (call, at, kind, agent, outside) VALUES (?1, ?2, ?3, ?4,
        (SELECT outside FROM leg WHERE call = ?1 AND nth = ?5))";
    // The end of what a supervisor's chapter began; of silent listening there is none.
    WATCH_OVER = "INSERT INTO chapter (call, at, kind, agent) SELECT ?1, ?2, 'watch_end', ?3 WHERE EXISTS (SELECT 1 FROM chapter
        WHERE call = ?1 AND agent = ?3 AND kind IN ('listen', 'whisper', 'barge') AND id > coalesce((SELECT max(id) FROM chapter
        WHERE call = ?1 AND agent = ?3 AND kind = 'watch_end'), 0))";
    RECORD = "INSERT INTO recording (file, call, state, started_at) VALUES (?1, ?2, 'recording', ?3)";
    PAUSE = "UPDATE recording SET paused = ?2 WHERE call = ?1 AND state = 'recording'";
    RECORDED = "INSERT INTO recording (file, call, state, started_at, millis, bytes, films) VALUES (?1, ?2, 'done', ?3, ?4, ?5, ?6)
        ON CONFLICT (file) DO UPDATE SET state = 'done', millis = excluded.millis, bytes = excluded.bytes, films = excluded.films, paused = 0";
    NOT_RECORDED = "INSERT INTO recording (file, call, state, started_at, error) VALUES (?1, ?2, 'failed', ?3, ?4)
        ON CONFLICT (file) DO UPDATE SET state = 'failed', error = excluded.error, paused = 0";
    HOLD = "UPDATE leg SET held_since = coalesce(held_since, ?3) WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL";
    RESUME = "UPDATE leg SET hold_ms = hold_ms + max(0, ?3 - coalesce(held_since, ?3)), held_since = NULL
        WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL";
    QUALITY = "UPDATE leg SET packets = ?3, loss_percent = ?4, jitter_ms = ?5, rtt_ms = ?6, mos = ?7
        WHERE id = (SELECT max(id) FROM leg WHERE call = ?1 AND agent IS ?2 AND nth IS ?8)";
    END = "UPDATE call SET state = 'ended', ended_at = ?2, ended_by = ?3, end_cause = ?4 WHERE id = ?1 AND ended_at IS NULL";
    END_LEGS = "UPDATE leg SET ended_at = ?2, hold_ms = hold_ms + max(0, ?2 - coalesce(held_since, ?2)), held_since = NULL
        WHERE call = ?1 AND ended_at IS NULL";
}

pub(super) fn rows(conn: &Connection, at: At, id: CallId, fact: &CallFact) -> Result<(), StoreError> {
    match fact {
        CallFact::Started { person, trunk, from, dialled, direction, queue, chat } => {
            run(conn, START, (id, person, trunk, from, dialled, at, word(direction), queue, chat))?;
            run(conn, CUSTOMER_LEG, (id, at))?;
            if *direction == Direction::Inbound {
                notices::tell_followers(conn, at, *person, Some(&Work::Call(id)), None, "")?;
            }
            change(conn, CONTACT, (person, at), "person")
        }
        CallFact::Answered => {
            change(conn, ANSWER, (id, at), "call")?;
            run(conn, ANSWER_LEGS, (id, at)).map(drop)
        }
        CallFact::Dialled { party: LegParty::Outside(nth), number, .. } => run(conn, OUTSIDE_LEG, (id, at, number, nth)).map(drop),
        CallFact::Rung { agent, .. } => run(conn, RUNG_LEG, (id, agent, at)).map(drop),
        CallFact::Joined { party } => {
            let (agent, nth) = place(party);
            run(conn, JOINED, (id, agent, nth, at))?;
            chapter(conn, id, at, "joined", party)
        }
        CallFact::NotJoined { party: LegParty::Agent(agent), .. } => run(conn, RUNG_IN_VAIN, (id, agent)).map(drop),
        CallFact::LimitNear { .. } | CallFact::LimitReached { .. } => Ok(()),
        CallFact::NotJoined { party, .. } => left(conn, id, at, party),
        CallFact::Left { party } => {
            left(conn, id, at, party)?;
            chapter(conn, id, at, "left", party)
        }
        CallFact::ConsultStarted { with, .. } => chapter(conn, id, at, "consult", with),
        CallFact::ConsultEnded { by, .. } => chapter(conn, id, at, "consult_end", &LegParty::Agent(by.clone())),
        CallFact::Parked { by, .. } => {
            run(conn, PARKED, [id])?;
            chapter(conn, id, at, "parked", &LegParty::Agent(by.clone()))
        }
        CallFact::Unparked { by, .. } => chapter(conn, id, at, "unparked", &by.clone().map_or(LegParty::Customer, LegParty::Agent)),
        CallFact::Watched { by, mode, announced, .. } => {
            run(conn, WATCH_OVER, (id, at, by))?;
            // What nobody is told of is in the log alone; who barges in is heard in any case.
            let told = *announced || *mode == WatchMode::Barge;
            if told { chapter(conn, id, at, &word(mode), &LegParty::Agent(by.clone())) } else { Ok(()) }
        }
        CallFact::WatchEnded { by, .. } => run(conn, WATCH_OVER, (id, at, by)).map(drop),
        CallFact::RecordingStarted { file } => run(conn, RECORD, (file, id, at)).map(drop),
        CallFact::RecordingPaused { on, by, .. } => {
            run(conn, PAUSE, (id, on))?;
            chapter(conn, id, at, if *on { "paused" } else { "recorded" }, &LegParty::Agent(by.clone()))
        }
        CallFact::RecordingDone { file, millis, bytes, films } => {
            run(conn, RECORDED, (file, id, at, Count(*millis), Count(*bytes), films)).map(drop)
        }
        CallFact::RecordingFailed { file, error } => run(conn, NOT_RECORDED, (file, id, at, error)).map(drop),
        CallFact::Held { by, on } => {
            run(conn, if *on { HOLD } else { RESUME }, (id, by, at))?;
            chapter(conn, id, at, if *on { "hold" } else { "resume" }, &LegParty::Agent(by.clone()))
        }
        CallFact::LegClosed { leg, quality } => {
            let (agent, nth) = place(leg);
            let (loss, jitter, rtt) = (quality.loss_percent, quality.jitter_ms, quality.rtt_ms);
            // An agent whose phone rang in vain has no leg: then there is nothing to keep.
            run(conn, QUALITY, (id, agent, Count(quality.packets), loss, jitter, rtt, quality.mos, nth)).map(drop)
        }
        CallFact::Ended { by, cause } => {
            run(conn, END, (id, at, word(by), word(cause)))?;
            run(conn, END_LEGS, (id, at)).map(drop)
        }
        // Kept in the log alone.
        CallFact::AgentSilent { .. }
        | CallFact::CustomerSilent { .. }
        | CallFact::FromPage { .. }
        | CallFact::Knocked { .. }
        | CallFact::Digit { .. }
        | CallFact::Dialled { .. }
        | CallFact::ConsultSwapped { .. } => Ok(()),
    }
}

/// The columns by which a leg is found: the agent, the how many-th outside party; neither for the customer.
fn place(party: &LegParty) -> (Option<&AgentId>, Option<u8>) {
    match party {
        LegParty::Customer => (None, None),
        LegParty::Agent(agent) => (Some(agent), None),
        LegParty::Outside(nth) => (None, Some(*nth)),
    }
}

fn left(conn: &Connection, id: CallId, at: At, party: &LegParty) -> Result<(), StoreError> {
    let (agent, nth) = place(party);
    run(conn, LEFT, (id, agent, nth, at)).map(drop)
}

/// A line of the table of contents.
pub(super) fn chapter(conn: &Connection, id: CallId, at: At, kind: &str, party: &LegParty) -> Result<(), StoreError> {
    let (agent, nth) = place(party);
    run(conn, CHAPTER, (id, at, kind, agent, nth)).map(drop)
}
