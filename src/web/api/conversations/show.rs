//! `GET /api/v1/conversations/{id}`: one conversation.

use super::Conversation;
use crate::desk::id::ConversationId;
use crate::store::conversations;
use crate::web::WebState;
use crate::web::api::listed::{Number, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Contacts, Reader};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/conversations/{id}", tag = "contacts", params(("id" = u64, Path)), responses((status = 200, body = Conversation), Problem))]
pub async fn show(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<Contacts>,
    Number(id): Number,
) -> Result<Json<Conversation>, Problem> {
    let row = conversations::get(&state.store, &viewer, ConversationId(id)).await?.ok_or_else(nothing)?;
    Ok(Json(row.into()))
}
