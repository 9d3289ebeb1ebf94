//! `GET /api/v1/conversations/{id}/messages`: what was written, oldest first, notes among it.

use crate::desk::id::ConversationId;
use crate::desk::input::Delivery;
use crate::store::messages::{MessageKind, MessageRow};
use crate::store::{conversations, listing};
use crate::web::WebState;
use crate::web::api::listed::{Asked, Listed, Number, Paged, Wanted, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Contacts, Reader};
use crate::webhooks::event::moment;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// One message or note.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    id: u64,
    /// `in`: the customer's. `out`: an agent's. `auto`: the house's own. `elsewhere`: the firm's, by another tool. `note`: for the house alone.
    kind: &'static str,
    agent: Option<String>,
    text: String,
    files: Vec<File>,
    #[schema(format = DateTime)]
    at: String,
    /// When the customer sent it, as the platform says.
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// Of messages to the customer: `queued`, `sent`, `delivered`, `read`, `failed` or `unknown`.
    state: Option<&'static str>,
    /// Why it failed.
    reason: Option<String>,
}

/// A file of a message; its content opens for people who are signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct File {
    id: u64,
    name: String,
    /// By content, not by what the sender says.
    r#type: String,
    bytes: u64,
}

#[utoipa::path(
    get, path = "/conversations/{id}/messages", tag = "contacts",
    params(("id" = u64, Path), Paged), responses((status = 200, body = Listed<Message>), Problem)
)]
pub async fn messages(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<Contacts>,
    Number(id): Number,
    Asked(asked): Asked<Paged>,
) -> Result<Json<Listed<Message>>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let id = ConversationId(id);
    conversations::get(&state.store, &viewer, id).await?.ok_or_else(nothing)?;
    let rows = listing::messages(&state.store, id, wanted.after, wanted.rows()).await?;
    Ok(Json(wanted.page(rows.into_iter().map(Message::from).collect(), |message| message.id)))
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Message {
        let (state, reason) = match row.delivery {
            None => (None, None),
            Some(Delivery::Queued) => (Some("queued"), None),
            Some(Delivery::Unknown) => (Some("unknown"), None),
            Some(Delivery::Sent) => (Some("sent"), None),
            Some(Delivery::Delivered) => (Some("delivered"), None),
            Some(Delivery::Read) => (Some("read"), None),
            Some(Delivery::Failed { reason }) => (Some("failed"), Some(reason)),
        };
        let kind = match row.kind {
            MessageKind::In => "in",
            MessageKind::Out => "out",
            MessageKind::Auto => "auto",
            MessageKind::Elsewhere => "elsewhere",
            MessageKind::Note => "note",
        };
        let file = |file: crate::desk::input::FileRef| File { id: file.id.0, name: file.name, r#type: file.mime, bytes: file.bytes };
        Message {
            id: row.id.0,
            kind,
            agent: row.agent.map(|agent| agent.to_string()),
            text: row.text,
            files: row.files.into_iter().map(file).collect(),
            at: moment(row.at),
            sent_at: row.sent_at.map(moment),
            state,
            reason,
        }
    }
}
