//! Choices of conversations: the list by what is asked for; and the choices, of tickets too, that somebody has given a name.

use super::conversations::{ConversationRow, conversation_row};
use super::values::{all, change, run};
use super::viewer::Viewer;
use super::{Store, StoreError};
use crate::desk::id::*;

/// A list in its order, from one index: what else is asked for is looked at row by row.
macro_rules! list {
    ($index:literal, $of:literal) => {
        concat!(
            "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c INDEXED BY ",
            $index,
            " JOIN person p ON p.id = c.person WHERE ",
            $of,
            " AND (?2 IS NULL OR c.queue = ?2) AND (?3 IS NULL OR c.channel = ?3) AND (?4 IS NULL OR c.agent = ?4)
            AND (?5 IS NULL OR p.tier = ?5) AND (?6 IS NULL OR EXISTS (SELECT 1 FROM tag t WHERE t.person = p.id AND t.name = ?6))
            AND (?7 = 0 OR c.unread > 0) AND (?8 IS NULL OR c.queue IN (SELECT value FROM json_each(?8)) OR c.agent = ?9)
            AND (c.last_at, c.id) < (?10, ?11)
        ORDER BY c.last_at DESC, c.id DESC LIMIT ?12"
        )
    };
}

statements! {
    // Few, among however many that are over.
    UNRESOLVED = list!("conversation_open", "c.state <> 'resolved' AND CASE ?1 WHEN 'unresolved' THEN 1
        WHEN 'waiting' THEN c.state IN ('open', 'waiting', 'offered') ELSE c.state = ?1 END");
    ALL = list!("conversation_last", "(?1 IS NULL OR c.state = ?1)");
    OF_AGENT = list!("conversation_agent", "c.agent = ?4 AND (?1 IS NULL OR c.state = ?1)");
    VIEWS = "SELECT id, owner, shared, name, query FROM view WHERE page = ?2 AND (owner = ?1 OR shared = 1) ORDER BY owner <> ?1, name";
    SAVE = "INSERT INTO view (page, owner, shared, name, query) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (owner, page, name) DO UPDATE SET shared = excluded.shared, query = excluded.query";
    REMOVE = "DELETE FROM view WHERE id = ?1 AND owner = ?2";
}

/// Which conversations; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `unresolved`, `waiting`, `serving`, `snoozed` or `resolved`.
    pub state: Option<String>,
    pub queue: Option<QueueId>,
    pub channel: Option<ChannelId>,
    pub agent: Option<AgentId>,
    pub tier: Option<TierId>,
    pub tag: Option<String>,
    pub unread: bool,
    /// Only what is in these queues, or the viewer's own; `None`: everything.
    pub within: Option<Vec<QueueId>>,
}

/// Of which list a choice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Conversations,
    Tickets,
}

impl List {
    /// As it stands in the table, and in its address behind the `/`.
    pub fn word(self) -> &'static str {
        match self {
            List::Conversations => "conversations",
            List::Tickets => "tickets",
        }
    }
}

/// A choice under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    pub id: i64,
    pub owner: AgentId,
    pub shared: bool,
    pub name: String,
    /// As it stands in the address.
    pub query: String,
}

/// Conversations, the last written in first. `before` is `(last_at, id)` of the last one of the page before.
pub async fn list(
    store: &Store,
    viewer: &Viewer,
    filter: Filter,
    before: Option<(At, ConversationId)>,
    limit: u32,
) -> Result<Vec<ConversationRow>, StoreError> {
    let viewer = viewer.clone();
    let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    let within = filter.within.as_ref().map(serde_json::to_string).transpose()?;
    let statement = match (filter.state.as_deref(), &filter.agent) {
        (Some("resolved") | None, None) => ALL,
        (Some("resolved") | None, Some(_)) => OF_AGENT,
        (Some(_), _) => UNRESOLVED,
    };
    store
        .read(move |conn| {
            let Filter { state, queue, channel, agent, tier, tag, unread, .. } = filter;
            let params = (state, queue, channel, agent, tier, tag, unread, within, viewer.agent.clone(), at, id, limit);
            all(conn, statement, params, |row| conversation_row(row, &viewer))
        })
        .await
}

/// The agent's own, then those that colleagues share.
pub async fn views(store: &Store, agent: &AgentId, of: List) -> Result<Vec<ViewRow>, StoreError> {
    let agent = agent.clone();
    store
        .read(move |conn| {
            all(conn, VIEWS, (agent, of.word()), |row| {
                Ok(ViewRow {
                    id: row.get("id")?,
                    owner: row.get("owner")?,
                    shared: row.get("shared")?,
                    name: row.get("name")?,
                    query: row.get("query")?,
                })
            })
        })
        .await
}

/// Keeps a choice under a name; the same name of the same agent again replaces it.
pub async fn save(store: &Store, of: List, owner: &AgentId, shared: bool, name: String, query: String) -> Result<(), StoreError> {
    let owner = owner.clone();
    store.write(move |conn| run(conn, SAVE, (of.word(), owner, shared, name, query)).map(drop)).await
}

/// [`StoreError::Missing`] where it is not theirs.
pub async fn remove(store: &Store, view: i64, owner: &AgentId) -> Result<(), StoreError> {
    let owner = owner.clone();
    store.write(move |conn| change(conn, REMOVE, (view, owner), "view")).await
}
