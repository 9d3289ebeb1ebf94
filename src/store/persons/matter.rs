//! What is open with a customer, whatever the channel: what waits for an answer, what they were offered already, what they have shown.

use crate::desk::id::*;
use crate::desk::input::FileRef;
use crate::store::values::{all, json_at};
use crate::store::{Store, StoreError};
use rusqlite::Connection;

statements! {
    UNANSWERED = "SELECT id, channel, last_line, last_at FROM conversation
        WHERE person = ?1 AND state <> 'resolved' AND last_by = 'customer' ORDER BY last_at DESC LIMIT 5";
    OWED = "SELECT id, number, listed_at FROM callback WHERE person = ?1 AND closed_at IS NULL ORDER BY listed_at LIMIT 5";
    UNDELIVERED = "SELECT m.conversation, m.text, m.at FROM message m JOIN conversation c ON c.id = m.conversation
        WHERE c.person = ?1 AND c.state <> 'resolved' AND m.delivery = 'failed' ORDER BY m.at DESC LIMIT 3";
    // Since the oldest thing that is still open; without one, of the last contact.
    SINCE = "SELECT coalesce((SELECT min(at) FROM (
            SELECT min(opened_at) AS at FROM conversation WHERE person = ?1 AND state <> 'resolved'
            UNION ALL SELECT min(opened_at) FROM ticket WHERE person = ?1 AND state NOT IN ('resolved', 'closed'))), ?2)";
    SAID = "SELECT agent, text, at FROM message WHERE person = ?1 AND at >= ?2 AND kind = 'out' AND text <> '' ORDER BY at DESC, id DESC LIMIT 3";
    NOTED = "SELECT agent, wrap_note AS text, coalesce(ended_at, started_at) AS at FROM call
        WHERE person = ?1 AND started_at >= ?2 AND wrap_note <> '' ORDER BY started_at DESC LIMIT 2";
    PICTURES = "SELECT conversation, files FROM message WHERE person = ?1 AND kind = 'in' AND files IS NOT NULL ORDER BY at DESC, id DESC LIMIT 12";
}

/// Without anything open, what was said so long ago counts, ms.
const LOOK_BACK_MS: i64 = 30 * 24 * 3_600_000;
/// Pictures shown.
const PICTURES_SHOWN: usize = 6;

/// The open matter of a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matter {
    pub points: Vec<Point>,
    /// Newest first.
    pub offered: Vec<Offered>,
    /// Newest first, each with the conversation in which it came.
    pub pictures: Vec<(ConversationId, FileRef)>,
}

/// Something that nobody has settled yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Point {
    /// The customer has written last.
    Unanswered { conversation: ConversationId, channel: ChannelId, text: String, at: At },
    /// We owe them a call.
    Callback { callback: CallbackId, at: At },
    /// What we wrote did not arrive.
    Undelivered { conversation: ConversationId, text: String, at: At },
}

/// What somebody of ours has told them, or noted of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    pub agent: Option<AgentId>,
    pub text: String,
    pub at: At,
}

/// Of one customer. Personal values are in none of it but their own words.
pub async fn matter(store: &Store, person: PersonId, now: At) -> Result<Matter, StoreError> {
    store.read(move |conn| matter_of(conn, person, now)).await
}

fn matter_of(conn: &Connection, person: PersonId, now: At) -> Result<Matter, StoreError> {
    let mut points = all(conn, UNANSWERED, [person], |row| {
        Ok(Point::Unanswered {
            conversation: row.get("id")?,
            channel: row.get("channel")?,
            text: row.get("last_line")?,
            at: row.get("last_at")?,
        })
    })?;
    points.extend(all(conn, OWED, [person], |row| Ok(Point::Callback { callback: row.get("id")?, at: row.get("listed_at")? }))?);
    points.extend(all(conn, UNDELIVERED, [person], |row| {
        Ok(Point::Undelivered { conversation: row.get("conversation")?, text: row.get("text")?, at: row.get("at")? })
    })?);
    let since: At = conn.prepare_cached(SINCE)?.query_row((person, now.after(-LOOK_BACK_MS)), |row| row.get(0))?;
    let read = |row: &rusqlite::Row<'_>| Ok(Offered { agent: row.get("agent")?, text: row.get("text")?, at: row.get("at")? });
    let mut offered = all(conn, SAID, (person, since), read)?;
    offered.extend(all(conn, NOTED, (person, since), read)?);
    offered.sort_by_key(|one| std::cmp::Reverse(one.at));
    let mut pictures: Vec<(ConversationId, FileRef)> = Vec::new();
    let files = all(conn, PICTURES, [person], |row| {
        Ok((row.get::<_, Option<ConversationId>>("conversation")?, json_at::<Vec<FileRef>>(row, "files")?))
    })?;
    for (conversation, files) in files {
        let Some(conversation) = conversation else { continue };
        pictures.extend(files.into_iter().filter(|file| file.mime.starts_with("image/")).map(|file| (conversation, file)));
    }
    pictures.truncate(PICTURES_SHOWN);
    Ok(Matter { points, offered, pictures })
}
