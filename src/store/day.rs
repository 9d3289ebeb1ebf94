//! What one agent has done today, for themselves.

use super::values::first;
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    CALLS = "SELECT count(*) AS calls, coalesce(sum(max(0, coalesce(ended_at, ?3) - bridged_at)), 0) AS talked, coalesce(sum(hold_ms), 0) AS held
        FROM leg WHERE agent = ?1 AND started_at >= ?2 AND bridged_at IS NOT NULL";
    WRITTEN = "SELECT count(*) FILTER (WHERE kind = 'out') AS sent, count(*) FILTER (WHERE kind = 'note') AS notes
        FROM message WHERE agent = ?1 AND at >= ?2";
    RESOLVED = "SELECT count(*) FROM conversation WHERE resolved_by = ?1 AND resolved_at >= ?2";
    SURVEYS = "SELECT count(*) AS sent, count(score) AS answered, coalesce(sum(score) FILTER (WHERE scale = 'csat'), 0) AS total,
        count(score) FILTER (WHERE scale = 'csat') AS marks FROM survey WHERE agent = ?1 AND asked_at >= ?2";
    ROUTED = "SELECT count(DISTINCT work) FILTER (WHERE kind = 'assigned' AND work_kind = 'conversation') AS taken,
        count(*) FILTER (WHERE kind = 'offer_ended' AND how = 'timed_out') AS missed,
        count(*) FILTER (WHERE kind = 'offer_ended' AND how = 'declined') AS declined
        FROM routing WHERE agent = ?1 AND at >= ?2";
}

/// The figures of a day until now; times in ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MyDay {
    pub calls: i64,
    /// In calls, holds included.
    pub talked: i64,
    pub held: i64,
    /// Messages to customers.
    pub sent: i64,
    pub notes: i64,
    /// Conversations that came to the agent, each once.
    pub taken: i64,
    pub resolved: i64,
    /// Offers that rang until their time was over.
    pub missed: i64,
    pub declined: i64,
    /// Customers of theirs who were asked how it was, and who have answered.
    pub asked: i64,
    pub rated: i64,
    /// The mean of 1 to 5, in hundredths.
    pub csat: Option<i64>,
}

/// One agent's day since `from`.
pub async fn of(store: &Store, agent: &AgentId, from: At, now: At) -> Result<MyDay, StoreError> {
    let agent = agent.clone();
    store
        .read(move |conn| {
            let calls = first(conn, CALLS, (&agent, from, now), |row| Ok((row.get("calls")?, row.get("talked")?, row.get("held")?)))?;
            let (calls, talked, held) = calls.unwrap_or_default();
            let (sent, notes) = first(conn, WRITTEN, (&agent, from), |row| Ok((row.get("sent")?, row.get("notes")?)))?.unwrap_or_default();
            let resolved = first(conn, RESOLVED, (&agent, from), |row| row.get(0))?.unwrap_or_default();
            let routed = first(conn, ROUTED, (&agent, from), |row| Ok((row.get("taken")?, row.get("missed")?, row.get("declined")?)))?;
            let (taken, missed, declined) = routed.unwrap_or_default();
            let asked = first(conn, SURVEYS, (&agent, from), |row| {
                Ok((row.get("sent")?, row.get("answered")?, row.get::<_, i64>("total")?, row.get::<_, i64>("marks")?))
            })?;
            let (asked, rated, total, marks) = asked.unwrap_or_default();
            let csat = (marks > 0).then(|| (total * 100 + marks / 2) / marks);
            Ok(MyDay { asked, rated, csat, calls, talked, held, sent, notes, taken, resolved, missed, declined })
        })
        .await
}
