//! What is now true. Facts are recorded, shown, audited and counted; the store turns each into rows with one match.

mod callback;
mod channel;
mod flow;
mod form;
mod person;
mod proactive;
mod routing;
mod rule;
mod source;
mod survey;
mod ticket;
mod trunk;

pub use callback::{BookedBy, CallbackEnd, CallbackFact, MissedWhy, NotReached};
pub use channel::ChannelFact;
pub use flow::{FlowFact, LookupResult};
pub use form::FormFact;
pub use person::PersonFact;
pub use proactive::{ProactiveFact, Unsent, Waits};
pub use routing::{AssistEnd, Decision, OfferEnd, QueuedReason, Reason, RoutingFact};
pub use rule::{Did, NotDone, RuleFact};
pub use source::SourceFact;
pub use survey::{AskedBy, SurveyFact};
pub use ticket::{ApprovalFact, Beginning, ClockKind, ClockNow, TicketFact, TicketNews};
pub use trunk::{DialFact, TrunkFact};

use super::dial::{DialRefusal, Dialler};
use super::id::*;
use super::input::*;
use super::person::{Identity, Page};
use super::refusal::Refusal;
use super::window::Measure;
use serde::{Deserialize, Serialize};

/// One fact, with what it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Person(PersonId, PersonFact),
    Call(CallId, CallFact),
    Callback(CallbackId, CallbackFact),
    Form(FormId, FormFact),
    Proactive(ProactiveId, ProactiveFact),
    Survey(SurveyId, SurveyFact),
    Conversation(ConversationId, ConversationFact),
    /// Queueing, offering and serving: the same for every kind of work.
    Routing(Work, RoutingFact),
    /// On the way through a flow.
    Flow(Work, FlowFact),
    Agent(AgentId, AgentFact),
    Ticket(TicketId, TicketFact),
    Trunk(TrunkId, TrunkFact),
    Channel(ChannelId, ChannelFact),
    /// Numbers that somebody wanted called.
    Dial(Dialler, DialFact),
    /// A prepared set of routing rules.
    Overlay(OverlayId, OverlayFact),
    Source(SourceId, SourceFact),
    /// What a rule has done, or should have.
    Rule(RuleId, RuleFact),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFact {
    /// Inbound: `from` is the caller, `dialled` our line. Outbound: `from` is the number shown, `dialled` the customer's. Internal: agents.
    Started {
        person: PersonId,
        trunk: TrunkId,
        from: String,
        dialled: String,
        #[serde(default, skip_serializing_if = "Direction::is_inbound")]
        direction: Direction,
        /// The queue a call of ours counts to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<QueueId>,
        /// The conversation that went on as this call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat: Option<ConversationId>,
    },
    /// A number outside is called: the customer's, or one more party's.
    Dialled {
        party: LegParty,
        number: String,
        by: Dialler,
    },
    /// A colleague is rung, to be consulted or to join.
    Rung {
        agent: AgentId,
        by: AgentId,
        consult: bool,
        until: At,
    },
    /// Who was dialled or rung is on the line.
    Joined {
        party: LegParty,
    },
    /// Who was dialled or rung could not be had, or is wanted no more (`None`).
    NotJoined {
        party: LegParty,
        cause: Option<LegFailure>,
    },
    /// A member besides the customer and the agent in charge has gone.
    Left {
        party: LegParty,
    },
    /// An agent turns away from the customer, to talk to somebody else first.
    ConsultStarted {
        by: AgentId,
        with: LegParty,
    },
    /// The agent has turned to the customer, or back.
    ConsultSwapped {
        by: AgentId,
        customer: bool,
    },
    ConsultEnded {
        by: AgentId,
        how: ConsultEnd,
    },
    /// The customer waits with music at this slot.
    Parked {
        by: AgentId,
        slot: u32,
        until: At,
    },
    /// Somebody fetches the parked customer; `None`: the time was over.
    Unparked {
        by: Option<AgentId>,
        slot: u32,
    },
    /// The caller's leg was answered (by the house, not yet by an agent).
    Answered,
    RecordingStarted {
        file: String,
    },
    /// `auto`: because a field had the focus that must not be recorded, or has it no longer.
    RecordingPaused {
        on: bool,
        by: AgentId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        auto: bool,
    },
    /// `films`: whose pictures lie beside it, `customer`, `agent` or both, with a space between.
    RecordingDone {
        file: String,
        millis: u64,
        bytes: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        films: String,
    },
    RecordingFailed {
        file: String,
        error: String,
    },
    Held {
        by: AgentId,
        on: bool,
    },
    /// The agent's audio stopped arriving, or is back.
    AgentSilent {
        agent: AgentId,
        silent: bool,
    },
    /// The customer's page is rung.
    Knocked {
        page: Page,
        by: AgentId,
        until: At,
        /// The agent calls with their camera on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        video: bool,
    },
    /// The customer calls from this page.
    FromPage {
        page: Page,
        /// They begin with their camera on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        video: bool,
    },
    /// The customer's page stopped to be heard, or is back.
    CustomerSilent {
        silent: bool,
    },
    Digit {
        digit: char,
    },
    /// A supervisor is in the call, or is in it otherwise from now on. `agent` serves the customer.
    Watched {
        by: AgentId,
        agent: AgentId,
        mode: WatchMode,
        announced: bool,
    },
    WatchEnded {
        by: AgentId,
        how: WatchEnd,
        watched_ms: i64,
    },
    /// The trunk's minutes or money of the day end the talk with this party then.
    LimitNear {
        party: LegParty,
        why: DialRefusal,
        until: At,
    },
    LimitReached {
        party: LegParty,
        why: DialRefusal,
    },
    LegClosed {
        leg: LegParty,
        quality: Quality,
    },
    Ended {
        by: EndedBy,
        cause: EndCause,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationFact {
    Opened {
        person: PersonId,
        channel: ChannelId,
        identity: Identity,
        page: Option<String>,
    },
    Received {
        message: MessageId,
        person: PersonId,
        channel: ChannelId,
        external_id: String,
        body: Body,
        sent: At,
        /// The platform's own order among messages of the same moment.
        #[serde(default, skip_serializing_if = "is_zero")]
        seq: i64,
        /// What the platform's window is measured by from now on; `None`: by this message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<Measure>,
    },
    /// The firm has written with another tool of the platform's.
    Elsewhere {
        message: MessageId,
        person: PersonId,
        channel: ChannelId,
        external_id: String,
        body: Body,
        sent: At,
        #[serde(default, skip_serializing_if = "is_zero")]
        seq: i64,
        /// The customer waited for an answer, and this is it: nobody is rung any more.
        settles: bool,
    },
    /// The customer has changed a message of theirs, or taken it back.
    Changed {
        message: MessageId,
        person: PersonId,
        change: Change,
    },
    /// A file that its platform did not give with the message, as `late_file` has it, stands where `instead` stood.
    FileCame {
        late: i64,
        message: MessageId,
        person: PersonId,
        file: FileRef,
        instead: String,
    },
    /// An agent wants a message of theirs to have other words, or to be seen no more; the customer still sees it as it was. `amendment` is
    /// numbered among the messages, and is sent, and told of, like one.
    Amending {
        amendment: MessageId,
        message: MessageId,
        person: PersonId,
        by: AgentId,
        change: Change,
    },
    /// What became of it: from `Sent` on the customer sees the message so.
    Amended {
        amendment: MessageId,
        message: MessageId,
        person: PersonId,
        change: Change,
        state: Delivery,
    },
    /// An agent's (or, with `by: None`, an automatic) message, recorded and about to be sent.
    Queued {
        message: MessageId,
        person: PersonId,
        by: Option<AgentId>,
        body: Body,
        key: String,
        /// How many messages it is for the platform.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        parts: u32,
    },
    Delivery {
        message: MessageId,
        state: Delivery,
    },
    /// The agent has seen messages up to this one.
    ReadByAgent {
        by: AgentId,
        upto: MessageId,
    },
    /// The customer has seen messages up to this one.
    ReadByCustomer {
        upto: MessageId,
    },
    /// The customer has followed a link from here and goes on in this window.
    Continued {
        channel: ChannelId,
    },
    /// What `open_text` says was not sent after the opening.
    OpeningUnsent {
        person: PersonId,
        why: Refusal,
    },
    CustomerLeft,
    CustomerBack,
    /// The customer left while waiting and did not come back in time: a missed conversation.
    Abandoned {
        person: PersonId,
        queue: QueueId,
        waited_ms: i64,
    },
    /// By an agent, or by the house at the end of a flow.
    Resolved {
        by: Option<AgentId>,
        disposition: Option<String>,
    },
    /// Put aside until then.
    Snoozed {
        by: AgentId,
        until: At,
    },
    /// Put aside no more.
    Woken {
        why: Woken,
    },
}

/// Why a conversation came back that was put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Woken {
    Due,
    /// The customer wrote.
    Written,
    /// This agent fetched it.
    By(AgentId),
}

/// How a consult ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultEnd {
    /// The one consulted has taken over.
    Completed,
    /// All talk together.
    Merged,
    /// Back to the customer.
    Cancelled,
    /// The one consulted could not be had.
    Failed,
    /// The one consulted has hung up.
    Left,
}

