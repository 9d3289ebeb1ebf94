//! Outside → Input: what a visitor's page says, whether it came by socket or by request.

use super::limits::Counted;
use super::visitors::Visitor;
use super::wire::{From, Line, VisitorHears, VisitorSays};
use super::{WebChat, Window, act, files};
use crate::desk::id::{FileId, MessageId, Work};
use crate::desk::input::{Body, Delivery, Input, MessageHeard};
use crate::desk::person::{Identity, Who};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::store::messages::MessageKind;
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

/// How a visitor is known to the desk and the store.
pub(super) fn identity(visitor: &Visitor) -> Identity {
    Identity { kind: "webchat".into(), namespace: visitor.0.as_str().to_owned(), value: visitor.1.clone() }
}

/// Does what a page says; gives the frame to answer with, if any.
pub(super) async fn hear(chat: &WebChat, window: &Window, visitor: &Visitor, says: VisitorSays) -> Option<VisitorHears> {
    match says {
        VisitorSays::Hello { .. } => None,
        VisitorSays::Message { key, text, files, page } => {
            let key: String = key.chars().take(LONGEST_KEY).collect();
            Some(match message(chat, window, visitor, &key, text, files, page).await {
                Ok(id) => VisitorHears::Recorded { key, id },
                Err(code) => VisitorHears::Refused { key, code },
            })
        }
        VisitorSays::Typing { on, preview } => {
            typing(chat, window, visitor, on, preview);
            None
        }
        VisitorSays::Got { upto } => {
            arrived(chat, visitor, upto).await;
            None
        }
        VisitorSays::Read { upto } => {
            if let Some(conversation) = chat.shared.visitors.conversation_of(visitor) {
                refused(chat.shared.switchboard.ask(Input::CustomerRead { conversation, upto }).await);
            }
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

async fn message(
    chat: &WebChat,
    window: &Window,
    visitor: &Visitor,
    key: &str,
    text: String,
    file_ids: Vec<FileId>,
    page: Option<String>,
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
    let identity = identity(visitor);
    let looked_up = async {
        let known = messages::known(&chat.shared.store, &visitor.0, &external_id).await?;
        Ok::<_, StoreError>((known, persons::brief(&chat.shared.store, identity.clone()).await?))
    };
    let (known, person) = looked_up.await.map_err(|error| {
        tracing::error!(%error, "a visitor could not be looked up");
        "busy"
    })?;
    let heard = MessageHeard {
        channel: visitor.0.clone(),
        external_id,
        who: Who { identity, display: Some(nickname(window, visitor)), person },
        body: Body { text, files },
        page: page.map(|page| page.chars().filter(|c| !c.is_control()).take(LONGEST_PAGE).collect()),
        sent: now,
        known,
    };
    match chat.shared.switchboard.ask(Input::Message(heard)).await {
        Ok(Answer::Message(id) | Answer::Known(id)) => Ok(id),
        Ok(_) => Err("busy"),
        Err(Refusal::TooLong { .. }) => Err("too_long"),
        Err(Refusal::Empty) => Err("empty"),
        Err(_) => Err("busy"),
    }
}

/// What a visitor is called until somebody knows better: enough to tell two of them apart.
fn nickname(window: &Window, visitor: &Visitor) -> String {
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

/// The visitor's last conversation as they may see it, oldest first.
async fn rows(chat: &WebChat, visitor: &Visitor) -> Result<Vec<messages::MessageRow>, StoreError> {
    match conversations::last_of(&chat.shared.store, &visitor.0, &identity(visitor)).await? {
        Some(conversation) => messages::public_page(&chat.shared.store, conversation, None, HISTORY).await,
        None => Ok(Vec::new()),
    }
}

/// The same as lines of the page.
async fn history(chat: &WebChat, visitor: &Visitor) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for row in rows(chat, visitor).await? {
        let (from, name) = match (row.kind, &row.agent) {
            (MessageKind::In, _) => (From::Visitor, None),
            (_, Some(agent)) => (From::Agent, act::agent_name(chat, agent).await),
            (_, None) => (From::System, None),
        };
        lines.push(Line { id: row.id, from, name, text: row.text, files: files::shown(chat, &visitor.0, row.files), at: row.at });
    }
    Ok(lines)
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
        Ok::<_, StoreError>((open, history(chat, visitor).await?))
    };
    let (open, history) = read.await.inspect_err(|error| tracing::error!(%error, "a visitor's history could not be read")).ok()?;
    let floor = chat.shared.switchboard.floor();
    let mut agent = None;
    if let Some(conversation) = open {
        chat.shared.visitors.belongs(conversation, visitor.clone());
        if let Some(serving) = floor.serving.iter().find(|row| row.work == Work::Conversation(conversation)) {
            agent = act::agent_name(chat, &serving.agent).await;
        }
    }
    let mut frames = vec![VisitorHears::Welcome { history, agent }];
    frames.extend(open.and_then(|conversation| act::waiting_frame(&floor, conversation)));
    Some(frames)
}
