//! Calls, as programs read them.

mod list;
mod show;

pub use list::{__path_list, list};
pub use show::{__path_show, show};

use crate::desk::input::Direction;
use crate::store::calls::CallRow;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// One telephone call of a customer, however many agents it meets.
#[derive(Debug, Serialize, ToSchema)]
pub struct Call {
    id: u64,
    person: u64,
    /// `inbound`, `outbound` or `internal`.
    direction: &'static str,
    trunk: String,
    /// The caller's number; of a call of ours, what was shown or who called.
    from: String,
    /// Our line; of a call of ours the number or the colleague called.
    dialled: String,
    /// `arriving`, `waiting`, `talking`, `parked` or `ended`.
    state: String,
    queue: Option<String>,
    /// Who has it, or had it last.
    agent: Option<String>,
    /// How long the caller waited for the first agent.
    waited_ms: Option<i64>,
    disposition: Option<String>,
    /// What the agent wrote at the end.
    note: String,
    /// The conversation that went on as this call.
    conversation: Option<u64>,
    #[schema(format = DateTime)]
    started_at: String,
    /// By the house.
    #[schema(format = DateTime)]
    answered_at: Option<String>,
    /// When the first agent took it.
    #[schema(format = DateTime)]
    bridged_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

impl From<CallRow> for Call {
    fn from(row: CallRow) -> Call {
        Call {
            id: row.id.0,
            person: row.person.0,
            direction: match row.direction {
                Direction::Inbound => "inbound",
                Direction::Outbound => "outbound",
                Direction::Internal => "internal",
            },
            trunk: row.trunk.to_string(),
            from: row.caller,
            dialled: row.dialled,
            state: row.state,
            queue: row.queue.map(|queue| queue.to_string()),
            agent: row.agent.map(|agent| agent.to_string()),
            waited_ms: row.waited_ms,
            disposition: row.disposition,
            note: row.wrap_note,
            conversation: row.chat.map(|chat| chat.0),
            started_at: moment(row.started_at),
            answered_at: row.answered_at.map(moment),
            bridged_at: row.bridged_at.map(moment),
            ended_at: row.ended_at.map(moment),
        }
    }
}
