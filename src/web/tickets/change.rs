//! `POST /tickets/{id}/change`: one change at a time. `field` says which, `value` what it becomes; `note` goes to the department that gets it.

use super::time;
use crate::auth::Agent;
use crate::desk::id::*;
use crate::desk::input::{Command, FileRef, TicketChange, TicketCommand, TicketState};
use crate::store::tickets;
use crate::web::files::show::allowed;
use crate::web::work::{command, work_field};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use jiff::tz::TimeZone;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Change {
    field: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    note: String,
}

pub async fn change(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(change): Form<Change>,
) -> Result<StatusCode, WebError> {
    let zone = state.config.load().catalog.tickets.zone.clone();
    let value = change.value.trim();
    let change = match change.field.as_str() {
        "watch" | "unwatch" => TicketChange::Watch { agent: named(value).unwrap_or(me.agent.clone()), on: change.field == "watch" },
        "attach" => {
            let row = allowed(&state, me.clone(), value.parse().map_err(|_| WebError::Bad("file"))?).await?;
            TicketChange::Attach(FileRef { id: row.id, name: row.name, mime: row.mime, bytes: row.bytes })
        }
        "contact" => TicketChange::Contact(work_field(value)?.ok_or(WebError::Bad("work"))?),
        field => parsed(field, value, &change.note, &zone).ok_or(WebError::Bad("change"))?,
    };
    // Whether another one exists only the store knows: closed ones are not in the desk's memory.
    if let TicketChange::Related { ticket, .. } = &change
        && tickets::get(&state.store, *ticket).await?.is_none()
    {
        return Err(WebError::NotFound);
    }
    command(&state, &me, Command::Ticket(TicketId(id), TicketCommand::Change(change))).await
}

pub(super) fn parsed(field: &str, value: &str, note: &str, zone: &TimeZone) -> Option<TicketChange> {
    let number = || ticket(value);
    let on = |yes: &str| field == yes;
    if let Some(name) = field.strip_prefix("field.") {
        return Some(TicketChange::Field { name: name.to_owned(), value: value.to_owned() });
    }
    match field {
        "state" => TicketState::of(value).map(TicketChange::State),
        "priority" => value.parse().ok().filter(|p| (1..=4).contains(p)).map(TicketChange::Priority),
        "assignee" => Some(TicketChange::Assignee(named(value))),
        "subject" => Some(TicketChange::Subject(value.to_owned())),
        "comment" => Some(TicketChange::Comment(value.to_owned())),
        "department" => Some(TicketChange::Department { to: named(value)?, note: note.to_owned() }),
        "kind" => Some(TicketChange::Kind(named(value))),
        "due" if value.is_empty() => Some(TicketChange::Due(None)),
        "due" => time::read(value, zone).map(|at| TicketChange::Due(Some(at))),
        "check" | "uncheck" => Some(TicketChange::Check { item: value.parse().ok()?, on: on("check") }),
        "item" => Some(TicketChange::AddItem(value.to_owned())),
        "related" | "unrelated" => Some(TicketChange::Related { ticket: number()?, on: on("related") }),
        "parent" if value.is_empty() => Some(TicketChange::Parent(None)),
        "parent" => Some(TicketChange::Parent(Some(number()?))),
        "quiet" => Some(TicketChange::Quiet(value == "true")),
        _ => None,
    }
}

/// A ticket's number as people write it.
pub(super) fn ticket(value: &str) -> Option<TicketId> {
    value.trim().trim_start_matches(['#', '＃']).parse().ok().map(TicketId)
}

/// A name; nothing where nothing is chosen.
pub(super) fn named<T: for<'n> From<&'n str>>(value: &str) -> Option<T> {
    (!value.is_empty()).then(|| T::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_and_nonsense_is_not() {
        let parsed = |field: &str, value: &str| super::parsed(field, value, "", &TimeZone::UTC);
        assert_eq!(parsed("state", "pending"), Some(TicketChange::State(TicketState::Pending)));
        assert_eq!(parsed("priority", "1"), Some(TicketChange::Priority(1)));
        assert_eq!(parsed("assignee", ""), Some(TicketChange::Assignee(None)));
        assert_eq!(parsed("parent", "#12"), Some(TicketChange::Parent(Some(TicketId(12)))));
        assert_eq!(parsed("field.amount", "3"), Some(TicketChange::Field { name: "amount".into(), value: "3".into() }));
        assert_eq!(parsed("due", "1970-01-02T00:00"), Some(TicketChange::Due(Some(At(86_400_000)))));
        let wrong = [
            ("priority", "5"),
            ("priority", "-1"),
            ("state", "gone"),
            ("owner", "x"),
            ("due", "tomorrow"),
            ("related", "x"),
            ("check", "-1"),
            ("department", ""),
        ];
        for (field, value) in wrong {
            assert_eq!(parsed(field, value), None, "{field} {value}");
        }
    }
}
