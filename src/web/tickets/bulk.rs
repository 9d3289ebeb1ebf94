//! `POST /tickets/bulk`: one change of many tickets, each as if it had been made alone.

use super::change::parsed;
use crate::auth::Session;
use crate::desk::id::TicketId;
use crate::desk::input::{Command, TicketChange, TicketCommand};
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use crate::web::views::{Tally, ticked};
use crate::web::work::command;
use axum::Form;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Bulk {
    /// Numbers with commas between.
    ids: String,
    /// `take`, `watch`, `unwatch`, or what changes: `assignee`, `department`, `state`, `priority`, `comment`.
    act: String,
    /// What it becomes.
    #[serde(default)]
    value: String,
}

pub async fn bulk(reader: Reader, Form(bulk): Form<Bulk>) -> Result<Response, WebError> {
    let session = reader.page.session.clone().ok_or(WebError::Forbidden)?;
    let change = change(&reader, &session, &bulk)?;
    let mut tally = Tally::default();
    for id in ticked(&bulk.ids) {
        let wanted = Command::Ticket(TicketId(id), TicketCommand::Change(change.clone()));
        tally.count(&reader, command(&reader.state, &session, wanted).await.map(drop))?;
    }
    Ok(tally.answer(&reader))
}

fn change(reader: &Reader, me: &Session, bulk: &Bulk) -> Result<TicketChange, WebError> {
    let act = bulk.act.as_str();
    match act {
        "take" => Ok(TicketChange::Assignee(Some(me.agent.clone()))),
        "watch" | "unwatch" => Ok(TicketChange::Watch { agent: me.agent.clone(), on: act == "watch" }),
        "assignee" | "department" | "state" | "priority" | "comment" => {
            parsed(act, bulk.value.trim(), "", &reader.catalog().tickets.zone).ok_or(WebError::Bad("value"))
        }
        _ => Err(WebError::Bad("act")),
    }
}
