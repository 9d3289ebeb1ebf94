//! The centre: messages, notes, calls and events of one person as entries in their places.

use super::amends::{amend_lines, may};
use super::{form_box, lines};
use crate::desk::callback::link::covered;
use crate::desk::fact::{Decision, Fact, FormFact, RoutingFact};
use crate::desk::id::{At, ChannelId, ConversationId, FormId, MessageId, PersonId, Work};
use crate::desk::input::{Delivery, Direction, EndCause};
use crate::store::calls::{Call, LegRow};
use crate::store::messages::{MessageKind, MessageRow};
use crate::store::recordings::RecordingState;
use crate::store::timeline::{self as stored, Cursor, Only, TimelineItem, TimelineWhat, Wanted};
use crate::store::{StoreError, access, amendments, conversations, forms, messages, routing};
use crate::web::inbox::phrase::ended_text;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::render::{place, web_address};
use crate::web::inbox::say::{Piece, Say, capital};
use crate::web::inbox::view::{Bubble, CallBox, ChapterLine, Entry, Event, Timeline, What};
use std::collections::BTreeMap;

/// Events of one page; older ones come by scrolling.
const PAGE: u32 = 50;
/// How many events at the end a push draws again.
const TAIL: u32 = 8;

/// One page, the newest or the one before a cursor.
pub async fn timeline(reader: &Reader, person: PersonId, before: Option<Cursor>) -> Result<Timeline, StoreError> {
    let say = reader.say();
    let items = stored::page(&reader.state.store, &reader.viewer, person, before, PAGE).await?;
    let full = items.len() >= PAGE as usize;
    let older = items.first().filter(|_| full).map(|first| format!("/inbox/timeline/{person}?before={}", first.cursor()));
    let entries = entries(reader, &say, items).await?;
    Ok(Timeline { person: Some(person), events: place(&say, entries, None), older })
}

/// The same of what is wanted; such a page is no live one, so that what comes meanwhile does not stand in it.
pub async fn wanted(reader: &Reader, person: PersonId, wanted: Wanted, before: Option<Cursor>) -> Result<Timeline, StoreError> {
    let say = reader.say();
    let address = wanted_query(&wanted);
    let (items, next) = stored::sifted(&reader.state.store, &reader.viewer, person, wanted, before, PAGE).await?;
    let older = next.map(|next| format!("/inbox/timeline/{person}?before={next}&{address}"));
    let entries = entries(reader, &say, items).await?;
    Ok(Timeline { person: None, events: place(&say, entries, None), older })
}

/// What is wanted as it stands in an address.
pub fn wanted_query(wanted: &Wanted) -> String {
    let fields = [("show", only_word(wanted.only)), ("q", wanted.words.as_str())];
    let fields = fields.iter().filter(|(_, value)| !value.is_empty());
    fields.map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&")
}

/// Text as it stands in a query.
pub fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The word of a kind in addresses and texts; empty for all.
pub fn only_word(only: Only) -> &'static str {
    match only {
        Only::All => "",
        Only::Messages => "messages",
        Only::Mail => "mail",
        Only::Calls => "calls",
        Only::Notes => "notes",
        Only::Tickets => "tickets",
        Only::Ratings => "ratings",
        Only::Orders => "orders",
        Only::Visits => "visits",
        Only::Files => "pictures",
    }
}

/// Every kind, in the order in which they are shown.
pub const KINDS: [Only; 10] = [
    Only::All,
    Only::Messages,
    Only::Calls,
    Only::Mail,
    Only::Notes,
    Only::Tickets,
    Only::Ratings,
    Only::Orders,
    Only::Visits,
    Only::Files,
];

/// What an address asks for; words that are none are everything.
pub fn wanted_of(show: &str, words: &str) -> Wanted {
    let only = KINDS.into_iter().find(|only| only_word(*only) == show).unwrap_or_default();
    Wanted { only, words: words.trim().chars().take(200).collect() }
}

/// The last events, each in its place after the one before it: what a push draws after something was recorded.
pub async fn newest(reader: &Reader, person: PersonId) -> Result<Vec<Event>, StoreError> {
    let say = reader.say();
    let items = stored::page(&reader.state.store, &reader.viewer, person, None, TAIL + 1).await?;
    let whole = items.len() <= TAIL as usize;
    let entries = entries(reader, &say, items).await?;
    let mut events = place(&say, entries, None);
    if !whole && !events.is_empty() {
        // The first stands only for what the page already shows above.
        events.remove(0);
    }
    Ok(events)
}

