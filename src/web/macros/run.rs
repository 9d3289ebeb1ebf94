//! `POST /work/conversation/{id}/macro/{macro}`: does each step as if the agent had done it by hand, in order, and stops at the first that is
//! refused. The same key again sends nothing twice. Where the macro goes on to the next conversation, its address is in `Location`.

use super::list::seen;
use crate::auth::{Agent, Session};
use crate::desk::id::{ConversationId, PersonId, TierId, Work};
use crate::desk::input::{Body, Command, NewTicket};
use crate::store::macros::{Does, MacroStep};
use crate::store::{conversations, drafts, persons};
use crate::web::WebError;
use crate::web::inbox::fill::Places;
use crate::web::inbox::reader::Reader;
use crate::web::people::{assigned, tag};
use crate::web::work::{command, moment, target};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct Key {
    key: String,
}

pub async fn run(
    reader: Reader,
    Agent(me): Agent,
    Path((id, of)): Path<(u64, i64)>,
    Form(Key { key }): Form<Key>,
) -> Result<Response, WebError> {
    if key.is_empty() || key.len() > 48 {
        return Err(WebError::Bad("key"));
    }
    let conversation = ConversationId(id);
    let steps = seen(&reader).await?.into_iter().find(|row| row.id == of).ok_or(WebError::NotFound)?.form.steps;
    let store = &reader.state.store;
    let row = conversations::get(store, &reader.viewer, conversation).await?.ok_or(WebError::NotFound)?;
    // What is said of a customer in their conversation is for whoever has it.
    if row.agent.as_ref() != Some(reader.me()) || row.state != "serving" {
        return Err(WebError::Refused(crate::desk::refusal::Refusal::NotYours));
    }
    let places = Places::of(&reader, row.person, Some(conversation)).await?;
    let mut next = None;
    for (nth, step) in steps.iter().enumerate() {
        let key = format!("{key}-{nth}");
        match wanted(&reader, conversation, row.person, step, &places, key)? {
            Some(wanted) => drop(command(&reader.state, &me, wanted).await?),
            None if step.does == Does::Next => {
                let mine = conversations::mine(store, &reader.viewer, reader.me(), 2).await?;
                let other = mine.into_iter().find(|other| other.id != conversation);
                next = Some(other.map_or_else(|| "/inbox".to_owned(), |other| format!("/inbox/conversation/{}", other.id)));
            }
            None => about(&reader, &me, row.person, step).await?,
        }
        if step.does == Does::Reply {
            drafts::set(store, reader.me(), drafts::Place::Conversation(conversation), String::new(), reader.page.now).await?;
        }
    }
    Ok(match next {
        Some(href) => (StatusCode::NO_CONTENT, [(header::LOCATION, href)]).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// What the desk is asked for; `None` for what is kept with the person, or is only of the page.
fn wanted(
    reader: &Reader,
    conversation: ConversationId,
    person: PersonId,
    step: &MacroStep,
    places: &Places,
    key: String,
) -> Result<Option<Command>, WebError> {
    let work = Work::Conversation(conversation);
    Ok(Some(match step.does {
        Does::Reply => Command::Reply { conversation, body: Body::text(places.fill(&step.value)), key },
        Does::Note => Command::Note { person, work: Some(work), text: places.fill(&step.value), key },
        Does::Ticket => Command::OpenTicket(Box::new(NewTicket { work: Some(work), ..NewTicket::plain(person, places.fill(&step.value)) })),
        Does::Assign => Command::Transfer { work, to: target(&step.value)?, note: String::new() },
        Does::Snooze => {
            let until = moment(&step.value, "", reader.page.now, &reader.page.zone).ok_or(WebError::Bad("when"))?;
            Command::Snooze { conversation, until }
        }
        Does::Resolve => {
            let disposition = Some(step.value.clone()).filter(|outcome| !outcome.is_empty());
            Command::Resolve { conversation, disposition, fields: Vec::new(), note: String::new() }
        }
        Does::Tag | Does::Untag | Does::Language | Does::Tier | Does::Field | Does::Next => return Ok(None),
    }))
}

async fn about(reader: &Reader, me: &Session, person: PersonId, step: &MacroStep) -> Result<(), WebError> {
    let store = &reader.state.store;
    match step.does {
        Does::Tag | Does::Untag => {
            tag::set(&reader.state, me, person, step.value.clone(), step.does == Does::Tag).await?;
        }
        Does::Tier => persons::set_tier(store, person, TierId::from(step.value.as_str())).await?,
        Does::Language => persons::set_language(store, person, step.value.clone()).await?,
        Does::Field => {
            let values = assigned(&reader.loaded.config.people.fields, reader.viewer.role, &step.value)?;
            persons::set_fields(store, person, BTreeMap::from([values])).await?;
        }
        Does::Reply | Does::Note | Does::Ticket | Does::Assign | Does::Snooze | Does::Resolve | Does::Next => {}
    }
    Ok(())
}
