//! What colleagues write to each other: in the room of the house, in that of a queue, and two by two. Customers never see it, and nobody is
//! routed by it, so it is a plain write.

use super::values::{all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    SAY = "INSERT INTO team_line (room, by, text, at, key) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (by, key) DO NOTHING";
    LINES = "SELECT id, by, text, at FROM (SELECT * FROM team_line WHERE room = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3) ORDER BY id";
    SEEN = "INSERT INTO team_seen (agent, room, upto) VALUES (?1, ?2, ?3)
        ON CONFLICT (agent, room) DO UPDATE SET upto = max(upto, excluded.upto)";
    UNREAD = "SELECT count(*) FROM team_line l WHERE l.room = ?2 AND l.by <> ?1
        AND l.id > coalesce((SELECT upto FROM team_seen WHERE agent = ?1 AND room = ?2), 0)";
    LAST = "SELECT text FROM team_line WHERE room = ?1 ORDER BY id DESC LIMIT 1";
    PAIRS = "SELECT DISTINCT room FROM team_line WHERE room >= 'pair/' AND room < 'pair0'
        AND ('/' || substr(room, 6) || '/') LIKE '%/' || ?1 || '/%'";
}

/// One line of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamLine {
    pub id: i64,
    pub by: AgentId,
    pub text: String,
    pub at: At,
}

/// The room of two colleagues, whoever opens it.
pub fn pair(one: &AgentId, other: &AgentId) -> String {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    format!("pair/{first}/{second}")
}

/// Writes a line; the same key again is the same line. False: it was there already.
pub async fn say(store: &Store, room: &str, by: &AgentId, text: String, key: String, at: At) -> Result<bool, StoreError> {
    let (room, by) = (room.to_owned(), by.clone());
    store.write(move |conn| Ok(run(conn, SAY, (room, by, text, at, key))? > 0)).await
}

/// The newest lines before this one, oldest first.
pub async fn lines(store: &Store, room: &str, before: Option<i64>, limit: u32) -> Result<Vec<TeamLine>, StoreError> {
    let room = room.to_owned();
    store
        .read(move |conn| {
            all(conn, LINES, (room, before.unwrap_or(i64::MAX), limit), |row| {
                Ok(TeamLine { id: row.get("id")?, by: row.get("by")?, text: row.get("text")?, at: row.get("at")? })
            })
        })
        .await
}

/// The agent has read this room up to this line.
pub async fn seen(store: &Store, agent: &AgentId, room: &str, upto: i64) -> Result<(), StoreError> {
    let (agent, room) = (agent.clone(), room.to_owned());
    store.write(move |conn| run(conn, SEEN, (agent, room, upto)).map(drop)).await
}

/// Lines of each room that the agent has not read, with the last line.
pub async fn unread(store: &Store, agent: &AgentId, rooms: Vec<String>) -> Result<Vec<(u32, String)>, StoreError> {
    let agent = agent.clone();
    store
        .read(move |conn| {
            let one = |room: &String| {
                let count = first(conn, UNREAD, (&agent, room), |row| row.get(0))?.unwrap_or(0);
                Ok((count, first(conn, LAST, [room], |row| row.get(0))?.unwrap_or_default()))
            };
            rooms.iter().map(one).collect()
        })
        .await
}

/// Rooms of two in which the agent has talked or been talked to.
pub async fn pairs(store: &Store, agent: &AgentId) -> Result<Vec<String>, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| all(conn, PAIRS, [agent], |row| row.get(0))).await
}
