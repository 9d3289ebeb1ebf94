//! Outside → Input: what a visitor's page says, whether it came by socket or by request.

use super::limits::Counted;
use super::visitors::Visitor;
use super::wire::{Card, Chosen, From, Line, VisitorHears, VisitorSays};
use super::{WebChat, Window, act, call, callers, calls, continued, files, outages, rate, visits};
use crate::channels::taps;
use crate::desk::id::{AgentId, FileId, MessageId, Work};
use crate::desk::input::{Besides, Body, Delivery, Input, MessageHeard};
use crate::desk::person::{Identity, Who};
use crate::desk::refusal::Refusal;
use crate::desk::same::Clue;
use crate::desk::step::Answer;
use crate::store::messages::MessageKind;
use crate::store::viewer::{Role, Viewer};
use crate::store::{StoreError, conversations, messages, persons};
use crate::switchboard::{Typing, Typist};

/// Longest name a page may give a message.
const LONGEST_KEY: usize = 64;
/// Longest page address kept, characters.
const LONGEST_PAGE: usize = 500;
/// Files in one message.
const MOST_FILES: usize = 10;
/// Lines of history a page is given at once.
const HISTORY: u32 = 50;
/// Conversations of a person looked through for it.
const CONVERSATIONS: u32 = 20;

/// How a visitor is known to the desk and the store.
pub(super) fn identity(visitor: &Visitor) -> Identity {
    call::page_of(visitor).identity()
}

/// Does what a page says; gives the frame to answer with, if any.
/// `unseen`: their browser says that they will not be followed.
pub(super) async fn hear(chat: &WebChat, window: &Window, visitor: &Visitor, unseen: bool, says: VisitorSays) -> Option<VisitorHears> {
    match says {
        VisitorSays::Ping => Some(VisitorHears::Pong),
        VisitorSays::Hello { .. } => None,
        VisitorSays::Message { key, text, files, page, chosen } => {
            let key: String = key.chars().take(LONGEST_KEY).collect();
            Some(match message(chat, window, visitor, &key, Said { text, files, page, chosen }).await {
                Ok(id) => VisitorHears::Recorded { key, id },
                Err(code) => VisitorHears::Refused { key, code },
            })
        }
        VisitorSays::Typing { on, preview } => {
            typing(chat, window, visitor, on, preview);
            None
        }
        VisitorSays::Got { .. }
        | VisitorSays::Read { .. }
        | VisitorSays::Leave
        | VisitorSays::HangUp { .. }
        | VisitorSays::Rate { .. }
        | VisitorSays::Forget
        | VisitorSays::Invited { .. }
            if !chat.shared.limits.allow(Counted::Marks(visitor.1.clone()), chat.shared.clock.now()) =>
        {
            None
        }
        VisitorSays::Got { upto } => {
            arrived(chat, visitor, upto).await;
            None
        }
        VisitorSays::Read { upto } => {
            seen(chat, visitor, upto).await;
            None
        }
        VisitorSays::Visit { .. } if unseen => None,
        VisitorSays::Visit { key, url, title, seconds, cart } => {
            visits::visited(chat, window, visitor, visits::Told { key, url, title, seconds, cart }).await
        }
        VisitorSays::Forget => {
            visits::forget(chat, visitor).await;
            None
        }
        VisitorSays::Invited { id, accepted } => {
            visits::settle(chat, visitor, id, accepted).await;
            None
        }
        VisitorSays::Rate { score, comment } => rate::rate(chat, window, visitor, score, comment).await,
        VisitorSays::Arrow { at } => {
            calls::point(chat, visitor, at);
            None
        }
        VisitorSays::HangUp { declines } => {
            call::leave(chat, visitor, declines);
            None
        }
        VisitorSays::Leave => {
            if let Some(conversation) = chat.shared.visitors.conversation_of(visitor) {
                refused(chat.shared.switchboard.ask(Input::CustomerLeft { conversation }).await);
            }
            None
        }
    }
}

/// What a page says its visitor has written.
struct Said {
    text: String,
    files: Vec<FileId>,
    page: Option<String>,
    chosen: Option<Chosen>,
}

