//! `POST /conversations/bulk`: one thing done to many conversations, each as if it had been done alone. What is refused stays as it was, and
//! the answer says how many and why.

use crate::auth::Session;
use crate::desk::id::{ConversationId, PersonId, Work};
use crate::desk::input::Command;
use crate::store::conversations;
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use crate::web::people::tag;
use crate::web::views::{Tally, ticked};
use crate::web::work::{command, moment, target};
use axum::Form;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Bulk {
    /// Numbers with commas between.
    ids: String,
    /// `take`, `resolve`, `snooze`, `wake`, `transfer`, `tag`, `untag` or `note`.
    act: String,
    /// The outcome, time, target, tag or text.
    #[serde(default)]
    value: String,
    /// Makes a repeated post harmless for notes.
    #[serde(default)]
    key: String,
}

pub async fn bulk(reader: Reader, Form(bulk): Form<Bulk>) -> Result<Response, WebError> {
    let session = reader.page.session.clone().ok_or(WebError::Forbidden)?;
    let mut tally = Tally::default();
    for id in ticked(&bulk.ids) {
        tally.count(&reader, one(&reader, &session, ConversationId(id), &bulk).await)?;
    }
    Ok(tally.answer(&reader))
}

async fn one(reader: &Reader, me: &Session, conversation: ConversationId, bulk: &Bulk) -> Result<(), WebError> {
    let state = &reader.state;
    let work = Work::Conversation(conversation);
    let wanted = match bulk.act.as_str() {
        "take" => Command::Take(work),
        "wake" => Command::Wake { conversation },
        "resolve" => {
            let disposition = Some(bulk.value.clone()).filter(|outcome| !outcome.is_empty());
            Command::Resolve { conversation, disposition, fields: Vec::new(), note: String::new() }
        }
        "transfer" => Command::Transfer { work, to: target(&bulk.value)?, note: String::new() },
        "snooze" => {
            let until = moment(&bulk.value, "", reader.page.now, &reader.page.zone).ok_or(WebError::Bad("value"))?;
            Command::Snooze { conversation, until }
        }
        "note" => {
            let person = person(reader, conversation).await?;
            let key = format!("{}-{conversation}", bulk.key);
            Command::Note { person, work: Some(work), text: bulk.value.trim().to_owned(), key }
        }
        "tag" | "untag" => {
            let person = person(reader, conversation).await?;
            return tag::set(state, me, person, bulk.value.clone(), bulk.act == "tag").await;
        }
        _ => return Err(WebError::Bad("act")),
    };
    command(state, me, wanted).await.map(drop)
}

/// Whose it is, if the reader may see it in the list at all.
async fn person(reader: &Reader, conversation: ConversationId) -> Result<PersonId, WebError> {
    let row = conversations::get(&reader.state.store, &reader.viewer, conversation).await?.ok_or(WebError::NotFound)?;
    let reach = reader.reach();
    let within = reader.viewer.role >= crate::auth::Role::Supervisor
        || row.agent.as_ref() == Some(reader.me())
        || row.queue.as_ref().is_some_and(|queue| reach.queues.contains(queue));
    within.then_some(row.person).ok_or(WebError::NotFound)
}
