//! What must now be done outside. Acts name calls, agents and messages, never SDP, sockets or platform formats.

use super::catalog::DeskPhone;
use super::dial::DialRoute;
use super::id::*;
use super::input::{Body, Change, EndCause, LegParty};
use super::ivr::Piece;
use super::person::{Identity, Page, Who};
use super::rules::Subject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Leaves with the decision: promises nothing, must be quick.
    Voice(CallId, VoiceAct),
    /// Leaves after the commit: the message is recorded before it is sent.
    Send(Outbound),
    /// Leaves with the decision: somebody waits on the line for the answer.
    Look(Look),
    /// Leaves after the commit. `Input::Proactive` follows for each of them, once.
    Notify(Notice),
    /// Leaves after the commit: `Input::Ways` tells the ways to the customer of a ticket.
    Ways { ticket: TicketId, person: PersonId, serial: u32 },
    /// Leaves after the commit: `Input::RuleWays` tells the ways to the customer whom a rule wants to reach.
    RuleWays { subject: Subject, person: PersonId, serial: u32 },
    /// Leaves after the commit: `Input::SurveyWays` tells the ways to a customer who is to be asked.
    SurveyWays { survey: SurveyId, person: PersonId, serial: u32 },
}

/// What a call task is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoiceAct {
    /// A call that the desk begins: the first act of such a call, with which its wire and its task are made. `who` is shown to desk phones.
    Open {
        who: Box<Who>,
    },
    /// Call the customer or an outside party over these routes, one after the other, until one answers or `ring_ms` are over.
    /// `PartyAnswered` or `PartyFailed` follows.
    Dial {
        party: LegParty,
        routes: Vec<DialRoute>,
        ring_ms: i64,
    },
    /// Ring the customer's page for so long. `PartyAnswered` or `PartyFailed` follows.
    Knock {
        page: Page,
        ring_ms: i64,
    },
    /// Who hears whom, for the whole call: whoever is not named hears nobody. Those in `music` hear that prompt again and again instead.
    Hear {
        hearing: Vec<(LegParty, Vec<LegParty>)>,
        music: Vec<(LegParty, String)>,
    },
    /// Give up calling this outside party, or hang up on them.
    Dismiss {
        party: LegParty,
    },
    /// 180 to the caller.
    Ring,
    /// 200 to the caller.
    Answer,
    /// Refuse the call before it was answered.
    Reject(RejectCause),
    /// Play a prompt once; `PromptDone` follows.
    Play {
        prompt: String,
    },
    /// Play these one after the other; `Said` with the same serial follows. Replaces what is playing.
    Say {
        serial: u32,
        pieces: Vec<Piece>,
    },
    /// Stop what is playing.
    Hush,
    /// The language of prompts from here on, BCP 47.
    Language {
        language: String,
    },
    /// Hold music to the customer until something else is asked for.
    Music {
        name: String,
    },
    /// Send the customer's own audio back.
    Echo,
    /// Ring the agent's desk phone, or all that are registered. A browser agent is rung by the page; their leg joins by `Join`.
    RingPhone {
        agent: AgentId,
        phone: DeskPhone,
    },
    /// The agent's desk phone is in their hand already: the call that it dialled is their leg. `AgentAnswered` follows.
    OffHook {
        agent: AgentId,
    },
    /// What the agent's desk phone has dialled while it holds this call is its second line of the call: it is heard on the one that it does not
    /// hold. `AgentHeard` follows.
    SecondLine {
        agent: AgentId,
    },
    /// Hang up on the agent's second line. The first one stays as it is.
    EndSecond {
        agent: AgentId,
    },
    /// Join the agent's browser leg; `AgentAnswered` follows when audio can flow.
    Join {
        agent: AgentId,
    },
    /// Give up ringing or drop the leg of this agent.
    Drop {
        agent: AgentId,
    },
    /// Tells the agent's desk phone whether the transfer that it asked for was made.
    Referred {
        agent: AgentId,
        done: bool,
    },
    /// Customer and agent hear each other; music stops.
    Bridge {
        agent: AgentId,
    },
    /// The customer hears music, the agent nothing.
    Hold {
        agent: AgentId,
        music: String,
    },
    /// Start the stereo recording in this file (a name in the recordings folder).
    Record {
        file: String,
    },
    PauseRecording {
        on: bool,
    },
    /// Finish the recording, while the call goes on.
    StopRecording,
    /// Record what the customer says in this file; `Quiet` follows once they have said nothing for so long (0: never).
    RecordMessage {
        file: String,
        silence_ms: i64,
    },
    /// Finish the message.
    EndMessage,
    /// Tones to the customer's side.
    SendDigits {
        digits: String,
    },
    /// Play this to those who talk, over what they hear, once.
    Tone {
        to: Vec<LegParty>,
        prompt: String,
    },
    /// Tones to an outside party.
    Press {
        party: LegParty,
        digits: String,
    },
    /// End the customer's leg and all others.
    End {
        cause: EndCause,
    },
}

/// How a call is refused; `voice` maps it to SIP (RFC 3261 §21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCause {
    /// No line answers to the dialled number: 404.
    NoSuchNumber,
    /// 603.
    Declined,
    /// 480.
    Unavailable,
    /// 486.
    Busy,
    /// 503 with Retry-After.
    Overloaded,
}

/// A message for a channel to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Also the idempotency key towards platforms that take one; of an amendment, its own.
    pub message: MessageId,
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub to: Identity,
    pub body: Body,
    /// It is none itself, but what becomes of one that was sent before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<Amends>,
}

/// Which message of ours becomes what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amends {
    pub message: MessageId,
    pub change: Change,
}

/// A question to an address of the firm's own; `Input::Found` answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub work: Work,
    pub serial: u32,
    pub flow: FlowId,
    /// The node that asks: the configuration says where.
    pub node: String,
    pub person: PersonId,
    pub identity: Identity,
    /// BCP 47.
    pub language: String,
    pub tier: Option<TierId>,
    /// Everything gathered so far; the configuration says what of it is sent.
    pub variables: BTreeMap<String, String>,
}

/// Customers who shall be told elsewhere that the channel on which they wrote does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub channel: ChannelId,
    /// Names the outage: nobody is told twice of the same.
    pub since: At,
    pub not_after: At,
    pub people: Vec<Told>,
}

/// One of them, in their language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub person: PersonId,
    pub text: String,
}
