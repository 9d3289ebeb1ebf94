//! Tickets, as programs read them.

mod list;
mod open;
mod show;

pub use list::{__path_list, list};
pub use open::{__path_open, open};
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
    /// `new`, `assigned`, `open`, `pending`, `resolved`, `reopened` or `closed`.
    #[schema(value_type = String)]
    state: TicketState,
    /// 1 (most urgent) to 4.
    #[schema(minimum = 1, maximum = 4)]
    priority: u8,
    #[serde(rename = "type")]
    kind: Option<String>,
    department: Option<String>,
    /// `asked`, `granted` or `denied`.
    approval: Option<String>,
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
            kind: row.kind.map(|kind| kind.to_string()),
            department: row.department.map(|department| department.to_string()),
            approval: row.approval,
            assignee: row.assignee.map(|agent| agent.to_string()),
            queue: row.queue.map(|queue| queue.to_string()),
            opened_by: row.opened_by.map(|agent| agent.to_string()),
            opened_at: moment(row.opened_at),
            changed_at: moment(row.changed_at),
            resolved_at: row.resolved_at.map(moment),
        }
    }
}