/// How a supervisor's part in a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchEnd {
    /// By their own doing.
    Left,
    TookOver,
    CallEnded,
    /// No agent of ours is in the talk any more.
    NobodyTalks,
    /// Their page did not come back.
    Lost,
    /// Their leg never came up, or they had no room to take over.
    Failed,
    /// Supervisors no longer, by a new configuration.
    NoLongerAllowed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentFact {
    /// `since` is this fact's own time. `missed` when the desk set the agent away after too many missed offers.
    Status {
        status: StatusName,
        reason: Option<String>,
        why: StatusWhy,
    },
    /// A supervisor chose for them; `Status` follows, at once or after the contact.
    StatusSet {
        by: AgentId,
        wanted: WantedStatus,
    },
    /// A supervisor changed their queues or skills until then.
    Moved {
        change: MoveChange,
        by: AgentId,
        until: At,
    },
    /// As declared again; `None`: the time was over.
    MoveEnded {
        change: MoveChange,
        by: Option<AgentId>,
    },
    /// They take new contacts of this kind from now on, or none; `by` themselves or a supervisor.
    Takes {
        medium: Medium,
        on: bool,
        by: AgentId,
    },
    VoiceReady,
    VoiceLost {
        problem: String,
    },
}

/// What becomes of a prepared set of routing rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlayFact {
    SwitchedOn {
        by: AgentId,
        /// `None`: until it is switched off.
        until: Option<At>,
    },
    /// `None`: its time was over, or it is not declared any more.
    SwitchedOff { by: Option<AgentId> },
}

/// The one status for all channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    Available,
    Busy,
    Break,
    WrapUp,
    Offline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusWhy {
    Chosen,
    MissedOffers,
    /// A supervisor chose it.
    Supervisor,
    /// Chosen earlier, to come after the contact.
    AfterContact,
    WrapUp,
    PageGone,
    /// The phone of somebody who is always available has registered, or has gone.
    PhoneReady,
    PhoneGone,
    /// Declared always available in the configuration (desk phones).
    Configured,
}

/// Most platforms tell no order.
fn is_zero(seq: &i64) -> bool {
    *seq == 0
}

fn one() -> u32 {
    1
}

fn is_one(parts: &u32) -> bool {
    *parts == 1
}
