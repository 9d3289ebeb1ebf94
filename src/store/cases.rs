//! Cases in figures: resolved for good at the first go, contacts that came again, and what is promised and near its end.

use super::values::{all, first};
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    // Resolved for the first time in the span; solved, if nothing came again about it for `?3` ms. Which went on as another ticket, is none.
    RESOLVED = "SELECT count(*) AS resolved, count(*) FILTER (WHERE
            NOT EXISTS (SELECT 1 FROM ticket_link l WHERE l.ticket = t.id AND l.at > t.first_resolved_at AND l.at <= t.first_resolved_at + ?3)
            AND NOT EXISTS (SELECT 1 FROM ticket_trail r WHERE r.ticket = t.id AND r.field = 'state' AND r.value = 'reopened'
                AND r.at <= t.first_resolved_at + ?3)
            AND NOT EXISTS (SELECT 1 FROM ticket f WHERE f.follows = t.id AND f.opened_at <= t.first_resolved_at + ?3)) AS solved
        FROM ticket t WHERE t.first_resolved_at >= ?1 AND t.first_resolved_at < ?2 AND t.merged_into IS NULL";
    // A contact repeats its case if an earlier one of the case came by another channel. It is one, however many cases it is about; those of a
    // ticket that has become another are the other's.
    CONTACTS = "WITH told AS NOT MATERIALIZED (SELECT l.ticket, l.at, l.work_kind || '/' || l.work AS contact,
            CASE l.work_kind WHEN 'conversation' THEN (SELECT c.channel FROM conversation c WHERE c.id = l.work) ELSE '' END AS channel
        FROM ticket_link l JOIN ticket t ON t.id = l.ticket WHERE t.merged_into IS NULL)
        SELECT count(DISTINCT n.contact) AS contacts, count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM told e
            WHERE e.ticket = n.ticket AND e.channel != n.channel AND (e.at, e.contact) < (n.at, n.contact)) THEN n.contact END) AS repeats
        FROM told n WHERE n.at >= ?1 AND n.at < ?2";
    RISKS = "SELECT department, count(*) FILTER (WHERE risk = 'at_risk') AS at_risk, count(*) FILTER (WHERE risk = 'late') AS late,
        count(*) AS promised FROM ticket WHERE promised_at IS NOT NULL GROUP BY department ORDER BY department";
    OPEN = "SELECT count(*) AS open, count(*) FILTER (WHERE assignee IS NULL) AS unassigned FROM ticket WHERE state NOT IN ('resolved', 'closed')";
}

/// Shares of cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cases {
    pub resolved: i64,
    /// Of these: nothing came again in time.
    pub solved: i64,
    pub contacts: i64,
    /// Of these: about a case of which another channel had heard.
    pub repeats: i64,
}

impl Cases {
    /// First contact resolution, in tenths of a percent; `None` where nothing was resolved.
    pub fn solved_share(&self) -> Option<i64> {
        (self.resolved > 0).then(|| (self.solved * 1_000 + self.resolved / 2) / self.resolved)
    }

    /// Repeat contacts, in tenths of a percent.
    pub fn repeat_share(&self) -> Option<i64> {
        (self.contacts > 0).then(|| (self.repeats * 1_000 + self.contacts / 2) / self.contacts)
    }
}

/// What is promised by one department, and how it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risk {
    pub department: Option<DepartmentId>,
    pub promised: i64,
    pub at_risk: i64,
    pub late: i64,
}

/// Tickets about which something is to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    pub all: i64,
    /// Of these: nobody has taken them on.
    pub unassigned: i64,
}

/// Cases that were resolved, and contacts that came, in this span. Whether a case is solved is only known `within` ms after its resolution:
/// a span that ends earlier than that before now counts for good, a later one as it stands.
pub async fn cases(store: &Store, from: At, to: At, within: i64) -> Result<Cases, StoreError> {
    store
        .read(move |conn| {
            let (resolved, solved) = first(conn, RESOLVED, (from, to, within), |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default();
            let (contacts, repeats) = first(conn, CONTACTS, (from, to), |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default();
            Ok(Cases { resolved, solved, contacts, repeats })
        })
        .await
}

/// What is promised now.
pub async fn risks(store: &Store) -> Result<Vec<Risk>, StoreError> {
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Risk {
            department: row.get("department")?,
            promised: row.get("promised")?,
            at_risk: row.get("at_risk")?,
            late: row.get("late")?,
        })
    };
    store.read(move |conn| all(conn, RISKS, [], row)).await
}

/// As they are now.
pub async fn open(store: &Store) -> Result<Open, StoreError> {
    let row = |row: &rusqlite::Row<'_>| Ok(Open { all: row.get("open")?, unassigned: row.get("unassigned")? });
    store.read(move |conn| Ok(first(conn, OPEN, [], row)?.unwrap_or_default())).await
}
