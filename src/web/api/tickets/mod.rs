//! Tickets, as programs read them.

mod list;
mod show;

pub use list::{__path_list, list};
pub use show::{__path_show, show};

use crate::desk::input::TicketState;
use crate::store::tickets::TicketRow;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// One case of a customer's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    id: u64,
    person: u64,
    subject: String,
    /// `new`, `open`, `pending`, `resolved` or `closed`.
    #[schema(value_type = String)]
    state: TicketState,
    /// 1 (most urgent) to 4.
    #[schema(minimum = 1, maximum = 4)]
    priority: u8,
    assignee: Option<String>,
    queue: Option<String>,
    /// `null`: by the house.
    opened_by: Option<String>,
    #[schema(format = DateTime)]
    opened_at: String,
    #[schema(format = DateTime)]
    changed_at: String,
    #[schema(format = DateTime)]
    resolved_at: Option<String>,
}

impl From<TicketRow> for Ticket {
    fn from(row: TicketRow) -> Ticket {
        Ticket {
            id: row.id.0,
            person: row.person.0,
            subject: row.subject,
            state: row.state,
            priority: row.priority,
            assignee: row.assignee.map(|agent| agent.to_string()),
            queue: row.queue.map(|queue| queue.to_string()),
            opened_by: row.opened_by.map(|agent| agent.to_string()),
            opened_at: moment(row.opened_at),
            changed_at: moment(row.changed_at),
            resolved_at: row.resolved_at.map(moment),
        }
    }
}
