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
use crate::store::StoreError;
use crate::switchboard::{Typing, Typist};

/// Longest name a page may give a message.
const LONGEST_KEY: usize = 64;
/// Longest page address kept, characters.
const LONGEST_PAGE: usize = 500;
/// Files in one message.
const MOST_FILES: usize = 10;
/// Lines of history a page is given at once.
const HISTORY: usize = 50;

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
        let known = chat.shared.store.known_message(&visitor.0, &external_id).await?;
        Ok::<_, StoreError>((known, chat.shared.store.person_by_identity(&identity).await?))
    };
    let (known, person) = looked_up.await.map_err(|error| {
        tracing::error!(%error, "a visitor could not be looked up");
        "busy"
    })?;
    let heard = MessageHeard {
        channel: visitor.0.clone(),
        external_id,
        who: Who { identity, display: None, person },
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
    let undelivered = match chat.shared.store.undelivered(&visitor.0, &identity(visitor), upto).await {
        Ok(undelivered) => undelivered,
        Err(error) => return tracing::error!(%error, "delivery marks could not be read"),
    };
    for message in undelivered {
        refused(chat.shared.switchboard.ask(Input::Delivery(message, Delivery::Delivered)).await);
    }
}

/// What a page reads at its start: the visitor's own conversation, never notes.
async fn history(chat: &WebChat, visitor: &Visitor, before: Option<MessageId>) -> Result<Vec<Line>, StoreError> {
    let lines = chat.shared.store.visitor_history(&visitor.0, &identity(visitor), before, HISTORY).await?;
    let prefix = format!("{}:", visitor.1);
    Ok(lines
        .into_iter()
        .map(|line| Line {
            id: line.id,
            from: match (line.outgoing, &line.agent_name) {
                (false, _) => From::Visitor,
                (true, Some(_)) => From::Agent,
                (true, None) => From::System,
            },
            name: line.agent_name,
            text: line.body.text,
            files: files::shown(chat, &visitor.0, line.body.files),
            at: line.at,
            key: line.external_id.and_then(|id| id.strip_prefix(&prefix).map(str::to_owned)),
        })
        .collect())
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
        let open = chat.shared.store.open_conversation(&visitor.0, &identity(visitor)).await?;
        Ok::<_, StoreError>((open, history(chat, visitor, None).await?))
    };
    let (open, history) = read.await.inspect_err(|error| tracing::error!(%error, "a visitor's history could not be read")).ok()?;
    let floor = chat.shared.switchboard.floor();
    let mut agent = None;
    if let Some(conversation) = open {
        chat.shared.visitors.belongs(conversation, visitor.clone());
        if let Some(serving) = floor.serving.iter().find(|row| row.work == Work::Conversation(conversation)) {
            agent = chat.shared.store.agent_name(&serving.agent).await.ok().flatten();
        }
    }
    let mut frames = vec![VisitorHears::Welcome { history, agent }];
    frames.extend(open.and_then(|conversation| act::waiting_frame(&floor, conversation)));
    Some(frames)
}
