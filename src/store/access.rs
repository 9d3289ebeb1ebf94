//! Who may open what was said: recordings and files are for those who had the contact or work in a queue it was in, and for supervisors
//! and administrators.

use super::values::{first, work_columns};
use super::viewer::{Role, Viewer};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Connection;
use std::collections::BTreeSet;

statements! {
    WORK = "SELECT EXISTS (SELECT 1 FROM routing WHERE work_kind = ?1 AND work = ?2
        AND ((agent = ?3 AND kind IN ('offered', 'assigned')) OR queue IN (SELECT value FROM json_each(?4))))";
    FORM = "SELECT EXISTS (SELECT 1 FROM form f WHERE f.id = ?1 AND f.answered_at IS NOT NULL AND (f.by = ?2
        OR EXISTS (SELECT 1 FROM routing r WHERE r.work_kind = f.work_kind AND r.work = f.work AND r.agent = ?2 AND r.kind = 'assigned')))";
    FORM_FILE = "SELECT f.id FROM form_answer a JOIN form f ON f.id = a.form WHERE a.file = ?1";
    FILE = "SELECT EXISTS (SELECT 1 FROM file WHERE id = ?1 AND by = 'agent/' || ?2)
        OR EXISTS (SELECT 1 FROM ticket_file WHERE file = ?1)
        OR EXISTS (SELECT 1 FROM message_file l JOIN message m ON m.id = l.message
            JOIN routing r ON r.work_kind = 'conversation' AND r.work = m.conversation
            WHERE l.file = ?1 AND ((r.agent = ?2 AND r.kind IN ('offered', 'assigned')) OR r.queue IN (SELECT value FROM json_each(?3))))";
}

/// Who asks, with the queues in which they work now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub viewer: Viewer,
    pub queues: Vec<QueueId>,
}

impl Reach {
    fn all(&self) -> bool {
        self.viewer.role >= Role::Supervisor
    }

    fn queues(&self) -> Result<String, StoreError> {
        Ok(serde_json::to_string(&self.queues)?)
    }
}

/// Which of these contacts' recordings and files may be opened.
pub async fn within(store: &Store, reach: &Reach, works: BTreeSet<Work>) -> Result<BTreeSet<Work>, StoreError> {
    if reach.all() || works.is_empty() {
        return Ok(works);
    }
    let (agent, queues) = (reach.viewer.agent.clone(), reach.queues()?);
    store
        .read(move |conn| {
            let mut within = BTreeSet::new();
            for work in works {
                if of_work(conn, &work, &agent, &queues)? {
                    within.insert(work);
                }
            }
            Ok(within)
        })
        .await
}

/// Whether this file may be opened: one's own upload, attached to a ticket, part of a contact within reach, or of a form.
pub async fn file(store: &Store, reach: &Reach, file: FileId) -> Result<bool, StoreError> {
    if reach.all() {
        return Ok(true);
    }
    let (agent, queues) = (reach.viewer.agent.clone(), reach.queues()?);
    store
        .read(move |conn| {
            if let Some(form) = first(conn, FORM_FILE, [file], |row| row.get::<_, FormId>(0))? {
                return may_see_form(conn, form, &agent);
            }
            Ok(first(conn, FILE, (file, agent, queues), |row| row.get(0))?.unwrap_or(false))
        })
        .await
}

/// Whether the pictures and files of this form may be opened, and judged: by who sent it, who served the contact, and supervisors; not by
/// everybody of the queue.
pub async fn form(store: &Store, reach: &Reach, form: FormId) -> Result<bool, StoreError> {
    if reach.all() {
        return Ok(true);
    }
    let agent = reach.viewer.agent.clone();
    store.read(move |conn| may_see_form(conn, form, &agent)).await
}

fn may_see_form(conn: &Connection, form: FormId, agent: &AgentId) -> Result<bool, StoreError> {
    Ok(first(conn, FORM, (form, agent), |row| row.get(0))?.unwrap_or(false))
}

fn of_work(conn: &Connection, work: &Work, agent: &AgentId, queues: &str) -> Result<bool, StoreError> {
    let (kind, id) = work_columns(work);
    Ok(first(conn, WORK, (kind, id, agent, queues), |row| row.get(0))?.unwrap_or(false))
}