/// One message alone, as it is now; the page knows its place.
pub async fn amended(reader: &Reader, message: MessageId) -> Result<Option<Event>, StoreError> {
    let Some(row) = messages::get(&reader.state.store, message).await? else { return Ok(None) };
    let item = TimelineItem { at: row.at, what: TimelineWhat::Message(Box::new(row)) };
    let entry = entries(reader, &reader.say(), vec![item]).await?.pop();
    Ok(entry.map(|entry| Event { entry, day: None, dot: true, same: false }))
}

/// Items as entries; an assignment carries the decision that led to it, so that the line can say why.
async fn entries(reader: &Reader, say: &Say<'_>, items: Vec<TimelineItem>) -> Result<Vec<Entry>, StoreError> {
    let open = access::within(&reader.state.store, &reader.reach(), items.iter().filter_map(opens).collect()).await?;
    let told_of =
        items.iter().filter_map(|item| if let TimelineWhat::Event(event) = &item.what { conversation_of(&event.fact) } else { None });
    let channels = conversations::channels(&reader.state.store, &told_of.collect()).await?;
    let ours = items.iter().filter_map(|item| match &item.what {
        TimelineWhat::Message(message) if message.kind == MessageKind::Out => Some(message.id),
        _ => None,
    });
    let mut amended = amendments::of(&reader.state.store, ours.collect()).await?;
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        // Pages one after the other are one line, which opens: they must not drown what was said.
        if let TimelineWhat::Visit(visit) = &item.what {
            match entries.last_mut() {
                Some(Entry { id, what: What::Line { pieces, more }, .. }) if id.starts_with("visit-") => one_more(say, pieces, more, visit),
                _ => entries.push(visited(say, item.at, visit)),
            }
            continue;
        }
        let decision = match &item.what {
            TimelineWhat::Event(event) => decided(reader, &event.fact, item.at).await?,
            TimelineWhat::Message(_) | TimelineWhat::Call(_) | TimelineWhat::Purchase(_) | TimelineWhat::Visit(_) => None,
        };
        let open = opens(&item).is_none_or(|work| open.contains(&work));
        if let TimelineWhat::Event(event) = &item.what
            && let Fact::Form(id, FormFact::Answered { .. }) = &event.fact
        {
            entries.extend(answered(reader, say, event.seq, item.at, *id).await?);
            continue;
        }
        let mut entry = entry(reader, say, item, decision.as_ref(), &channels, open);
        if let Some(Entry { what: What::Message(bubble), .. }) = &mut entry
            && let Some(amended) = amended.remove(&bubble.message)
        {
            bubble.amends = amend_lines(say, amended);
        }
        entries.extend(entry);
    }
    Ok(entries)
}

/// A form with its answers, in the place where they came.
async fn answered(reader: &Reader, say: &Say<'_>, seq: i64, at: At, id: FormId) -> Result<Option<Entry>, StoreError> {
    let Some(form) = forms::get(&reader.state.store, &reader.viewer, id).await? else { return Ok(None) };
    let what = What::Form(Box::new(form_box(reader, say, form).await?));
    Ok(Some(Entry { id: format!("event-{seq}"), at, glyph: "form", label: say.t("desk.form.title"), what }))
}

/// The contact whose sound or files an item offers to open.
fn opens(item: &TimelineItem) -> Option<Work> {
    match &item.what {
        TimelineWhat::Call(call) => (!call.recordings.is_empty()).then_some(Work::Call(call.call.id)),
        TimelineWhat::Message(message) if !message.files.is_empty() => message.conversation.map(Work::Conversation),
        TimelineWhat::Message(_) | TimelineWhat::Event(_) | TimelineWhat::Purchase(_) | TimelineWhat::Visit(_) => None,
    }
}

/// The decision behind an assignment: the last offer of that work to that agent until then.
async fn decided(reader: &Reader, fact: &Fact, at: At) -> Result<Option<Decision>, StoreError> {
    let Fact::Routing(work, RoutingFact::Assigned { agent, .. }) = fact else { return Ok(None) };
    let history = routing::history(&reader.state.store, *work).await?;
    Ok(history.into_iter().rev().filter(|row| row.at <= at).find_map(|row| match row.fact {
        RoutingFact::Offered { agent: offered, decision, .. } if offered == *agent => Some(decision),
        _ => None,
    }))
}

/// The conversation that an event is about.
fn conversation_of(fact: &Fact) -> Option<ConversationId> {
    match fact {
        Fact::Conversation(id, _) | Fact::Routing(Work::Conversation(id), _) | Fact::Flow(Work::Conversation(id), _) => Some(*id),
        _ => None,
    }
}

