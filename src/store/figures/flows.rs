//! What flows settle by themselves.

use super::super::values::first;
use super::super::{Store, StoreError};
use crate::desk::id::At;

statements! {
    // Contacts that are over and were in a flow since `?1`; alone: nobody was asked for, let alone spoken with. The contact stands in its event
    // as `kind/number`.
    FLOWS = "WITH led AS (SELECT DISTINCT work FROM event WHERE kind = 'flow.entered' AND at >= ?1),
        contact AS (SELECT substr(work, 1, instr(work, '/') - 1) AS kind, CAST(substr(work, instr(work, '/') + 1) AS INTEGER) AS id FROM led),
        over AS (SELECT kind, id FROM contact c WHERE CASE kind
            WHEN 'call' THEN EXISTS (SELECT 1 FROM call WHERE call.id = c.id AND ended_at IS NOT NULL)
            ELSE EXISTS (SELECT 1 FROM conversation WHERE conversation.id = c.id AND state = 'resolved') END)
        SELECT count(*) AS led, count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM routing r
            WHERE r.work_kind = over.kind AND r.work = over.id AND r.kind IN ('queued', 'assigned'))) AS alone FROM over";
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flows {
    /// Contacts that are over and that a flow has received.
    pub led: i64,
    /// Of these: ended without an agent, and without waiting for one.
    pub alone: i64,
}

impl Flows {
    /// Containment, in tenths of a percent; `None` before the first.
    pub fn share(&self) -> Option<i64> {
        (self.led > 0).then(|| (self.alone * 1_000 + self.led / 2) / self.led)
    }
}

/// Since then.
pub async fn flows(store: &Store, from: At) -> Result<Flows, StoreError> {
    let read = |row: &rusqlite::Row<'_>| Ok(Flows { led: row.get("led")?, alone: row.get("alone")? });
    store.read(move |conn| Ok(first(conn, FLOWS, [from], read)?.unwrap_or_default())).await
}
