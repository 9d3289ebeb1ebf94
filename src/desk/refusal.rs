//! Why the desk does not do what it was asked. A value, not an error: the page turns it into one plain sentence in the agent's language.

use super::card::CardProblem;
use super::dial::DialRefusal;
use super::form::read::Wrong;
use super::person::Unreachable;
use super::template::TemplateProblem;
use serde::{Deserialize, Serialize};

/// One plain reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No such agent in the configuration.
    UnknownAgent,
    UnknownQueue,
    /// The call, conversation or ticket is not (or no longer) open.
    Gone,
    /// The offer was taken back, answered by someone else or timed out.
    NoLongerOffered,
    /// It belongs to another agent.
    NotYours,
    /// It waits for nobody, so it cannot be taken.
    NotWaiting,
    /// The agent is full.
    NoCapacity,
    /// The agent asked for cannot take it now.
    AgentUnavailable,
    /// The agent cannot be reached by voice; the code says why.
    VoiceNotReady {
        problem: String,
    },
    /// The text is empty.
    Empty,
    /// The text is longer than the channel or the house takes; the limit in characters.
    TooLong {
        limit: usize,
    },
    /// The same where the channel counts bytes.
    TooManyBytes {
        limit: usize,
    },
    /// There are as many of them as there may be.
    ListFull {
        most: usize,
    },
    UnknownLine,
    /// The agent is offline, and can neither begin a call nor take anything so.
    Offline,
    /// The agent has not finished the call before.
    InWrapUp,
    /// No other agent of that queue is free.
    NobodyFree,
    /// The customer's leg is not up yet.
    NotAnswered,
    /// They are in this call already.
    InTheCall,
    /// Others are in the call: they must leave it first.
    OthersInTheCall,
    /// Nobody is being consulted.
    NoConsult,
    /// One consult at a time.
    ConsultRunning,
    /// There is nobody to leave the call to.
    NobodyLeft,
    /// Only supervisors do that.
    NotASupervisor,
    UnknownSkill,
    UnknownOverlay,
    /// It is so already.
    NothingToChange,
    /// That is neither a full number nor an address.
    NoIdentity {
        text: String,
    },
    /// The number or address is known as another customer's.
    SomebodyElses,
    /// A contact goes on by it, or ended a moment ago.
    IdentityInUse,
    /// The end of it is past, or too far away.
    BadTime,
    /// Nobody serves this call now: there is no talk to be in.
    NobodyTalks,
    /// A call between colleagues, which nobody listens to.
    AmongColleagues,
    /// As many as a call can have.
    CallFull,
    /// All slots are taken, or the one that is wanted.
    NoSlot,
    /// Nothing is parked there.
    NothingParked,
    /// The text takes more parts than the channel sends at once.
    TooManyParts {
        parts: usize,
    },
    /// The channel takes no files.
    TextOnly,
    /// It takes files, but none of this kind.
    NotThisFile,
    FileTooLarge {
        most_bytes: u64,
    },
    /// What is written there stays as it is, or this message does.
    NotAmendable,
    /// It was sent too long ago.
    TooLateToAmend,
    /// The customer does not see the message, as far as anybody knows: there is nothing to change.
    NotSent,
    /// The message was taken back already.
    Recalled,
    /// The customer wrote too long ago, or has been answered as often as the platform allows: they must write first.
    WindowClosed,
    /// The platform takes so many messages more until the customer writes again, and counts this one as `parts`.
    WindowTooSmall {
        left: u32,
        parts: u32,
    },
    /// The networks behind the channel carry approved templates alone.
    TemplatesOnly,
    /// The template cannot be sent so.
    Template(TemplateProblem),
    /// Nor the card.
    Card(CardProblem),
    /// The channel carries no letters.
    NoLetters,
    /// That is no address to write to.
    NoAddress {
        address: String,
    },
    /// It is none of the mailbox's addresses.
    NotOurAddress {
        address: String,
    },
    TooManyCopies {
        most: usize,
    },
    /// A voicemail is answered by calling back.
    NoReplyHere,
    /// The customer has no page that could be rung.
    NoPage,
    /// The customer asked for no more texts.
    OptedOut,
    /// The customer wants to be contacted by no way.
    DoNotContact,
    /// The platform says that nothing reaches them any more: they must write first.
    Unreachable(Unreachable),
    /// There is no way to send this customer anything now.
    NoWay(NoWay),
    /// It would go another way by now than the agent was shown.
    WayChanged,
    /// The configuration declares no such form.
    UnknownForm,
    /// Customers have no address of ours to open links at.
    NoLinks,
    /// Somebody is calling this customer already, or they are on the line.
    CalledAlready,
    /// The key belongs to something else that was asked for.
    KeyUsed,
    /// No moment at which this could be done: the queue does not open.
    NeverOpen,
    /// The queue asks for an outcome first.
    DispositionRequired,
    UnknownDisposition,
    /// The end of a contact lacks what the queue asks for, or says what cannot be chosen: the field's name.
    WrapUpField {
        name: String,
    },
    UnknownBreakReason,
    /// The number is not called.
    Dial(DialRefusal),
    /// A ticket cannot go from its state to the one asked for.
    BadTransition,
    UnknownTicketKind,
    UnknownDepartment,
    /// The kind of ticket has no such field.
    UnknownField,
    BadField {
        name: String,
        wrong: Wrong,
    },
    /// What must be filled in first, by its titles.
    FieldsMissing {
        fields: Vec<String>,
    },
    ChecklistOpen,
    NotApproved,
    MayNotApprove,
    /// Nobody grants what they have asked for themselves.
    OwnRequest,
    /// Tickets beneath it are open still.
    OpenChildren {
        count: usize,
    },
    /// A ticket beneath itself, or too many one beneath the other.
    BadRelation,
    /// The two tickets are of different customers.
    OtherCustomer,
    /// The desk's backlog is full; try again.
    Busy,
    /// The decision could not be written to disk; nothing was sent.
    NotRecorded,
}

/// Whether somebody's words have at most so many characters.
pub(super) fn within(text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().nth(limit).is_none() { Ok(()) } else { Err(Refusal::TooLong { limit }) }
}

/// Why nothing reaches a customer who has no conversation open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoWay {
    /// Their number is withheld, or is none.
    NoNumber,
    /// Their number takes no texts.
    NotMobile,
    /// The house sends no texts.
    NoGateway,
}
