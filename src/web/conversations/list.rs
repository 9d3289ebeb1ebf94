//! `GET /conversations`: `?state=`, `?queue=`, `?channel=`, `?agent=` (`me` for oneself), `?tier=`, `?tag=`, `?unread=1`, the last written in
//! first.

use crate::auth::Role;
use crate::desk::id::{AgentId, At, ChannelId, ConversationId, QueueId, TierId};
use crate::store::conversations::ConversationRow;
use crate::store::views::{self, Filter, List};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::knowledge::lines::address;
use crate::web::views::{Choice, choices};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::Uri;
use serde::Deserialize;

const PAGE: u32 = 50;
pub const STATES: &[&str] = &["unresolved", "waiting", "serving", "snoozed", "resolved"];

/// What the address asks for; what is empty is not asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    queue: String,
    channel: String,
    agent: String,
    tier: String,
    tag: String,
    unread: String,
    before: Option<String>,
}

impl Asked {
    /// As it stands in an address behind the `?`, without what is not asked.
    pub fn query(&self) -> String {
        let pairs = [
            ("state", self.state.as_str()),
            ("queue", &self.queue),
            ("channel", &self.channel),
            ("agent", &self.agent),
            ("tier", &self.tier),
            ("tag", &self.tag),
            ("unread", &self.unread),
        ];
        address("", &pairs).trim_start_matches('?').to_owned()
    }

    /// The reverse; `None` for what no list of ours asked.
    pub fn read(query: &str) -> Option<Asked> {
        let uri: Uri = format!("/conversations?{query}").parse().ok()?;
        Query::try_from_uri(&uri).ok().map(|Query(asked)| asked)
    }

    fn filter(&self, reader: &Reader) -> Filter {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let agent = if self.agent == "me" { Some(reader.me().clone()) } else { some(&self.agent).map(|id| AgentId::from(id.as_str())) };
        Filter {
            state: some(&self.state).filter(|state| STATES.contains(&state.as_str())),
            queue: some(&self.queue).map(|id| QueueId::from(id.as_str())),
            channel: some(&self.channel).map(|id| ChannelId::from(id.as_str())),
            agent,
            tier: some(&self.tier).map(|id| TierId::from(id.as_str())),
            tag: some(&self.tag),
            unread: !self.unread.is_empty(),
            // Agents see what went through their queues, and their own.
            within: (reader.viewer.role < Role::Supervisor).then(|| reader.reach().queues),
        }
    }
}

/// `templates/conversations/list.html`
#[derive(Template)]
#[template(path = "conversations/list.html")]
struct ConversationsPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
    views: Vec<Choice>,
    selects: Vec<Select>,
    tag: String,
    unread: bool,
    query: String,
    /// Where chosen conversations can be handed to: value and name.
    targets: Vec<(String, String)>,
    outcomes: Vec<String>,
    more: Option<String>,
}

struct Select {
    name: &'static str,
    label: String,
    options: Vec<(String, String, bool)>,
}

struct Line {
    id: ConversationId,
    glyph: &'static str,
    channel: String,
    name: String,
    tier: Option<String>,
    last: String,
    state: String,
    queue: String,
    agent: String,
    unread: u32,
    when: String,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let store = &reader.state.store;
    let before = asked.before.as_deref().map(cursor).transpose()?;
    let rows = views::list(store, &reader.viewer, asked.filter(&reader), before, PAGE).await?;
    let query = asked.query();
    let more = rows.last().filter(|_| rows.len() >= PAGE as usize);
    let more = more.map(|row| format!("/conversations?{query}&before={}.{}", row.last_at.0, row.id));
    let lines = rows.into_iter().map(|row| line(&reader, row)).collect();
    let views = choices(&reader, List::Conversations, &query).await?;
    let say = reader.say();
    let catalog = reader.catalog();
    let mut targets: Vec<(String, String)> =
        catalog.queues.values().map(|queue| (format!("queue/{}", queue.id), queue.name.clone())).collect();
    targets.extend(catalog.agents.values().map(|agent| (format!("agent/{}", agent.id), say.agent(&agent.id))));
    let mut outcomes: Vec<String> = catalog.queues.values().flat_map(|queue| queue.dispositions.clone()).collect();
    outcomes.sort();
    outcomes.dedup();
    let selects = selects(&reader, &asked);
    let frame = Frame::load(&reader).await?;
    let (tag, unread) = (asked.tag, !asked.unread.is_empty());
    Ok(html(&ConversationsPage { frame, lines, views, selects, tag, unread, query, targets, outcomes, more, page: reader.page }))
}

fn selects(reader: &Reader, asked: &Asked) -> Vec<Select> {
    let (say, catalog) = (reader.say(), reader.catalog());
    let select = |name: &'static str, now: &String, options: Vec<(String, String)>| Select {
        name,
        label: say.t(format!("conversations.{name}")),
        options: options.into_iter().map(|(value, label)| (value.clone(), label, value == *now)).collect(),
    };
    let states = STATES.iter().map(|state| ((*state).to_owned(), say.t(format!("conversations.is.{state}")))).collect();
    let queues = catalog.queues.values().map(|queue| (queue.id.to_string(), queue.name.clone())).collect();
    let channel = |spec: &crate::desk::catalog::ChannelSpec| say.channel(&spec.kind);
    let channels = catalog.channels.iter().map(|(id, spec)| (id.to_string(), format!("{} ({id})", channel(spec)))).collect();
    let mut agents = vec![("me".to_owned(), say.t("conversations.me"))];
    agents.extend(catalog.agents.values().filter(|a| a.id != *reader.me()).map(|agent| (agent.id.to_string(), agent.name.clone())));
    let tiers = catalog.tiers.keys().map(|tier| (tier.to_string(), say.tier(tier))).collect();
    vec![
        select("state", &asked.state, states),
        select("queue", &asked.queue, queues),
        select("channel", &asked.channel, channels),
        select("agent", &asked.agent, agents),
        select("tier", &asked.tier, tiers),
    ]
}

fn line(reader: &Reader, row: ConversationRow) -> Line {
    let say = reader.say();
    let kind = reader.catalog().channels.get(&row.channel).map_or(row.identity.kind.as_str(), |spec| spec.kind.as_str());
    let state = match (row.state.as_str(), row.snoozed_until) {
        ("snoozed", Some(until)) => say.with1("conversations.until", "time", say.until(until)),
        ("open" | "offered", _) => say.t("conversations.is.waiting"),
        (state, _) => say.t(format!("conversations.is.{state}")),
    };
    Line {
        id: row.id,
        glyph: glyph(kind),
        channel: say.channel(kind),
        name: row.person_name,
        tier: row.person_tier.as_ref().map(|tier| say.tier(tier)),
        last: row.last_line,
        state,
        queue: row.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_default(),
        agent: row.agent.as_ref().map(|agent| say.agent(agent)).unwrap_or_default(),
        unread: row.unread,
        when: say.when(row.last_at),
    }
}

fn cursor(text: &str) -> Result<(At, ConversationId), WebError> {
    let wrong = || WebError::Bad("before");
    let (at, id) = text.split_once('.').ok_or_else(wrong)?;
    Ok((At(at.parse().map_err(|_| wrong())?), ConversationId(id.parse().map_err(|_| wrong())?)))
}
