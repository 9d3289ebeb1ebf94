//! The left pane: what is mine, and what waits in my queues.

use crate::desk::fact::StatusName;
use crate::desk::floor::FloorWaiting;
use crate::desk::id::{CallId, Work};
use crate::store::callbacks::{self, CallbackRow};
use crate::store::conversations::{self, ConversationRow};
use crate::store::tickets::{self, Pressing};
use crate::store::viewer::Role;
use crate::store::{StoreError, calls, persons};
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::render::work_path;
use crate::web::inbox::say::Say;
use crate::web::inbox::view::{DueLine, List, Row, Wait};
use futures_util::future::try_join_all;

/// Waiting work shown at most: what nobody can take in at a glance is counted, not listed.
const WAITING: usize = 40;
const MINE: u32 = 200;

/// The left pane of the reader; `selected` is what the centre shows.
pub async fn list(reader: &Reader, selected: Option<Work>) -> Result<List, StoreError> {
    let me = reader.me();
    let mine_calls = reader.floor.serving.iter().filter(|s| s.agent == *me).filter_map(|s| match s.work {
        Work::Call(id) => Some((id, s)),
        Work::Conversation(_) | Work::Callback(_) => None,
    });
    let store = &reader.state.store;
    let mut mine = Vec::new();
    for (id, serving) in mine_calls {
        if let Some(row) = call_row(reader, id, serving.since, true).await? {
            let line = if serving.held { "desk.on_the_phone_held" } else { "desk.on_the_phone" };
            mine.push(Row { line: reader.say().t(line), ..row });
        }
    }
    for row in conversations::mine(store, &reader.viewer, me, MINE).await? {
        mine.push(conversation_row(reader, row));
    }
    let mut snoozed = Vec::new();
    for row in conversations::snoozed(store, &reader.viewer, me, MINE).await? {
        let until = row.snoozed_until.unwrap_or(row.last_at);
        let row = conversation_row(reader, row);
        snoozed.push(Row { meta: format!("{} · {}", reader.say().until(until), row.meta), ..row });
    }
    let mut waiting = try_join_all(my_waiting(reader).take(WAITING).map(|w| waiting_row(reader, w))).await?;
    let mut waiting: Vec<Row> = waiting.drain(..).flatten().collect();
    let works = mine.iter().chain(&waiting).chain(&snoozed).map(|row| row.work).collect();
    let (say, pressing) = (reader.say(), tickets::pressing(store, works).await?);
    for row in mine.iter_mut().chain(&mut waiting).chain(&mut snoozed) {
        row.selected = selected == Some(row.work);
        row.due = pressing.get(&row.work).map(|pressing| due_line(&say, pressing));
    }
    let available = reader.floor.agents.iter().any(|a| a.id == *me && a.status == StatusName::Available);
    Ok(List { mine, waiting, snoozed, available })
}

/// What waits where the reader works; supervisors see every queue.
fn my_waiting(reader: &Reader) -> impl Iterator<Item = &FloorWaiting> {
    let queues = reader.queues();
    let all = reader.viewer.role >= Role::Supervisor;
    reader.floor.waiting.iter().filter(move |w| all || queues.contains(&w.queue))
}

async fn waiting_row(reader: &Reader, waiting: &FloorWaiting) -> Result<Option<Row>, StoreError> {
    let say = reader.say();
    let row = match waiting.work {
        Work::Call(id) => call_row(reader, id, waiting.since, false).await?,
        Work::Callback(id) => {
            let found = callbacks::get(&reader.state.store, &reader.viewer, id).await?;
            found.map(|row| callback_row(reader, row))
        }
        Work::Conversation(id) => {
            let found = conversations::get(&reader.state.store, &reader.viewer, id).await?;
            found.map(|row| conversation_row(reader, row))
        }
    };
    let Some(mut row) = row else { return Ok(None) };
    if let Some((agent, _)) = &waiting.offered_to {
        row.line = say.with("desk.ringing_at", &[("agent", &say.agent(agent))]);
    }
    row.since = waiting.since;
    row.meta = format!("{} · {}", row.channel, say.queue(&waiting.queue));
    if waiting.left {
        row.meta = format!("{} · {}", say.t("desk.has_left"), row.meta);
    }
    row.unread = 0;
    row.wait = Some(Wait {
        position: waiting.position,
        offered: waiting.offered_to.is_some(),
        take: format!("/work/{}/take", work_path(&waiting.work)),
    });
    Ok(Some(row))
}

fn due_line(say: &Say, pressing: &Pressing) -> DueLine {
    let (risk, late) = (pressing.risk.is_some(), pressing.risk.as_deref() == Some("late"));
    let key = if late { "ticket.row_late" } else { "ticket.row_due" };
    let text = say.with(key, &[("ticket", &pressing.ticket.to_string()), ("time", &say.until(pressing.at))]);
    DueLine { at: pressing.at, risk, late, text }
}

async fn call_row(reader: &Reader, id: CallId, since: crate::desk::id::At, live: bool) -> Result<Option<Row>, StoreError> {
    let say = reader.say();
    let Some(call) = calls::get(&reader.state.store, &reader.viewer, id).await? else { return Ok(None) };
    let tier = persons::get(&reader.state.store, call.call.person).await?.and_then(|person| person.tier);
    let channel = say.channel("phone");
    let queue = call.call.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_default();
    Ok(Some(Row {
        work: Work::Call(id),
        href: format!("/inbox/call/{id}"),
        glyph: "phone".into(),
        line: call.call.caller,
        name: call.call.person_name,
        tier: tier.map(|tier| say.tier(&tier)),
        meta: if queue.is_empty() { channel.clone() } else { format!("{channel} · {queue}") },
        channel,
        live,
        since,
        unread: 0,
        away: false,
        selected: false,
        wait: None,
        due: None,
    }))
}

fn callback_row(reader: &Reader, row: CallbackRow) -> Row {
    let say = reader.say();
    let channel = say.t("desk.callback");
    Row {
        work: Work::Callback(row.id),
        href: format!("/inbox/person/{}", row.person),
        glyph: "callback".into(),
        live: false,
        line: row.number,
        name: row.person_name,
        tier: row.person_tier.map(|tier| say.tier(&tier)),
        meta: channel.clone(),
        channel,
        since: row.since,
        unread: 0,
        away: false,
        selected: false,
        wait: None,
        due: None,
    }
}

fn conversation_row(reader: &Reader, row: ConversationRow) -> Row {
    let say = reader.say();
    let kind = reader.catalog().channels.get(&row.channel).map_or(row.identity.kind.as_str(), |spec| spec.kind.as_str());
    let channel = say.channel(kind);
    let queue = row.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_default();
    // A card, or what was taken back.
    let said = if row.last_line.is_empty() && !row.last_by.is_empty() { say.t("desk.line_wordless") } else { row.last_line };
    let line = match row.last_by.as_str() {
        "agent" if row.agent.as_ref() == Some(reader.me()) => say.with("desk.line_mine", &[("text", &said)]),
        _ => said,
    };
    Row {
        work: Work::Conversation(row.id),
        href: format!("/inbox/conversation/{}", row.id),
        glyph: glyph(kind).into(),
        live: false,
        name: row.person_name,
        tier: row.person_tier.map(|tier| say.tier(&tier)),
        line,
        meta: if queue.is_empty() { channel.clone() } else { format!("{channel} · {queue}") },
        channel,
        since: row.last_at,
        unread: row.unread,
        away: row.customer_left_at.is_some(),
        selected: false,
        wait: None,
        due: None,
    }
}
