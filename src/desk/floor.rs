//! A snapshot of who is here and who waits, for pages that show the present. Never read by the desk itself.

use super::dial::book::TrunkProblem;
use super::fact::StatusName;
use super::id::*;
use super::input::{Direction, LegParty, Medium, MoveChange, WatchMode};
use super::outage::Outage;
use super::rules::Alert;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The present, as one consistent picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Floor {
    pub at: At,
    pub agents: Vec<FloorAgent>,
    /// In the order in which the desk will serve each queue.
    pub waiting: Vec<FloorWaiting>,
    /// Work that an agent has now, in the order in which it came.
    pub serving: Vec<FloorServing>,
    /// Help that agents have asked for, by agent.
    pub assists: Vec<FloorAssist>,
    /// Calls for which a colleague is rung by another agent.
    pub rung: Vec<FloorRung>,
    /// Calls at a slot, by its number.
    pub parked: Vec<FloorParked>,
    /// Calls with more to tell than who serves them: ours that are on their way, consults, conferences.
    pub talks: Vec<FloorTalk>,
    /// Supervisors in calls.
    pub watches: Vec<FloorWatch>,
    /// In the order in which they were switched on.
    pub overlays: Vec<FloorOverlay>,
    /// Customers on the list of missed calls.
    pub callbacks: usize,
    /// In the order of the configuration.
    pub trunks: Vec<FloorTrunk>,
    /// Channels that do not work.
    pub outages: BTreeMap<ChannelId, Outage>,
    /// What rules show to supervisors.
    pub rule_alerts: Vec<Alert>,
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
    /// What they take none of.
    pub refuses: BTreeSet<Medium>,
    pub wrap_up: Option<FloorWrapUp>,
    /// Calls whose time was over before the form was handed in, and the queue that asks for it: it is still taken.
    pub lapsed: Vec<(CallId, QueueId)>,
    /// Whose work is offered to them now.
    pub queues: Vec<QueueId>,
    /// What supervisors have changed of that, and of their skills, for a time.
    pub moves: Vec<FloorMove>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorWrapUp {
    pub call: CallId,
    /// Which form it is: the call may be in another queue by now.
    pub queue: QueueId,
    pub until: At,
    /// The time has run out, and the form is still to be handed in.
    pub overdue: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorMove {
    pub change: MoveChange,
    pub by: AgentId,
    pub until: At,
}

/// An overlay that is on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorOverlay {
    pub id: OverlayId,
    pub by: AgentId,
    pub since: At,
    pub until: Option<At>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorWaiting {
    pub work: Work,
    /// `None` for calls.
    pub channel: Option<ChannelId>,
    /// The customer shows themselves.
    pub video: bool,
    pub queue: QueueId,
    pub person: PersonId,
    pub since: At,
    /// Among callers, or among those who write: 1 is next.
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
    /// `None` for calls.
    pub channel: Option<ChannelId>,
    pub queue: QueueId,
    pub person: PersonId,
    pub agent: AgentId,
    pub since: At,
    pub held: bool,
    /// The agent in charge; the other agents of a call are in it as well.
    pub leads: bool,
}

/// An agent asks for help with a contact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorAssist {
    pub agent: AgentId,
    pub work: Work,
    pub word: String,
    pub since: At,
}

/// A colleague is asked into a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorRung {
    pub call: CallId,
    pub person: PersonId,
    pub agent: AgentId,
    pub by: Option<AgentId>,
    pub queue: QueueId,
    pub consult: bool,
    pub internal: bool,
    pub until: At,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorParked {
    pub slot: u32,
    pub call: CallId,
    pub person: PersonId,
    pub queue: QueueId,
    pub by: AgentId,
    pub since: At,
    pub until: At,
}

/// Who is in a call besides the customer and the agent in charge, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorTalk {
    pub call: CallId,
    pub direction: Direction,
    /// We call, and whom we call has not answered.
    pub reaching: bool,
    pub parties: Vec<FloorParty>,
    /// Who is consulted, and whether the agent is with them (else with the customer).
    pub consult: Option<(LegParty, bool)>,
}

/// A supervisor in a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorWatch {
    pub call: CallId,
    pub person: PersonId,
    pub by: AgentId,
    /// Who serves the customer.
    pub agent: AgentId,
    pub queue: QueueId,
    pub mode: WatchMode,
    /// `None` until they are on the line.
    pub since: Option<At>,
    /// The agent's page says so.
    pub announced: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FloorParty {
    pub who: LegParty,
    /// What was dialled; `None` for agents.
    pub number: Option<String>,
    /// On the line, not only rung.
    pub joined: bool,
    pub held: bool,
}
