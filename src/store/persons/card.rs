//! The card that is pushed with the ring: who it is, what they wrote, what is open and what was before, in one read.

use super::{IdentityRow, PersonRow, identities_of, person_of, tags_of};
use crate::desk::id::*;
use crate::desk::input::TicketState;
use crate::store::messages::{self, MessageRow};
use crate::store::values::{all, word_at};
use crate::store::viewer::Viewer;
use crate::store::{Store, StoreError};
use rusqlite::Connection;

statements! {
    OPEN_CONVERSATIONS = "SELECT id, channel, state, agent, opened_at, last_at, unread FROM conversation
        WHERE person = ?1 AND state <> 'resolved' ORDER BY opened_at DESC, id DESC LIMIT 10";
    OPEN_TICKETS = "SELECT id, subject, state, priority, assignee, changed_at, promised_at, risk FROM ticket
        WHERE person = ?1 AND state NOT IN ('resolved', 'closed') ORDER BY opened_at DESC, id DESC LIMIT 20";
    COUNTS = "SELECT
        (SELECT count(*) FROM call WHERE person = ?1),
        (SELECT count(*) FROM conversation WHERE person = ?1),
        (SELECT count(*) FROM ticket WHERE person = ?1),
        (SELECT max(at) FROM (SELECT max(started_at) AS at FROM call WHERE person = ?1 AND ended_at IS NOT NULL
            UNION ALL SELECT max(last_at) FROM conversation WHERE person = ?1 AND state = 'resolved'))";
}

/// What an agent must see of the customer before saying hello.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub person: PersonRow,
    pub tags: Vec<String>,
    pub identities: Vec<IdentityRow>,
    /// Newest first, at most 10.
    pub conversations: Vec<CardConversation>,
    /// Not resolved or closed; newest first, at most 20.
    pub tickets: Vec<CardTicket>,
    pub counts: Counts,
}

/// An open conversation with its last lines.
#[derive(Debug, Clone, PartialEq)]
pub struct CardConversation {
    pub id: ConversationId,
    pub channel: ChannelId,
    /// `open`, `waiting`, `offered` or `serving`.
    pub state: String,
    pub agent: Option<AgentId>,
    pub opened_at: At,
    pub last_at: At,
    pub unread: u32,
    /// The last three messages, oldest first.
    pub last: Vec<MessageRow>,
}

/// An open ticket in one line.
#[derive(Debug, Clone, PartialEq)]
pub struct CardTicket {
    pub id: TicketId,
    pub subject: String,
    pub state: TicketState,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    pub assignee: Option<AgentId>,
    pub changed_at: At,
    /// The next moment by which something was promised.
    pub promised_at: Option<At>,
    pub late: bool,
}

/// How often they were here, this contact included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub calls: u32,
    pub conversations: u32,
    pub tickets: u32,
    /// The last contact that is over.
    pub last_contact: Option<At>,
}

/// The card of one customer; `None` when there is no such person.
pub async fn card(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Option<Card>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| card_of(conn, &viewer, person)).await
}

fn card_of(conn: &Connection, viewer: &Viewer, id: PersonId) -> Result<Option<Card>, StoreError> {
    let Some(person) = person_of(conn, id)? else {
        return Ok(None);
    };
    let mut conversations = all(conn, OPEN_CONVERSATIONS, [id], |row| {
        Ok(CardConversation {
            id: row.get("id")?,
            channel: row.get("channel")?,
            state: row.get("state")?,
            agent: row.get("agent")?,
            opened_at: row.get("opened_at")?,
            last_at: row.get("last_at")?,
            unread: row.get("unread")?,
            last: Vec::new(),
        })
    })?;
    for conversation in &mut conversations {
        conversation.last = messages::last_of(conn, conversation.id, 3)?;
    }
    let tickets = all(conn, OPEN_TICKETS, [id], |row| {
        Ok(CardTicket {
            id: row.get("id")?,
            subject: row.get("subject")?,
            state: word_at(row, "state")?,
            priority: row.get("priority")?,
            assignee: row.get("assignee")?,
            changed_at: row.get("changed_at")?,
            promised_at: row.get("promised_at")?,
            late: row.get::<_, Option<String>>("risk")?.as_deref() == Some("late"),
        })
    })?;
    let counts = conn.prepare_cached(COUNTS)?.query_row([id], |row| {
        Ok(Counts { calls: row.get(0)?, conversations: row.get(1)?, tickets: row.get(2)?, last_contact: row.get(3)? })
    })?;
    Ok(Some(Card { person, tags: tags_of(conn, id)?, identities: identities_of(conn, viewer, id)?, conversations, tickets, counts }))
}
