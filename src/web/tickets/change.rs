//! `POST /tickets/{id}/change`: one change at a time: `field` is `state`, `priority`, `assignee`, `subject` or `comment`.

use crate::auth::Agent;
use crate::desk::id::{AgentId, TicketId};
use crate::desk::input::{Command, TicketChange};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Change {
    field: String,
    #[serde(default)]
    value: String,
}

pub async fn change(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(change): Form<Change>,
) -> Result<StatusCode, WebError> {
    let change = parsed(&change.field, change.value.trim()).ok_or(WebError::Bad("change"))?;
    command(&state, &me, Command::ChangeTicket { ticket: TicketId(id), change }).await
}

fn parsed(field: &str, value: &str) -> Option<TicketChange> {
    match field {
        "state" => super::list::states().find(|(_, word)| *word == value).map(|(state, _)| TicketChange::State(state)),
        "priority" => value.parse().ok().filter(|p| (1..=4).contains(p)).map(TicketChange::Priority),
        "assignee" => Some(TicketChange::Assignee((!value.is_empty()).then(|| AgentId::from(value)))),
        "subject" => Some(TicketChange::Subject(value.chars().take(200).collect())),
        "comment" => Some(TicketChange::Comment(value.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::input::TicketState;

    #[test]
    fn changes_are_read_and_nonsense_is_not() {
        assert_eq!(parsed("state", "pending"), Some(TicketChange::State(TicketState::Pending)));
        assert_eq!(parsed("priority", "1"), Some(TicketChange::Priority(1)));
        assert_eq!(parsed("assignee", ""), Some(TicketChange::Assignee(None)));
        for (field, value) in [("priority", "5"), ("priority", "-1"), ("state", "gone"), ("owner", "x")] {
            assert_eq!(parsed(field, value), None, "{field} {value}");
        }
    }
}
