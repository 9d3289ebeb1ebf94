//! The centre pane: whose timeline, in which conversation one answers, and what may be done with it.

use super::pop::{Known, pop};
use super::timeline;
use crate::desk::id::{At, CallId, ConversationId, PersonId, Work};
use crate::desk::input::FileRef;
use crate::desk::person::{Page, Unreachable};
use crate::desk::traits::{Cards, Traits, Unit, Window};
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::window::{Measure, Standing};
use crate::store::callbacks::{self, CallbackState};
use crate::store::conversations::ConversationRow;
use crate::store::messages::{self, MessageKind};
use crate::store::{StoreError, calls, conversations, drafts, persons};
use crate::web::error::unreachable_key;
use crate::web::inbox::mail;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::render::work_path;
use crate::web::inbox::reply::Templates;
use crate::web::inbox::say::{Piece, Say};
use crate::web::inbox::view::{Composer, Head, ReplyTab, ReplyWindow, Timeline};

/// What the address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Call(CallId),
    Conversation(ConversationId),
    Person(PersonId),
}

impl Place {
    pub fn work(&self) -> Option<Work> {
        match self {
            Place::Call(id) => Some(Work::Call(*id)),
            Place::Conversation(id) => Some(Work::Conversation(*id)),
            Place::Person(_) => None,
        }
    }
}

/// Everything the centre shows.
pub struct Centre {
    pub head: Head,
    pub timeline: Timeline,
    pub composer: Composer,
}

