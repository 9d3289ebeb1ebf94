//! `GET /callbacks?show=`: who is still to be called, the longest waiting first.

use crate::desk::fact::MissedWhy;
use crate::desk::id::PersonId;
use crate::store::StoreError;
use crate::store::callbacks::{self, CallbackRow, CallbackState};
use crate::store::conversations::{self, ConversationRow};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::phrase::{closed_text, missed_text, not_reached_text};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

const MOST: u32 = 500;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
}

struct Tab {
    value: &'static str,
    text: String,
    here: bool,
    count: usize,
}

struct Line {
    id: u64,
    person: u64,
    name: String,
    tier: Option<String>,
    number: String,
    glyph: &'static str,
    why: String,
    queue: String,
    when: String,
    /// How long they waited for us, or how long their message is.
    waited: String,
    /// How often they tried, where more than once.
    missed: Option<String>,
    tried: Option<String>,
    next: Option<String>,
    told: bool,
    claimed: Option<String>,
    mine: bool,
    /// On the line, or being dialled.
    busy: bool,
    waiting: bool,
    voicemail: Option<String>,
    /// They called from a page: that can be rung, and written to.
    page: bool,
    /// Their chat, where it goes on.
    chat: Option<String>,
    /// For those that are over: how.
    closed: Option<String>,
}

/// `templates/callbacks/list.html`
#[derive(Template)]
#[template(path = "callbacks/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
}

/// A tab: its value in the address, the key of its title, and whose rows it shows.
type Kind = (&'static str, &'static str, fn(&CallbackRow, &Reader) -> bool);

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let (store, say) = (&reader.state.store, reader.say());
    let open = callbacks::open(store, &reader.viewer, MOST).await?;
    let kinds: [Kind; 4] = [
        ("open", "desk.callbacks.tab_open", |_, _| true),
        ("mine", "desk.callbacks.tab_mine", |row, reader| row.claimed.as_ref() == Some(reader.me())),
        ("voicemail", "desk.callbacks.tab_voicemail", |row, _| row.voicemail.is_some()),
        ("promised", "desk.callbacks.tab_promised", |row, _| row.due_at.is_some()),
    ];
    let show = if kinds.iter().any(|(value, ..)| *value == asked.show) || asked.show == "done" { asked.show } else { "open".to_owned() };
    let mut tabs: Vec<Tab> = kinds
        .iter()
        .map(|(value, key, fits)| Tab {
            value,
            text: say.t(*key),
            here: show == *value,
            count: open.iter().filter(|row| fits(row, &reader)).count(),
        })
        .collect();
    tabs.push(Tab { value: "done", text: say.t("desk.callbacks.tab_done"), here: show == "done", count: 0 });
    let rows = match kinds.iter().find(|(value, ..)| *value == show) {
        Some((_, _, fits)) => open.into_iter().filter(|row| fits(row, &reader)).collect(),
        None => callbacks::closed(store, &reader.viewer, MOST).await?,
    };
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let chat = if row.page && row.closed_at.is_none() { open_chat(&reader, row.person).await? } else { None };
        lines.push(line(&reader, &say, row, chat));
    }
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, tabs, lines, page: reader.page }))
}

/// The chat of this person that goes on.
async fn open_chat(reader: &Reader, person: PersonId) -> Result<Option<String>, StoreError> {
    let theirs = conversations::of_person(&reader.state.store, &reader.viewer, person, 20).await?;
    let is_chat = |row: &ConversationRow| reader.catalog().channels.get(&row.channel).is_some_and(|channel| channel.kind == "webchat");
    let open = theirs.iter().find(|row| row.state != "resolved" && is_chat(row));
    Ok(open.map(|row| format!("/inbox/conversation/{}", row.id)))
}

fn line(reader: &Reader, say: &Say, row: CallbackRow, chat: Option<String>) -> Line {
    let next = row.due_at.filter(|_| row.closed_at.is_none() && row.claimed.is_none());
    let next = next.map(|at| if at <= say.now { say.t("desk.callbacks.in_line") } else { say.when(at) });
    let last = row.failure.as_deref().map(|word| not_reached_text(say, word)).unwrap_or_default();
    let closed = row.how.map(|how| {
        let by = row.closed_by.as_ref().map(|by| say.agent(by)).unwrap_or_default();
        let outcome = row.outcome.clone().unwrap_or_default();
        [closed_text(say, how), by, outcome].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    });
    Line {
        id: row.id.0,
        person: row.person.0,
        name: row.person_name,
        tier: row.person_tier.as_ref().map(|tier| say.tier(tier)),
        number: if row.page { say.t("desk.callbacks.at_page") } else { row.number },
        page: row.page,
        chat,
        glyph: match row.why {
            MissedWhy::Voicemail => "mic",
            MissedWhy::Asked => "callback",
            MissedWhy::Chat => "webchat",
            _ => "phone-in",
        },
        why: missed_text(say, row.why),
        queue: row.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_default(),
        when: say.when(row.closed_at.unwrap_or(row.listed_at)),
        waited: row.millis.map_or_else(|| say.span(row.listed_at.since(row.since)), |millis| say.span(i64::try_from(millis).unwrap_or(0))),
        missed: (row.missed > 1).then(|| say.n("desk.callbacks.times", row.missed)),
        tried: (row.tries > 0).then(|| say.with("desk.callbacks.tried", &[("n", &row.tries.to_string()), ("why", &last)])),
        next,
        told: row.told_at.is_some(),
        mine: row.claimed.as_ref() == Some(reader.me()),
        claimed: row.claimed.as_ref().map(|agent| say.agent(agent)),
        busy: row.state == CallbackState::Calling,
        waiting: row.state == CallbackState::Waiting,
        voicemail: row.voicemail.map(|id| format!("/inbox/conversation/{id}")),
        closed,
    }
}
