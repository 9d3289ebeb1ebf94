//! What a call's task tells.

use super::{EndCause, EndedBy, FileRef, LegFailure, LegParty, Quality};
use crate::desk::dial::book::TrunkProblem;
use crate::desk::id::*;
use crate::desk::person::{Page, Who};
use serde::{Deserialize, Serialize};

/// What the task of one call hears.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum CallHeard {
    /// A trunk brings a call.
    Invited {
        trunk: TrunkId,
        who: Who,
        dialled: String,
    },
    /// A customer calls from a page: the chat window, or a link that they were sent.
    FromPage {
        page: Page,
        /// They begin with their camera on.
        video: bool,
        who: Who,
        /// Who sent them the link: asked first.
        first: Option<AgentId>,
    },
    /// No packet from the customer's page: it is being loaded again, or gone. The agent has music meanwhile.
    CustomerSilent,
    /// Packets from the customer's page again.
    CustomerHeard,
    /// A digit of the customer (RFC 4733 or SIP INFO).
    Digit(char),
    /// The prompt asked for has been played to its end.
    PromptDone,
    /// The pieces of this `Say` have been played to their end.
    Said {
        serial: u32,
    },
    /// The agent's phone rings.
    AgentRinging {
        agent: AgentId,
    },
    /// The agent's leg is up: a desk phone was picked up, or the browser leg is joined.
    AgentAnswered {
        agent: AgentId,
    },
    /// The agent's leg could not be had.
    AgentFailed {
        agent: AgentId,
        cause: LegFailure,
    },
    /// The agent's leg ended by the agent's own doing (desk phone on hook).
    AgentLeft {
        agent: AgentId,
    },
    /// The agent's desk phone asks by its transfer key for somebody else, as it was dialled there.
    AgentRefers {
        agent: AgentId,
        to: String,
    },
    /// The agent's desk phone asks by its transfer key that its two lines be joined: whom it has consulted takes over.
    AgentCompletes {
        agent: AgentId,
    },
    /// The agent's desk phone holds neither of its two lines: by its conference key.
    AgentJoins {
        agent: AgentId,
    },
    /// The recording key of the agent's desk phone; not `on`: pause.
    AgentRecords {
        agent: AgentId,
        on: bool,
    },
    /// The agent's desk phone has turned to the customer, or to whom it has consulted: the other line is on hold.
    AgentTurns {
        agent: AgentId,
        customer: bool,
    },
    /// The agent's desk phone has hung up on its second line.
    SecondLineOver {
        agent: AgentId,
    },
    /// No packet from the agent for 500 ms, or their desk phone holds: hold music until they are back.
    AgentSilent {
        agent: AgentId,
    },
    /// Packets from the agent again.
    AgentHeard {
        agent: AgentId,
    },
    /// Somebody who was called (`VoiceAct::Dial`) is rung; `early` when their side can be heard already.
    PartyRinging {
        party: LegParty,
        early: bool,
    },
    /// Somebody who was called has answered. A customer who was called is from then on like one who called.
    PartyAnswered {
        party: LegParty,
    },
    /// Somebody who was called could not be had, over any route.
    PartyFailed {
        party: LegParty,
        cause: LegFailure,
    },
    /// Somebody is called over this route now.
    RouteTried {
        party: LegParty,
        trunk: TrunkId,
        price: i64,
    },
    /// The route led nowhere, by the trunk's doing.
    RouteFailed {
        trunk: TrunkId,
        problem: TrunkProblem,
    },
    /// An outside party has hung up.
    PartyLeft {
        party: LegParty,
    },
    /// Figures of one leg, at its end.
    LegClosed {
        leg: LegParty,
        quality: Quality,
    },
    /// `films`: whose pictures lie beside it, `customer`, `agent` or both, with a space between.
    RecordingDone {
        file: String,
        millis: u64,
        bytes: u64,
        films: String,
    },
    RecordingFailed {
        file: String,
        error: String,
    },
    /// The caller has said nothing for the time asked for while a message is recorded.
    Quiet,
    /// The message that a caller left is kept as a file for agents. Comes after the call is over.
    MessageLeft {
        file: FileRef,
        millis: u64,
    },
    /// The caller said nothing after the tone.
    NoMessage,
    /// The customer's leg is over.
    Ended {
        by: EndedBy,
        cause: EndCause,
    },
    /// The call's task is gone.
    Lost,
}