fn entry(
    reader: &Reader,
    say: &Say,
    item: TimelineItem,
    decision: Option<&Decision>,
    channels: &BTreeMap<ConversationId, ChannelId>,
    open: bool,
) -> Option<Entry> {
    match item.what {
        TimelineWhat::Message(message) => Some(message_entry(reader, say, *message, open)),
        TimelineWhat::Call(call) => Some(Entry {
            id: format!("call-{}", call.call.id),
            at: item.at,
            glyph: if call.call.ended_at.is_some() { "phone-in" } else { "phone" },
            label: say.channel("phone"),
            what: What::Call(Box::new(call_box(say, &call, open))),
        }),
        TimelineWhat::Purchase(order) => Some(bought(say, item.at, &order)),
        TimelineWhat::Visit(visit) => Some(visited(say, item.at, &visit)),
        TimelineWhat::Event(event) => {
            let (pieces, more) = lines::line(say, &event.fact, decision)?;
            let (glyph, label) = fact_glyph(reader, say, &event.fact, channels);
            Some(Entry { id: format!("event-{}", event.seq), at: event.at, glyph, label, what: What::Line { pieces, more } })
        }
    }
}

/// An order, with the way to it in the firm's own system.
fn bought(say: &Say, at: At, order: &stored::Purchase) -> Entry {
    let number = match web_address(&order.url) {
        Some(href) => Piece::Link { href: href.to_owned(), text: order.number.clone() },
        None => Piece::Strong(order.number.clone()),
    };
    let mut pieces = say.pieces("people.order.line", &[("number", number), ("title", Piece::Text(order.title.clone()))]);
    let chips = [&order.state, &order.amount].into_iter().filter(|text| !text.is_empty());
    pieces.extend(chips.flat_map(|text| [Piece::Text(" ".into()), Piece::Chip(text.clone())]));
    Entry {
        id: format!("order-{}", order.id),
        at,
        glyph: "bag",
        label: say.t("people.show.orders"),
        what: What::Line { pieces, more: Vec::new() },
    }
}

/// Beside a page that stands there already.
fn one_more(say: &Say, pieces: &mut Vec<Piece>, more: &mut Vec<Vec<Piece>>, visit: &stored::Visit) {
    if more.is_empty() {
        more.push(pieces.clone());
    }
    more.push(page_line(say, visit));
    *pieces = say.pieces("people.visit.lines", &[("n", Piece::Strong(more.len().to_string()))]);
}

fn visited(say: &Say, at: At, visit: &stored::Visit) -> Entry {
    let pieces = page_line(say, visit);
    Entry {
        id: format!("visit-{}", visit.id),
        at,
        glyph: "eye",
        label: say.t("people.show.visits"),
        what: What::Line { pieces, more: Vec::new() },
    }
}

fn page_line(say: &Say, visit: &stored::Visit) -> Vec<Piece> {
    let title = if visit.title.is_empty() { visit.url.clone() } else { visit.title.clone() };
    let page = web_address(&visit.url)
        .map_or_else(|| Piece::Text(title.clone()), |href| Piece::Link { href: href.to_owned(), text: title.clone() });
    match visit.dwell_ms {
        0..1_000 => say.pieces("people.visit.line", &[("page", page)]),
        dwell => say.pieces("people.visit.line_for", &[("page", page), ("time", Piece::Text(say.span(dwell)))]),
    }
}

fn message_entry(reader: &Reader, say: &Say, message: MessageRow, open: bool) -> Entry {
    let id = format!("message-{}", message.id);
    let by = match message.kind {
        MessageKind::Elsewhere => say.t("desk.elsewhere"),
        _ => message.agent.as_ref().map(|agent| say.agent(agent)).unwrap_or_default(),
    };
    if message.kind == MessageKind::Note {
        return Entry {
            id,
            at: message.at,
            glyph: "note",
            label: say.t("desk.note"),
            what: What::Note { by: capital(&by), text: message.text },
        };
    }
    let kind = channel_kind(reader, message.channel.as_ref());
    let theirs = message.kind == MessageKind::In;
    let mine = message.agent.as_ref() == Some(reader.me());
    let may = may(reader, &message);
    let bubble = Bubble {
        message: message.id,
        theirs,
        automatic: message.kind == MessageKind::Auto,
        by: if theirs || mine { String::new() } else { by },
        text: covered(&message.text),
        files: message.files,
        extra: message.extra,
        changed: message.changed,
        open,
        state: message.delivery.filter(|_| !theirs),
        read_at: None,
        amends: Vec::new(),
        may,
    };
    Entry { id, at: message.at, glyph: glyph(&kind), label: say.channel(&kind), what: What::Message(Box::new(bubble)) }
}