async fn message(
    chat: &WebChat,
    window: &Window,
    visitor: &Visitor,
    key: &str,
    Said { text, files: file_ids, page, chosen }: Said,
) -> Result<MessageId, &'static str> {
    let now = chat.shared.clock.now();
    if key.is_empty() || !chat.shared.limits.allow(Counted::Messages(visitor.1.clone()), now) {
        return Err("too_many");
    }
    let text = clean(&text);
    if text.chars().count() > window.max_text {
        return Err("too_long");
    }
    if text.is_empty() && file_ids.is_empty() {
        return Err("empty");
    }
    if file_ids.len() > MOST_FILES {
        return Err("too_many");
    }
    let files = files::of_visitor(chat, visitor, &file_ids).await?;
    let external_id = format!("{}:{key}", visitor.1);
    let looked_up = async {
        let known = messages::known(&chat.shared.store, &visitor.0, &external_id).await?;
        let who = who(chat, window, visitor).await?;
        let (who, also) = known_as(chat, visitor, who).await?;
        Ok::<_, StoreError>((known, who, also))
    };
    let (known, who, also) = looked_up.await.map_err(|error| {
        tracing::error!(%error, "a visitor could not be looked up");
        "busy"
    })?;
    let heard = MessageHeard {
        channel: visitor.0.clone(),
        external_id,
        who,
        body: Body { text, files, extra: chosen.map(|Chosen { question, number }| taps::claimed(question, number)) },
        page: page.map(|page| page.chars().filter(|c| !c.is_control()).take(LONGEST_PAGE).collect()),
        sent: now,
        known,
        besides: Besides { also, ..Besides::default() },
    };
    match chat.shared.switchboard.ask(Input::Message(heard)).await {
        Ok(Answer::Message(id) | Answer::Known(id)) => Ok(id),
        Ok(_) => Err("busy"),
        Err(Refusal::TooLong { .. }) => Err("too_long"),
        Err(Refusal::Empty) => Err("empty"),
        Err(_) => Err("busy"),
    }
}

/// Who a visitor is, as the store knows them.
pub(super) async fn who(chat: &WebChat, window: &Window, visitor: &Visitor) -> Result<Who, StoreError> {
    let identity = identity(visitor);
    let person = persons::brief(&chat.shared.store, identity.clone()).await?;
    let Some(row) = callers::sent_in(chat, visitor).await?.filter(|_| person.is_none()) else {
        return Ok(Who { identity, display: Some(nickname(chat, window, visitor)), person });
    };
    Ok(Who { identity, display: Some(row.person_name), person: persons::brief(&chat.shared.store, row.identity).await? })
}

/// Who it is by what their site has signed beside the account, and what of it is new. Two people whom the site takes for one are an agent's
/// to join.
async fn known_as(chat: &WebChat, visitor: &Visitor, mut who: Who) -> Result<(Who, Vec<Identity>), StoreError> {
    let (store, mut new) = (&chat.shared.store, Vec::new());
    // By the link that they were sent they are known though they have not written here.
    let by_link = callers::until(&visitor.1).is_some();
    let stranger = who.person.is_none() || by_link && persons::brief(store, who.identity.clone()).await?.is_none();
    for other in chat.shared.accounts.also(visitor) {
        match persons::brief(store, other.clone()).await? {
            Some(known) if who.person.as_ref().is_none_or(|person| person.id == known.id) => who.person = Some(known),
            Some(_) => persons::clue(store, Clue::Platform, who.identity.clone(), other, chat.shared.clock.now()).await?,
            None => new.push(other),
        }
    }
    if stranger && who.person.is_some() {
        new.push(who.identity.clone());
    }
    Ok((who, new))
}

/// What a visitor is called until somebody knows better: enough to tell two of them apart.
fn nickname(chat: &WebChat, window: &Window, visitor: &Visitor) -> String {
    let page = call::page_of(visitor);
    if page.is_signed_in() {
        return chat.shared.accounts.name(visitor).unwrap_or_else(|| page.identity().value);
    }
    let short: String = visitor.1.chars().take(4).collect();
    if window.language.starts_with("zh") { format!("访客 {short}") } else { format!("Visitor {short}") }
}

fn typing(chat: &WebChat, window: &Window, visitor: &Visitor, on: bool, preview: Option<String>) {
    let Some(conversation) = chat.shared.visitors.conversation_of(visitor) else { return };
    if !chat.shared.limits.allow(Counted::Typing(visitor.1.clone()), chat.shared.clock.now()) {
        return;
    }
    let preview = preview.map(|text| clean(&text).chars().take(window.max_text).collect());
    chat.shared.switchboard.show_typing(Typing { conversation, from: Typist::Customer, on, preview });
}

/// Messages up to this one are on the visitor's page.
async fn arrived(chat: &WebChat, visitor: &Visitor, upto: MessageId) {
    let rows = match rows(chat, visitor).await {
        Ok(rows) => rows,
        Err(error) => return tracing::error!(%error, "delivery marks could not be read"),
    };
    let on_the_way = |delivery: &Option<Delivery>| matches!(delivery, Some(Delivery::Queued | Delivery::Sent));
    for row in rows.iter().filter(|row| row.id <= upto && on_the_way(&row.delivery)) {
        refused(chat.shared.switchboard.ask(Input::Delivery(row.id, Delivery::Delivered)).await);
    }
}

/// The visitor has seen messages up to this one: no further than there are any, whatever the page says.
async fn seen(chat: &WebChat, visitor: &Visitor, upto: MessageId) {
    let Some(conversation) = chat.shared.visitors.conversation_of(visitor) else { return };
    match messages::public_page(&chat.shared.store, conversation, None, 1).await {
        Ok(rows) => {
            let Some(newest) = rows.last().map(|row| row.id) else { return };
            refused(chat.shared.switchboard.ask(Input::CustomerRead { conversation, upto: upto.min(newest) }).await);
        }
        Err(error) => tracing::error!(%error, "read marks could not be kept"),
    }
}

