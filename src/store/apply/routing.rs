//! Rows of facts about the way to an agent: the history, and where the call or conversation stands now.

use crate::desk::fact::{OfferEnd, RoutingFact};
use crate::desk::id::*;
use crate::desk::input::{LegParty, Target};
use crate::store::values::{run, word, work_columns};
use crate::store::{StoreError, notices};
use rusqlite::Connection;

statements! {
    HISTORY = "INSERT INTO routing (work_kind, work, at, kind, queue, agent, how, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    CALL_QUEUED = "UPDATE call SET state = 'waiting', queue = ?2, queued_at = ?3 WHERE id = ?1 AND ended_at IS NULL";
    TEXT_QUEUED = "UPDATE conversation SET state = 'waiting', queue = ?2, queued_at = ?3, resolved_at = NULL, resolved_by = NULL WHERE id = ?1";
    TEXT_OFFERED = "UPDATE conversation SET state = 'offered', queue = ?2 WHERE id = ?1 AND state <> 'resolved'";
    CALL_OFFERED = "UPDATE call SET queue = ?2 WHERE id = ?1";
    TEXT_NOT_TAKEN = "UPDATE conversation SET state = 'waiting' WHERE id = ?1 AND state = 'offered'";
    // In a call of ours nobody talks before the one called has answered, and nobody waits.
    CALL_ASSIGNED = "UPDATE call SET state = 'talking', agent = ?2,
        bridged_at = coalesce(bridged_at, CASE WHEN direction = 'inbound' OR answered_at IS NOT NULL THEN ?3 END),
        waited_ms = coalesce(waited_ms, CASE WHEN direction = 'inbound' THEN ?4 END) WHERE id = ?1";
    TEXT_ASSIGNED = "UPDATE conversation SET state = 'serving', agent = ?2, assigned_at = ?3, waited_ms = coalesce(waited_ms, ?4) WHERE id = ?1";
    // A colleague who was in the call already goes on in the same leg.
    AGENT_LEG = "INSERT INTO leg (call, agent, started_at, bridged_at)
        SELECT ?1, ?2, coalesce((SELECT at FROM routing WHERE work_kind = 'call' AND work = ?1 AND kind = 'offered' AND agent = ?2
            ORDER BY id DESC LIMIT 1), ?3), (SELECT CASE WHEN direction = 'inbound' OR answered_at IS NOT NULL THEN ?3 END FROM call WHERE id = ?1)
        WHERE NOT EXISTS (SELECT 1 FROM leg WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL)";
    CUSTOMER_LEG = "UPDATE leg SET bridged_at = coalesce(bridged_at, ?2) WHERE call = ?1 AND agent IS NULL AND nth IS NULL
        AND (SELECT direction = 'inbound' OR answered_at IS NOT NULL FROM call WHERE id = ?1)";
    SERVED = "UPDATE person SET last_agent = ?2, contact_at = max(contact_at, ?3) WHERE id = ?1";
    LEG_ENDED = "UPDATE leg SET ended_at = ?3, hold_ms = hold_ms + max(0, ?3 - coalesce(held_since, ?3)), held_since = NULL
        WHERE call = ?1 AND agent = ?2 AND ended_at IS NULL";
    TEXT_RELEASED = "UPDATE conversation SET state = 'open' WHERE id = ?1 AND agent = ?2 AND state = 'serving'";
    CALL_WRAPPED = "UPDATE call SET disposition = coalesce(?2, disposition), wrap_note = CASE
        WHEN ?3 = '' THEN wrap_note WHEN wrap_note = '' THEN ?3 ELSE wrap_note || char(10) || ?3 END WHERE id = ?1";
    TEXT_WRAPPED = "UPDATE conversation SET disposition = coalesce(?2, disposition) WHERE id = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, work: Work, fact: &RoutingFact) -> Result<(), StoreError> {
    history(conn, at, work, fact)?;
    match (work, fact) {
        (Work::Call(id), RoutingFact::Queued { queue, .. }) => run(conn, CALL_QUEUED, (id, queue, at))?,
        (Work::Conversation(id), RoutingFact::Queued { queue, .. }) => run(conn, TEXT_QUEUED, (id, queue, at))?,
        (Work::Callback(id), fact) => super::callback::routed(conn, id, fact)?,
        (Work::Call(id), RoutingFact::Offered { queue, .. }) => run(conn, CALL_OFFERED, (id, queue))?,
        (Work::Conversation(id), RoutingFact::Offered { queue, .. }) => run(conn, TEXT_OFFERED, (id, queue))?,
        (Work::Conversation(id), RoutingFact::OfferEnded { how, .. }) if *how != OfferEnd::Accepted => run(conn, TEXT_NOT_TAKEN, [id])?,
        (work, RoutingFact::Assigned { person, agent, waited_ms }) => assigned(conn, at, work, *person, agent, *waited_ms)?,
        (Work::Call(id), RoutingFact::Released { agent }) => run(conn, LEG_ENDED, (id, agent, at))?,
        (Work::Conversation(id), RoutingFact::Released { agent }) => run(conn, TEXT_RELEASED, (id, agent))?,
        (Work::Call(id), RoutingFact::WrapUpDone { disposition, note, .. }) => run(conn, CALL_WRAPPED, (id, disposition, note))?,
        (Work::Conversation(id), RoutingFact::WrapUpDone { disposition, .. }) => run(conn, TEXT_WRAPPED, (id, disposition))?,
        (work, RoutingFact::AssistAsked { person, agent, word }) => notices::assist_asked(conn, at, (*person, &work), agent, word)?,
        (work, RoutingFact::AssistEnded { agent, .. }) => notices::assist_ended(conn, at, &work, agent)?,
        // In the history alone.
        (_, RoutingFact::OfferEnded { .. } | RoutingFact::Transferred { .. }) => 0,
        (_, RoutingFact::CardShown { .. }) => 0,
        (_, RoutingFact::WrapUpStarted { .. } | RoutingFact::WrapUpExtended { .. } | RoutingFact::WrapUpOverdue { .. }) => 0,
    };
    Ok(())
}

