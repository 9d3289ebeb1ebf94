//! How far a message has come, as programs read it.

use crate::desk::input::Delivery;
use crate::store::proactive::ProactiveRow;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// `state` is `queued`, `sent`, `delivered`, `read`, `failed`, `refused`, or `unknown` where the platform gave no sign either way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MessageStatus)]
pub struct Status {
    id: String,
    state: &'static str,
    /// Why it waits, failed or was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Waits until then, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<u64>,
    #[schema(format = DateTime)]
    asked_at: String,
    /// Where to ask again.
    url: String,
}

impl Status {
    pub fn of(row: ProactiveRow) -> Status {
        let (state, reason) = match (row.state.as_str(), row.delivery) {
            ("refused", _) => ("refused", row.why),
            (_, None | Some(Delivery::Queued)) => ("queued", row.why),
            (_, Some(Delivery::Unknown)) => ("unknown", None),
            (_, Some(Delivery::Sent)) => ("sent", None),
            (_, Some(Delivery::Delivered)) => ("delivered", None),
            (_, Some(Delivery::Read)) => ("read", None),
            (_, Some(Delivery::Failed { reason })) => ("failed", Some(reason)),
        };
        Status {
            id: row.id.to_string(),
            state,
            // A channel that is down tells nobody until when.
            until: row.until.filter(|_| reason.as_deref() == Some("quiet_hours")).map(moment),
            channel: row.channel.map(|channel| channel.to_string()),
            person: row.person.map(|person| person.0),
            asked_at: moment(row.at),
            url: format!("/api/v1/messages/{}", row.id),
            reason,
        }
    }
}