/// The visitor's last conversation as they may see it, oldest first.
async fn rows(chat: &WebChat, visitor: &Visitor) -> Result<Vec<messages::MessageRow>, StoreError> {
    match conversations::last_of(&chat.shared.store, &visitor.0, &identity(visitor)).await? {
        Some(conversation) => messages::public_page(&chat.shared.store, conversation, None, HISTORY).await,
        None => Ok(Vec::new()),
    }
}

/// What this visitor and the house last wrote to each other, over resolved conversations too, and how far agents have read. What the
/// same person wrote elsewhere is not this page's: whoever sits at this computer has proven no more than this visitor's token.
async fn history(chat: &WebChat, visitor: &Visitor) -> Result<(Vec<Line>, Option<MessageId>), StoreError> {
    let (store, identity) = (&chat.shared.store, identity(visitor));
    let Some(person) = persons::brief(store, identity.clone()).await? else { return Ok((Vec::new(), None)) };
    // A visitor's own random id is nobody's personal value, so any viewer sees it as it is.
    let viewer = Viewer { agent: AgentId::from("webchat"), role: Role::Agent };
    let mut theirs = conversations::of_person(store, &viewer, person.id, CONVERSATIONS).await?;
    theirs.retain(|row| row.channel == visitor.0 && row.identity == identity);
    theirs.sort_by_key(|row| std::cmp::Reverse(row.id));
    // And what they wrote where they were sent the link by which they have come.
    let before = continued::before(chat, &visitor.0, &visitor.1).await?;
    let mut rows = Vec::new();
    for conversation in theirs.iter().map(|row| row.id).chain(before) {
        let room = HISTORY.saturating_sub(u32::try_from(rows.len()).unwrap_or(HISTORY));
        if room == 0 {
            break;
        }
        rows.extend(messages::public_page(store, conversation, None, room).await?);
    }
    rows.sort_by_key(|row| row.id);
    Ok((lines(chat, visitor, rows).await, theirs.iter().filter_map(|row| row.read_by_agent).max()))
}

/// Messages as lines of the page.
pub(super) async fn lines(chat: &WebChat, visitor: &Visitor, rows: Vec<messages::MessageRow>) -> Vec<Line> {
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let (from, name) = match (row.kind, &row.agent) {
            (MessageKind::In, _) => (From::Visitor, None),
            (_, Some(agent)) => (From::Agent, act::agent_name(chat, agent).await),
            (_, None) => (From::System, None),
        };
        lines.push(Line {
            id: row.id,
            from,
            key: None,
            name,
            text: row.text,
            files: files::shown(chat, &visitor.0, row.files),
            changed: row.changed.filter(|_| row.kind != MessageKind::In),
            card: if row.kind == MessageKind::In { None } else { Card::of(row.extra) },
            at: row.at,
        });
    }
    lines
}

/// Text as it is kept: without control characters that have no meaning in a message, and without space around it.
fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    text.trim().to_owned()
}

/// A mark that comes too late is no fault of the page's.
fn refused(result: Result<Answer, Refusal>) {
    if let Err(refusal) = result {
        tracing::debug!(?refusal, "a visitor's mark was not taken");
    }
}

/// What a page needs to draw itself after any reload: history, who serves, and the place in the queue. `None` when the store cannot be read.
pub(super) async fn welcome(chat: &WebChat, visitor: &Visitor) -> Option<Vec<VisitorHears>> {
    let read = async {
        let open = conversations::open_of(&chat.shared.store, &visitor.0, &identity(visitor)).await?;
        let window = chat.window(visitor.0.as_str()).filter(|_| open.is_none());
        let survey = match &window {
            Some(window) => rate::asked(chat, window, visitor).await?,
            None => None,
        };
        Ok::<_, StoreError>((open, survey, history(chat, visitor).await?))
    };
    let (open, survey, (history, read)) =
        read.await.inspect_err(|error| tracing::error!(%error, "a visitor's history could not be read")).ok()?;
    let floor = chat.shared.switchboard.floor();
    let mut agent = None;
    if let Some(conversation) = open {
        chat.shared.visitors.belongs(conversation, visitor.clone());
        if let Some(serving) = floor.serving.iter().find(|row| row.work == Work::Conversation(conversation)) {
            agent = act::agent_name(chat, &serving.agent).await;
        }
    }
    let mut frames = vec![VisitorHears::Welcome { history, agent, open: open.is_some(), read, rate: survey.is_some(), survey }];
    frames.extend(open.and_then(|conversation| act::waiting_frame(&floor, conversation)));
    frames.extend(chat.window(visitor.0.as_str()).and_then(|window| outages::frame(&window, &floor)));
    frames.extend(chat.shared.calls_shown.of(visitor).map(|call| VisitorHears::Call { call }));
    Some(frames)
}
