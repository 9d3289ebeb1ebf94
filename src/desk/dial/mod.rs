//! Numbers and the ways out: how numbers are read, which may be called by whom, through which trunk, and what each trunk has had today.
//!
//! Default is deny: nothing goes out but through a trunk whose `[trunks.outbound]` allows the destination, for somebody who may call
//! there, within the trunk's limits of the day. [`plan`] is the only way a number leaves the house; emergency calls of our people pass it
//! always, those of flows never.

pub mod book;
mod call;
pub mod config;
pub mod countries;
pub mod number;
mod plan;
pub mod premium;
mod route;
pub mod spec;
mod spent;

#[cfg(test)]
mod tests;

pub(super) use call::place;
pub use plan::{Books, Plan, Refused, permitted, plan};
pub use route::DialRoute;
pub use spent::{Left, left};

use super::id::AgentId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Who wants a number called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Dialler {
    Agent(AgentId),
    /// A flow, by its id.
    Flow(Arc<str>),
    /// The house by itself: a callback.
    House,
}

impl fmt::Display for Dialler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dialler::Agent(agent) => write!(f, "agent/{agent}"),
            Dialler::Flow(flow) => write!(f, "flow/{flow}"),
            Dialler::House => f.write_str("house"),
        }
    }
}

impl From<Dialler> for String {
    fn from(dialler: Dialler) -> String {
        dialler.to_string()
    }
}

impl TryFrom<String> for Dialler {
    type Error = String;

    fn try_from(text: String) -> Result<Dialler, String> {
        match text.split_once('/') {
            Some(("agent", agent)) => Ok(Dialler::Agent(agent.into())),
            Some(("flow", flow)) => Ok(Dialler::Flow(flow.into())),
            None if text == "house" => Ok(Dialler::House),
            _ => Err(format!("{text} is nobody who dials")),
        }
    }
}

/// What is asked of [`plan`].
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub by: Dialler,
    /// As somebody wrote it.
    pub number: &'a str,
    /// The line that the customer once dialled, where there is one.
    pub line: Option<&'a str>,
    /// Show no number.
    pub anonymous: bool,
}

impl<'a> Ask<'a> {
    /// In the ordinary way.
    pub fn of(by: Dialler, number: &'a str) -> Ask<'a> {
        Ask { by, number, line: None, anonymous: false }
    }
}

/// Why a number is not called. Each is one plain sentence on the page, and an audit fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialRefusal {
    /// Not a telephone number, or more than one: star codes, pauses, parameters, addresses.
    NotANumber,
    /// This agent or flow may not call there.
    NotPermitted,
    /// No trunk takes calls out.
    NoTrunk,
    /// No trunk takes calls to there.
    NotAllowed,
    /// A premium-rate number.
    Premium,
    /// As many calls at once as the trunk may have.
    TooManyCalls,
    /// As many calls in a second as the trunk may begin.
    TooFast,
    /// The trunk's minutes of today are used up.
    MinutesSpent,
    /// The trunk's money of today is used up.
    CostSpent,
}
