//! What customers were asked and what they said, as programs read it.

mod list;
mod show;

pub use list::{__path_list, list};
pub use show::{__path_show, show};

use crate::desk::fact::AskedBy;
use crate::desk::id::Work;
use crate::store::surveys::SurveyRow;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// What one customer was asked once, and what they said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Survey {
    id: u64,
    /// Its name in the configuration.
    survey: String,
    /// `csat` (1 to 5) or `nps` (0 to 10).
    scale: &'static str,
    person: u64,
    /// The contact that it is about: a call, a conversation or neither.
    call: Option<u64>,
    conversation: Option<u64>,
    /// Who had served them.
    agent: Option<String>,
    queue: Option<String>,
    /// The channel of the contact; `calls` for the telephone.
    channel: Option<String>,
    /// `window`, `keys`, `letter`, `message` or `flow`.
    #[schema(value_type = String)]
    by: AskedBy,
    #[schema(format = DateTime)]
    asked_at: String,
    /// `null` while they have not answered; the latest counts.
    #[schema(minimum = 0, maximum = 10)]
    score: Option<u8>,
    comment: String,
    /// So low that somebody has to see to it.
    low: bool,
    #[schema(format = DateTime)]
    answered_at: Option<String>,
    /// Opened by a low score.
    ticket: Option<u64>,
}

impl From<SurveyRow> for Survey {
    fn from(row: SurveyRow) -> Survey {
        let (call, conversation) = match row.work {
            Some(Work::Call(id)) => (Some(id.0), None),
            Some(Work::Conversation(id)) => (None, Some(id.0)),
            Some(Work::Callback(_)) | None => (None, None),
        };
        Survey {
            id: row.id.0,
            survey: row.survey.to_string(),
            scale: row.scale.word(),
            person: row.person.0,
            call,
            conversation,
            agent: row.agent.map(|agent| agent.to_string()),
            queue: row.queue.map(|queue| queue.to_string()),
            channel: row.channel,
            by: row.by,
            asked_at: moment(row.asked_at),
            score: row.score,
            comment: row.comment,
            low: row.low,
            answered_at: row.answered_at.map(moment),
            ticket: row.ticket.map(|ticket| ticket.0),
        }
    }
}
