//! A snapshot of who is here and who waits, for pages that show the present. Never read by the desk itself.

use super::dial::book::TrunkProblem;
use super::fact::StatusName;
use super::id::*;
use serde::Serialize;

/// The present, as one consistent picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Floor {
    pub at: At,
    pub agents: Vec<FloorAgent>,
    /// In the order in which the desk will serve each queue.
    pub waiting: Vec<FloorWaiting>,
    /// Work that an agent has now, in the order in which it came.
    pub serving: Vec<FloorServing>,
    /// In the order of the configuration.
    pub trunks: Vec<FloorTrunk>,
    /// Numbers that were not called today.
    pub blocked: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorTrunk {
    pub id: TrunkId,
    /// Calls may be expected to get through.
    pub well: bool,
    /// Since when it does not answer, and how it shows.
    pub down: Option<(At, TrunkProblem)>,
    pub unregistered: Option<TrunkProblem>,
    /// The last thing that went wrong, also when it is well again.
    pub last_problem: Option<(At, TrunkProblem)>,
    /// Numbers being called or talked to through it.
    pub out: u32,
    /// Today, begun.
    pub calls: u32,
    /// Today, the running calls included, ms.
    pub talked_ms: i64,
    /// The same, millionths of the currency.
    pub cost: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorAgent {
    pub id: AgentId,
    pub status: StatusName,
    pub reason: Option<String>,
    pub since: At,
    /// The status that was chosen to come after the present contact.
    pub next: Option<StatusName>,
    pub used: u32,
    pub capacity: u32,
    /// `None` when calls can be offered; else why not.
    pub voice_problem: Option<String>,
    pub page_open: bool,
    /// End of wrap-up, with the call it belongs to.
    pub wrap_up: Option<(CallId, At)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorWaiting {
    pub work: Work,
    pub queue: QueueId,
    pub person: PersonId,
    pub since: At,
    /// 1 is next.
    pub position: u32,
    pub offered_to: Option<(AgentId, At)>,
    /// The customer has closed the window and not come back.
    pub left: bool,
    /// Estimated wait in seconds from the queue's recent rate; `None` while nothing is known.
    pub estimate_s: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorServing {
    pub work: Work,
    pub queue: QueueId,
    pub person: PersonId,
    pub agent: AgentId,
    pub since: At,
    pub held: bool,
}
