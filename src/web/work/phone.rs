//! `POST /work/conversation/{id}/phone`: the chat goes on by telephone. Where the customer's number is known it is called: 201 with the call's
//! address. Else they are asked for it in the chat, and called as soon as it comes: 202 with a sentence.

use super::ask;
use super::call::customer;
use crate::auth::Agent;
use crate::desk::id::{ConversationId, Work};
use crate::desk::input::{Callee, Command, Push};
use crate::desk::step::Answer;
use crate::store::conversations;
use crate::web::inbox::reader::Reader;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// A second click within this time asks the customer no second time, ms.
const AGAIN_MS: i64 = 60_000;

pub async fn phone(reader: Reader, State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<Response, WebError> {
    let chat = ConversationId(id);
    let row = conversations::get(&state.store, &reader.viewer, chat).await?.ok_or(WebError::NotFound)?;
    match customer(&state.store, row.person, None).await {
        Ok(callee @ Callee::Number { .. }) => match ask(&state, &me, Command::Call { callee, queue: None, chat: Some(chat) }).await? {
            Answer::Call(call) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/inbox/call/{call}"))]).into_response()),
            _ => Ok(StatusCode::NO_CONTENT.into_response()),
        },
        Ok(Callee::Colleague { .. } | Callee::Page { .. }) | Err(WebError::NotFound) => {
            let form = reader.catalog().forms.values().find(|form| form.calls).ok_or(WebError::NotFound)?;
            let key = format!("number-{chat}-{}", state.clock.now().0.div_euclid(AGAIN_MS));
            let push = Command::Push { work: Work::Conversation(chat), what: Push::Form(form.kind.clone()), seen: None, key };
            ask(&state, &me, push).await?;
            Ok((StatusCode::ACCEPTED, reader.say().t("desk.form.asked")).into_response())
        }
        Err(error) => Err(error),
    }
}