/// The centre of a place; `None` when it does not exist.
pub async fn centre(reader: &Reader, place: Place) -> Result<Option<Centre>, StoreError> {
    let (store, viewer, say) = (&reader.state.store, &reader.viewer, reader.say());
    let person = match place {
        Place::Person(person) => Some(person),
        Place::Call(id) => calls::get(store, viewer, id).await?.map(|call| call.call.person),
        Place::Conversation(id) => conversations::get(store, viewer, id).await?.map(|row| row.person),
    };
    let Some(person) = person else { return Ok(None) };
    let of_call = match place {
        Place::Call(id) => calls::get(store, viewer, id).await?.map(|call| call.call),
        Place::Conversation(_) | Place::Person(_) => None,
    };
    let Some(row) = persons::get(store, person).await? else { return Ok(None) };
    let mut open = conversations::of_person(store, viewer, person, 50).await?;
    // The one the address names stays even when it is resolved; of the others, those still open.
    open.retain(|c| c.state != "resolved" || place == Place::Conversation(c.id));
    open.sort_by_key(|c| (place != Place::Conversation(c.id), c.agent.as_ref() != Some(reader.me()), std::cmp::Reverse(c.last_at)));
    let current = open.first();
    let mut tabs = Vec::with_capacity(open.len());
    for row in &open {
        let place = drafts::Place::Conversation(row.id);
        let draft = drafts::get(store, reader.me(), place).await?;
        let files = chips(&drafts::files(store, reader.me(), place).await?);
        let heard = messages::heard(store, row.id).await?;
        let unreachable = persons::unreachable(store, row.id).await?;
        let mail = mail::head(reader, reader.catalog().channels.get(&row.channel), row).await?;
        tabs.extend(tab(reader, &say, row, draft, heard, unreachable).map(|tab| ReplyTab { mail, files, ..tab }));
    }
    let upto = match current {
        Some(row) => messages::page(store, row.id, None, 20).await?.iter().rev().find(|m| m.kind == MessageKind::In).map(|m| m.id),
        None => None,
    };
    let composer = Composer {
        person,
        name: row.name.clone(),
        tabs,
        note: drafts::get(store, reader.me(), drafts::Place::Person(person)).await?,
        work: place.work(),
    };
    let waits =
        reader.floor.waiting.iter().find(|w| Some(w.work) == current.map(|c| Work::Conversation(c.id)) || Some(w.work) == place.work());
    let queue = current.and_then(|c| c.queue.as_ref()).and_then(|queue| reader.catalog().queues.get(queue));
    let voicemail = match current.filter(|c| c.identity.kind == "phone" && c.channel.as_str() == VOICEMAIL) {
        Some(row) => callbacks::of_voicemail(store, viewer, row.id).await?.filter(|row| row.closed_at.is_none()),
        None => None,
    };
    let call_back = voicemail.filter(|row| row.state != CallbackState::Calling).map(|row| format!("/callbacks/{}/call", row.id));
    let calls = |row: &&ConversationRow| reader.catalog().channels.get(&row.channel).is_some_and(|spec| spec.calls.is_some());
    let page_call = current.filter(calls).is_some_and(|row| Page::of(&row.channel, &row.identity).is_some());
    let page_video = page_call && current.is_some_and(|row| reader.loaded.config.takes_video_at(&row.channel));
    let linked = reader.state.links.load().is_some() && current.is_some_and(|row| row.channel.as_str() != VOICEMAIL);
    let call_link = linked && reader.catalog().channels.values().any(|spec| spec.calls.is_some());
    let windows = || reader.catalog().channels.values().any(|spec| spec.kind == "webchat");
    let elsewhere = current.and_then(|row| reader.catalog().channels.get(&row.channel)).is_some_and(|spec| spec.kind != "webchat");
    let chat_link = linked && elsewhere && windows();
    let mine = current.is_some_and(|c| c.state == "serving" && c.agent.as_ref() == Some(reader.me()));
    let chat = current.filter(|c| mine && c.channel.as_str() != VOICEMAIL);
    let phone = match chat {
        Some(_) => Some(persons::identities(store, viewer, person).await?.iter().any(|identity| identity.kind == "phone")),
        None => None,
    };
    let contact = match (of_call, current) {
        (Some(call), _) => Known::of_call(&call),
        (None, Some(row)) => Some(Known::of_conversation(row)),
        (None, None) => Some(Known::of_person(person, row.name.clone())),
    };
    // A call opens it by the strip, which stands on every page.
    let written = !matches!(place, Place::Call(_));
    let pop = match contact {
        Some(known) => pop(reader, known, mine && written).await?,
        None => None,
    };
    let head = Head {
        pop,
        person,
        name: row.name,
        tier: row.tier.as_ref().map(|tier| say.tier(tier)),
        meta: meta(reader, &say, place, current),
        conversation: current.map(|c| c.id),
        dispositions: queue.map(|queue| queue.dispositions.clone()).unwrap_or_default(),
        disposition_required: queue.is_some_and(|queue| queue.disposition_required),
        asks_fields: queue.is_some_and(|queue| !queue.wrap_up_fields.is_empty()),
        mine,
        snoozed: current.filter(|c| c.state == "snoozed").and_then(|c| Some((c.snoozed_until?, c.id))),
        // The floor is drawn ten times a second: just taken, it still waits there.
        take: waits.filter(|w| w.offered_to.is_none() && !mine).map(|w| format!("/work/{}/take", work_path(&w.work))),
        upto,
        call_back,
        page_call,
        page_video,
        call_link,
        chat_link,
        phone,
    };
    let timeline = timeline(reader, person, None).await?;
    Ok(Some(Centre { head, timeline, composer }))
}