/// What kind of channel it is; one that is gone from the configuration counts as a window.
fn channel_kind(reader: &Reader, channel: Option<&ChannelId>) -> String {
    let spec = channel.and_then(|channel| reader.catalog().channels.get(channel));
    spec.map_or_else(|| "webchat".to_owned(), |spec| spec.kind.clone())
}

fn fact_glyph(reader: &Reader, say: &Say, fact: &Fact, channels: &BTreeMap<ConversationId, ChannelId>) -> (&'static str, String) {
    match fact {
        Fact::Form(..) => ("form", say.t("desk.form.title")),
        Fact::Survey(..) => ("thumb", say.t("surveys.answer")),
        Fact::Ticket(..) => ("ticket", say.t("desk.ticket.title")),
        Fact::Callback(..) | Fact::Routing(Work::Callback(_), _) | Fact::Flow(Work::Callback(_), _) => ("callback", say.t("desk.callback")),
        Fact::Call(..) | Fact::Routing(Work::Call(_), _) | Fact::Flow(Work::Call(_), _) => ("phone-in", say.channel("phone")),
        Fact::Routing(Work::Conversation(_), RoutingFact::Transferred { .. }) => ("transfer", say.t("desk.transfer")),
        Fact::Conversation(id, _) | Fact::Routing(Work::Conversation(id), _) | Fact::Flow(Work::Conversation(id), _) => {
            let kind = channel_kind(reader, channels.get(id));
            (glyph(&kind), say.channel(&kind))
        }
        Fact::Rule(..) => ("bot", say.t("rules.title")),
        Fact::Person(..)
        | Fact::Proactive(..)
        | Fact::Agent(..)
        | Fact::Channel(..)
        | Fact::Trunk(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..) => ("user", say.t("desk.person")),
    }
}

/// A call as the timeline shows it, going on or over.
fn call_box(say: &Say, call: &Call, open: bool) -> CallBox {
    let row = &call.call;
    let queue = row.queue.as_ref().map(|queue| say.queue(queue)).unwrap_or_else(|| say.with("desk.dialled", &[("number", &row.dialled)]));
    let waited = say.span(row.waited_ms.unwrap_or_else(|| row.ended_at.unwrap_or(say.now).since(row.queued_at.unwrap_or(row.started_at))));
    let live = row.ended_at.is_none();
    let ended = row.ended_by.zip(row.end_cause).map(|(by, cause)| ended_text(say, by, cause)).unwrap_or_default();
    let sub = match (&row.agent, row.bridged_at) {
        (_, None) if row.direction == Direction::Outbound && !live => {
            say.with("desk.call.out_not", &[("number", &row.dialled), ("ended", &ended)])
        }
        _ if row.direction == Direction::Outbound => say.with("desk.call.out_to", &[("number", &row.dialled), ("queue", &queue)]),
        _ if row.direction == Direction::Internal => say.agent_name(&row.dialled.as_str().into()),
        (Some(agent), Some(_)) => say.with("desk.call.answered", &[("queue", &queue), ("agent", &say.agent(agent)), ("time", &waited)]),
        _ if live => queue,
        _ => say.with("desk.call.unanswered", &[("queue", &queue), ("time", &waited), ("ended", &ended)]),
    };
    let title = match (live, row.bridged_at) {
        (true, None) if row.direction != Direction::Inbound => "desk.call.ringing_out",
        (false, _) if row.direction == Direction::Outbound => "desk.call.outbound",
        (false, _) if row.direction == Direction::Internal => "desk.call.internal",
        (true, Some(_)) => "desk.call.in_progress",
        (true, None) => "desk.call.waiting",
        (false, Some(_)) => "desk.call.inbound",
        // The flow had what the caller wanted, and ended it.
        (false, None) if row.end_cause == Some(EndCause::Normal) && row.queue.is_none() => "desk.call.served",
        (false, None) => "desk.call.missed",
    };
    let worst = call.legs.iter().filter_map(|leg| leg.quality).min_by(|a, b| a.mos.total_cmp(&b.mos));
    let recorded = call.recordings.iter().any(|r| r.state == RecordingState::Done && r.millis.unwrap_or(0) > 0);
    let failed = call.recordings.iter().find(|r| r.state == RecordingState::Failed);
    CallBox {
        call: row.id,
        title: say.t(title),
        sub,
        live_since: live.then(|| row.bridged_at.unwrap_or(row.started_at)),
        talk_ms: row.bridged_at.and_then(|from| row.ended_at.map(|to| to.since(from))),
        recording: recorded && open,
        films: if recorded && open { films(say, call) } else { Vec::new() },
        locked: recorded && !open,
        recording_problem: failed.map(|r| say.with("desk.call.rec_failed", &[("error", r.error.as_deref().unwrap_or(""))])),
        talks: talks(say, call),
        chapters: chapters(say, call),
        mos: worst.map(|q| q.mos),
        quality: worst.map_or_else(String::new, |q| {
            say.with(
                "desk.quality",
                &[
                    ("mos", &format!("{:.1}", q.mos)),
                    ("loss", &format!("{:.1}", q.loss_percent)),
                    ("jitter", &format!("{:.0}", q.jitter_ms)),
                ],
            )
        }),
        outcome: row.disposition.clone(),
        note: (!row.wrap_note.is_empty()).then(|| row.wrap_note.clone()),
        chat: row.chat,
    }
}

