//! `POST /knowledge/{id}/cite`: the words of an article for a reply; that they were inserted, linked or looked at in this contact is counted.

use super::show::help_link;
use crate::desk::id::{CallId, ConversationId, Work};
use crate::store::knowledge::{self, UseKind};
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use axum::extract::Path;
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Asked {
    language: String,
    kind: UseKind,
    conversation: Option<u64>,
    call: Option<u64>,
}

/// What is put into the reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    title: String,
    text: String,
    link: Option<String>,
}

pub async fn cite(reader: Reader, Path(id): Path<i64>, Form(asked): Form<Asked>) -> Result<Json<Words>, WebError> {
    let (store, now) = (&reader.state.store, reader.page.now);
    // What is sent is counted where it is sent.
    if matches!(asked.kind, UseKind::Sent | UseKind::Shown) {
        return Err(WebError::Bad("kind"));
    }
    let cited = knowledge::cited(store, id, &asked.language, now).await?.ok_or(WebError::NotFound)?;
    let work = asked.conversation.map(|id| Work::Conversation(ConversationId(id))).or(asked.call.map(|id| Work::Call(CallId(id))));
    if let Some(work) = work {
        knowledge::used_in(store, vec![id], asked.kind, work, reader.me(), now).await?;
    }
    let public = cited.public && reader.loaded.config.knowledge.help_centre;
    let link = public.then(|| help_link(&reader, id, &asked.language)).flatten();
    Ok(Json(Words { title: cited.title, text: cited.text, link }))
}