fn assigned(conn: &Connection, at: At, work: Work, person: PersonId, agent: &AgentId, waited_ms: i64) -> Result<usize, StoreError> {
    match work {
        Work::Call(id) => {
            run(conn, CALL_ASSIGNED, (id, agent, at, waited_ms))?;
            run(conn, AGENT_LEG, (id, agent, at))?;
            run(conn, CUSTOMER_LEG, (id, at))?;
            super::call::chapter(conn, id, at, "talk", &LegParty::Agent(agent.clone()))?;
        }
        // Never assigned: the call that it becomes is.
        Work::Callback(_) => {}
        Work::Conversation(id) => {
            run(conn, TEXT_ASSIGNED, (id, agent, at, waited_ms))?;
        }
    }
    run(conn, SERVED, (person, agent, at))
}

fn history(conn: &Connection, at: At, work: Work, fact: &RoutingFact) -> Result<(), StoreError> {
    let (queue, agent, how) = match fact {
        RoutingFact::Queued { queue, reason, .. } => (Some(queue), None, Some(word(reason))),
        RoutingFact::Offered { queue, agent, .. } => (Some(queue), Some(agent), None),
        RoutingFact::OfferEnded { agent, how } => (None, Some(agent), Some(word(how))),
        RoutingFact::Transferred { by, to: Target::Queue(queue), .. } => (Some(queue), Some(by), None),
        RoutingFact::Transferred { by, to: Target::Agent(_) | Target::Line(_) | Target::Outside(_), .. } => (None, Some(by), None),
        RoutingFact::Assigned { agent, .. }
        | RoutingFact::CardShown { agent }
        | RoutingFact::AssistAsked { agent, .. }
        | RoutingFact::AssistEnded { agent, .. }
        | RoutingFact::Released { agent }
        | RoutingFact::WrapUpStarted { agent, .. }
        | RoutingFact::WrapUpExtended { agent, .. }
        | RoutingFact::WrapUpOverdue { agent }
        | RoutingFact::WrapUpDone { agent, .. } => (None, Some(agent), None),
    };
    let (work_kind, id) = work_columns(&work);
    run(conn, HISTORY, (work_kind, id, at, word(fact), queue, agent, how, serde_json::to_string(fact)?))?;
    Ok(())
}
