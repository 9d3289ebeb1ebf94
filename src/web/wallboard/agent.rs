//! `POST /wallboard/agent/{id}/…`: a supervisor chooses an agent's status, and changes their queues and skills for a time.

use crate::auth::Supervisor;
use crate::desk::id::{AgentId, QueueId, SkillId};
use crate::desk::input::{Command, MoveChange};
use crate::web::me::{medium, wanted};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Status {
    value: String,
}

pub async fn status(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(agent): Path<String>,
    Form(Status { value }): Form<Status>,
) -> Result<StatusCode, WebError> {
    let wanted = wanted(&value).ok_or(WebError::Bad("value"))?;
    command(&state, &me, Command::SetStatusOf { agent: AgentId::from(agent.as_str()), wanted }).await
}

/// `value` as the agent's own: `chats:on`.
pub async fn takes(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(agent): Path<String>,
    Form(Status { value }): Form<Status>,
) -> Result<StatusCode, WebError> {
    let (medium, on) = medium(&value).ok_or(WebError::Bad("value"))?;
    command(&state, &me, Command::TakesOf { agent: AgentId::from(agent.as_str()), medium, on }).await
}

/// `value` is `join:returns`, `leave:returns` or `skill:german:4`.
#[derive(Deserialize)]
pub struct Move {
    value: String,
    minutes: u32,
}

pub async fn move_for(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(agent): Path<String>,
    Form(Move { value, minutes }): Form<Move>,
) -> Result<StatusCode, WebError> {
    let change = change(&value).ok_or(WebError::Bad("value"))?;
    let until = state.clock.now().after(i64::from(minutes) * 60_000);
    command(&state, &me, Command::Move { agent: AgentId::from(agent.as_str()), change, until }).await
}

#[derive(Deserialize)]
pub struct Ended {
    value: String,
}

pub async fn end_move(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(agent): Path<String>,
    Form(Ended { value }): Form<Ended>,
) -> Result<StatusCode, WebError> {
    let change = change(&value).ok_or(WebError::Bad("value"))?;
    command(&state, &me, Command::EndMove { agent: AgentId::from(agent.as_str()), change }).await
}

fn change(text: &str) -> Option<MoveChange> {
    let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.is_empty())?;
    Some(match kind {
        "join" => MoveChange::Join(QueueId::from(rest)),
        "leave" => MoveChange::Leave(QueueId::from(rest)),
        "skill" => {
            let (skill, level) = rest.rsplit_once(':')?;
            MoveChange::Skill { skill: SkillId::from(skill), level: level.parse().ok().filter(|level| *level <= 5)? }
        }
        _ => return None,
    })
}

/// The same, as a form sends it back.
pub(super) fn written(change: &MoveChange) -> String {
    match change {
        MoveChange::Join(queue) => format!("join:{queue}"),
        MoveChange::Leave(queue) => format!("leave:{queue}"),
        MoveChange::Skill { skill, level } => format!("skill:{skill}:{level}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_as_it_is_written() {
        for text in ["join:returns", "leave:returns", "skill:german:4", "skill:german:0"] {
            assert_eq!(change(text).map(|change| written(&change)).as_deref(), Some(text));
        }
        for wrong in ["", "join", "join:", "skill:german", "skill:german:6", "skill:german:x", "hire:mara"] {
            assert_eq!(change(wrong), None, "{wrong}");
        }
    }
}
