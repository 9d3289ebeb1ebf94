//! How many contacts of customers who had been here by another channel met an agent who saw it before answering.

use super::super::values::first;
use super::super::{Store, StoreError};
use crate::desk::id::At;
use rusqlite::Row;

statements! {
    // Answered contacts since `?1` of people who had another contact, on another channel, in the `?2` ms before; and those whose card was
    // before the eyes of the agent who then had it. The first answer counts.
    CALLS = "SELECT count(*) AS crossed, coalesce(sum(EXISTS (SELECT 1 FROM routing s WHERE s.work_kind = 'call' AND s.work = c.id
            AND s.kind = 'card_shown' AND s.agent = a.agent AND s.id < a.id)), 0) AS shown
        FROM call c JOIN routing a ON a.id = (SELECT min(id) FROM routing WHERE work_kind = 'call' AND work = c.id AND kind = 'assigned')
        WHERE c.started_at >= ?1 AND c.direction = 'inbound' AND EXISTS (SELECT 1 FROM conversation v WHERE v.person = c.person
            AND v.opened_at < c.started_at AND (v.last_at >= c.started_at - ?2 OR v.state <> 'resolved'))";
    TEXTS = "SELECT count(*) AS crossed, coalesce(sum(EXISTS (SELECT 1 FROM routing s WHERE s.work_kind = 'conversation' AND s.work = c.id
            AND s.kind = 'card_shown' AND s.agent = a.agent AND s.id < a.id)), 0) AS shown
        FROM conversation c
        JOIN routing a ON a.id = (SELECT min(id) FROM routing WHERE work_kind = 'conversation' AND work = c.id AND kind = 'assigned')
        WHERE c.opened_at >= ?1 AND (
            EXISTS (SELECT 1 FROM call v WHERE v.person = c.person AND v.started_at < c.opened_at
                AND coalesce(v.ended_at, v.started_at) >= c.opened_at - ?2)
            OR EXISTS (SELECT 1 FROM conversation v WHERE v.person = c.person AND v.channel <> c.channel AND v.opened_at < c.opened_at
                AND (v.last_at >= c.opened_at - ?2 OR v.state <> 'resolved')))";
}

/// A contact belongs to what went before it for so long, ms.
const WITHIN_MS: i64 = 7 * 24 * 3_600_000;

/// Contacts that went on from another channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context {
    pub crossed: i64,
    /// The card of the customer was before the agent's eyes before the answer.
    pub shown: i64,
}

impl Context {
    /// Tenths of a percent; `None` before the first.
    pub fn share(&self) -> Option<i64> {
        (self.crossed > 0).then(|| (self.shown * 1_000 + self.crossed / 2) / self.crossed)
    }
}

/// Since then.
pub async fn context(store: &Store, from: At) -> Result<Context, StoreError> {
    store
        .read(move |conn| {
            let read = |row: &Row<'_>| Ok(Context { crossed: row.get("crossed")?, shown: row.get("shown")? });
            let calls = first(conn, CALLS, (from, WITHIN_MS), read)?.unwrap_or_default();
            let texts = first(conn, TEXTS, (from, WITHIN_MS), read)?.unwrap_or_default();
            Ok(Context { crossed: calls.crossed + texts.crossed, shown: calls.shown + texts.shown })
        })
        .await
}