/// What was shown in a call.
fn films(say: &Say, call: &Call) -> Vec<(&'static str, String)> {
    let Some(recording) = call.recordings.iter().find(|r| r.state == RecordingState::Done) else { return Vec::new() };
    let sides = [("customer", "desk.picture.of_customer"), ("agent", "desk.picture.of_agent")];
    let shown = |side: &str| recording.films.split(' ').any(|film| film == side);
    sides.into_iter().filter(|(side, _)| shown(side)).map(|(side, key)| (side, say.t(key))).collect()
}

/// Who of ours talked for how long, where a call went through more than two hands.
fn talks(say: &Say, call: &Call) -> Vec<String> {
    let legs: Vec<_> = call.legs.iter().filter(|leg| !leg.is_customer() && leg.bridged_at.is_some()).collect();
    if legs.len() < 2 {
        return Vec::new();
    }
    let name = |leg: &LegRow| leg.agent.as_ref().map(|agent| say.agent_name(agent)).or_else(|| leg.outside.clone()).unwrap_or_default();
    legs.into_iter().map(|leg| format!("{} {}", name(leg), say.span(leg.talk_ms(say.now)))).collect()
}

/// What begins where in the recording, where more happens than one talk.
fn chapters(say: &Say, call: &Call) -> Vec<ChapterLine> {
    let Some(recording) = call.recordings.iter().find(|r| r.state == RecordingState::Done) else { return Vec::new() };
    let end = recording.millis.and_then(|millis| i64::try_from(millis).ok()).unwrap_or(i64::MAX);
    let lines = call.chapters.iter().filter_map(|chapter| {
        let at_ms = (chapter.at.0 - recording.started_at.0).max(0);
        let who = chapter.agent.as_ref().map(|agent| say.agent_name(agent)).or_else(|| chapter.outside.clone());
        let who = who.unwrap_or_else(|| say.t("desk.party.customer"));
        let key = match chapter.kind.as_str() {
            "talk" => return (at_ms <= end).then_some(ChapterLine { at_ms, text: who }),
            "joined" => "desk.chapter.joined",
            "left" => "desk.chapter.left",
            "hold" => "desk.chapter.hold",
            "resume" => "desk.chapter.resume",
            "consult" => "desk.chapter.consult",
            "consult_end" => "desk.chapter.consult_end",
            "parked" => "desk.chapter.parked",
            "unparked" => "desk.chapter.unparked",
            "paused" => "desk.chapter.paused",
            "recorded" => "desk.chapter.recorded",
            "listen" => "desk.chapter.listen",
            "whisper" => "desk.chapter.whisper",
            "barge" => "desk.chapter.barge",
            "watch_end" => "desk.chapter.watch_end",
            _ => return None,
        };
        (at_ms <= end).then(|| ChapterLine { at_ms, text: say.with(key, &[("who", &who)]) })
    });
    let lines: Vec<ChapterLine> = lines.collect();
    if lines.len() > 1 { lines } else { Vec::new() }
}

/// The ticks under a message of ours, alone.
pub fn receipt(message: MessageId, delivery: Delivery) -> Bubble {
    Bubble {
        message,
        theirs: false,
        automatic: false,
        by: String::new(),
        text: String::new(),
        files: Vec::new(),
        extra: None,
        changed: None,
        open: true,
        state: Some(delivery),
        read_at: None,
        amends: Vec::new(),
        may: None,
    }
}