fn tab(
    reader: &Reader,
    say: &Say,
    row: &ConversationRow,
    draft: String,
    heard: Measure,
    unreachable: Option<Unreachable>,
) -> Option<ReplyTab> {
    let spec = reader.catalog().channels.get(&row.channel);
    let window = spec.and_then(|spec| spec.traits.window).map(|window| reply_window(say, window, heard));
    let kind = spec.map_or(row.identity.kind.as_str(), |spec| spec.kind.as_str());
    let blocked = match (&row.agent, row.state.as_str()) {
        (Some(agent), "serving") if agent == reader.me() => None,
        (Some(agent), "serving") => Some(say.with("desk.blocked_by", &[("agent", &say.agent(agent))])),
        (_, "resolved") => Some(say.t("desk.blocked_resolved")),
        (_, "snoozed") => Some(say.t("snooze.blocked")),
        _ => Some(say.t("desk.blocked_waiting")),
    };
    let blocked = blocked.or_else(|| (kind == VOICEMAIL).then(|| say.t("desk.blocked_voicemail")));
    let blocked = blocked.or_else(|| unreachable.map(|why| say.t(unreachable_key(why))));
    let closed = window.as_ref().is_some_and(|window| window.closed);
    let left = row.customer_left_at.is_some() && row.state != "resolved";
    let (glyph, label) = (glyph(kind).into(), say.channel(kind));
    let traits = &spec?.traits;
    let only = match (traits.text.parts == 0, closed) {
        (true, _) => say.t("desk.template.channel"),
        (false, true) => say.t("desk.template.window"),
        (false, false) => String::new(),
    };
    let templates = traits.templates.then_some(Templates { only });
    let blocked = blocked.or_else(|| (closed && templates.is_none()).then(|| say.t("desk.blocked_window")));
    let cards = (blocked.is_none() && !closed && traits.text.parts > 0).then(|| cards(traits));
    let unit = match traits.text.unit {
        Unit::Characters => "characters",
        Unit::Bytes => "bytes",
        Unit::Utf16 => "utf16",
        Unit::Segments => "segments",
    };
    let (max_text, text_only) = (traits.text.longest(), traits.files.is_empty());
    Some(ReplyTab {
        conversation: row.id,
        glyph,
        label,
        max_text,
        blocked,
        draft,
        left,
        text_only,
        unit,
        templates,
        cards,
        window,
        mail: None,
        files: String::new(),
    })
}

/// What a channel shows of cards, as the page's script reads it.
fn cards(traits: &Traits) -> String {
    let Cards { choice, links, title, about, places, .. } = traits.cards;
    serde_json::json!({ "choices": traits.choices, "choice": choice, "links": links, "title": title, "about": about, "places": places })
        .to_string()
}

/// What is attached to a draft, as the page's script reads it.
pub fn chips(files: &[FileRef]) -> String {
    let chip = |file: &FileRef| serde_json::json!({ "id": file.id, "name": file.name });
    serde_json::Value::from_iter(files.iter().map(chip)).to_string()
}

/// How the platform's window stands, as the desk measures it.
fn reply_window(say: &Say, window: Window, heard: Measure) -> ReplyWindow {
    let Standing { until, left, closed } = heard.standing(Some(window), say.now);
    let until = until.unwrap_or(At(0));
    let left_ms = until.since(say.now).max(0);
    let whole_ms = heard.narrow.unwrap_or(window).ms.max(1);
    let percent = u8::try_from((left_ms * 100 / whole_ms).clamp(0, 100)).unwrap_or(100);
    let time = say.span(left_ms);
    let text = match (closed, left) {
        (true, _) => say.t("desk.window_closed"),
        (false, Some(left)) => say.with("desk.window_left_n", &[("time", &time), ("n", &left.to_string())]),
        (false, None) => say.with("desk.window_left", &[("time", &time)]),
    };
    ReplyWindow { percent, left, closed, until, text }
}

fn meta(reader: &Reader, say: &Say, place: Place, current: Option<&ConversationRow>) -> Vec<Piece> {
    let mut parts = Vec::new();
    if let Place::Call(id) = place
        && let Some(serving) = reader.floor.serving.iter().find(|s| s.work == Work::Call(id))
    {
        // How the call stands is in the strip: this is drawn once.
        parts.push(Piece::Text(format!("{} · {}", say.channel("phone"), say.queue(&serving.queue))));
    }
    if let Some(row) = current {
        let kind = reader.catalog().channels.get(&row.channel).map_or(row.identity.kind.as_str(), |spec| spec.kind.as_str());
        let queue = row.queue.as_ref().map(|queue| format!(" · {}", say.queue(queue))).unwrap_or_default();
        parts.push(Piece::Text(format!("{}{}{queue}", if parts.is_empty() { "" } else { " · " }, say.channel(kind))));
        match (&row.agent, row.state.as_str()) {
            (Some(agent), "serving") if agent != reader.me() => parts.push(Piece::Text(format!(" · {}", say.agent(agent)))),
            (_, "resolved") => parts.push(Piece::Text(format!(" · {}", say.t("desk.ticket.resolved")))),
            _ => {}
        }
        if let Some(page) = row.page.as_ref().filter(|page| !page.is_empty()) {
            parts.push(Piece::Text(format!(" · {page}")));
        }
    }
    parts
}
