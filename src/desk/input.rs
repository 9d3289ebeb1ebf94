//! Everything that can happen to the desk. Closed: adding a variant makes the compiler list the work.

mod call;
mod callback;
mod device;
mod ended;
mod entered;
mod form;
mod leg;
mod link;
mod message;
mod proactive;
mod source;
mod telling;
mod ticket;
mod trunk;
mod wanted;

pub use call::CallHeard;
pub use callback::CallbackCommand;
pub use device::Device;
pub use ended::{EndCause, EndedBy};
pub use entered::Entered;
pub use form::{FormCommand, FormUse, Push, Seen, Way};
pub use leg::{Direction, LegFailure, LegParty, Quality};
pub use link::LinkUse;
pub use message::{Belongs, Besides, Body, Change, Delivery, Extra, FileRef, Mail, MailButton, MessageHeard, Ours};
pub use proactive::{Ask, Purpose, Reach, Recipient, Wording};
pub use source::SourceHeard;
pub use telling::Telling;
pub use ticket::{NewTicket, Source, TicketChange, TicketCommand, TicketState};
pub use trunk::{Trial, TrunkHeard};
pub use wanted::{Callee, Medium, MoveChange, Target, WantedStatus, WatchMode};

use super::card::Card;
use super::catalog::Catalog;
use super::id::*;
use super::ivr::Found;
use super::person::{Consent, Identity, Unreachable, Who};
use super::rules::{About, Subject};
use super::same::{Belongings, MergeWhy, Proof};
use super::template::Template;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Stands for the trunk of calls from and to customers' pages.
pub const PAGE: &str = "page";

/// One thing that was heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Input {
    /// The process has started: calls that the last process held are over.
    Started,
    /// A deadline of the desk has passed.
    Clock,
    /// The configuration was read or reloaded.
    #[serde(skip)]
    Catalog(Arc<Catalog>),
    Call(CallId, CallHeard),
    Message(MessageHeard),
    /// The firm has written to this customer with another tool of the platform's.
    Elsewhere(MessageHeard),
    /// A message of the house's own accord.
    Proactive(Box<Ask>),
    /// Nothing reaches this customer by this identity any more.
    Unreachable(Who, Unreachable),
    /// The firm's own system has told of this customer, who has this record there.
    RecordTold {
        person: PersonId,
        identity: Identity,
    },
    /// The customer has followed the link from this conversation, and is known by this identity too.
    Continued {
        conversation: ConversationId,
        person: PersonId,
        identity: Identity,
    },
    Delivery(MessageId, Delivery),
    /// The same of one that the desk has forgotten (`Refusal::Gone`): a letter comes back days after its conversation. `known`: as far as the
    /// store has it.
    LateDelivery {
        message: MessageId,
        conversation: ConversationId,
        known: Delivery,
        state: Delivery,
    },
    /// A customer has changed what they wrote, perhaps long ago.
    Changed {
        message: MessageId,
        conversation: ConversationId,
        person: PersonId,
        change: Change,
    },
    /// A file of a message, perhaps of long ago, has come after it.
    FileCame {
        late: i64,
        message: MessageId,
        conversation: ConversationId,
        person: PersonId,
        file: FileRef,
        instead: String,
    },
    /// A channel does not work, in the platform's own words; `None`: it works.
    Channel(ChannelId, Option<String>),
    /// A customer's page or app has shown messages up to this one.
    CustomerRead {
        conversation: ConversationId,
        upto: MessageId,
    },
    /// How content the customer of a chat is, and why, as they say in its window.
    Rated(ConversationId, u8, String),
    /// A customer answers a survey by its link.
    Survey(SurveyId, u8, String),
    /// The ways to a customer who is to be asked, as `Act::SurveyWays` asked for them; `None` where there is nobody any more.
    SurveyWays {
        survey: SurveyId,
        serial: u32,
        to: Option<Box<Recipient>>,
    },
    /// The customer has closed the chat window, or has had no page open for a while.
    CustomerLeft {
        conversation: ConversationId,
    },
    /// The customer has a page open again.
    CustomerBack {
        conversation: ConversationId,
    },
    Device(AgentId, Device),
    Command(AgentId, Command),
    /// A customer uses the link to their callback.
    Link(CallbackId, LinkUse),
    /// A customer uses the link to their form.
    Form(FormId, FormUse),
    /// The answer to `Act::Look`; `None` when there was none in time.
    Found {
        work: Work,
        serial: u32,
        found: Option<Found>,
    },
    /// A flow, a program or a rule opens a ticket.
    OpenTicket(Box<NewTicket>, Source),
    /// The customer says by their own page that a ticket is not solved.
    NotSolved {
        ticket: TicketId,
        text: String,
    },
    /// The ways to a ticket's customer, as `Act::Ways` asked for them; `None` where there is nobody any more.
    Ways {
        ticket: TicketId,
        serial: u32,
        to: Option<Box<Recipient>>,
    },
    /// A program of the firm's tells of a customer.
    Told(Box<Telling>),
    /// The ways to a customer, as `Act::RuleWays` asked for them; `None` where there is nobody any more.
    RuleWays {
        subject: Subject,
        serial: u32,
        to: Option<Box<Recipient>>,
    },
    /// How a trunk is, as the edge finds it.
    Trunk(TrunkId, TrunkHeard),
    /// Of an address that sends SIP.
    Source(SourceId, SourceHeard),
    /// An administrator tries a trunk: a call that belongs to no customer, under a number of its own.
    Trial(CallId, Trial),
}

/// What an agent asks for by click, key or API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Command {
    SetStatus(WantedStatus),
    Accept(Work),
    Decline(Work),
    /// Take waiting work out of its queue.
    Take(Work),
    /// The agent's page shows the card of this contact, or the customer's page while they take it.
    CardShown(Work),
    Reply {
        conversation: ConversationId,
        body: Body,
        key: String,
    },
    /// A message of theirs shall have other words, or be seen no more; `None` where the edge found none of that number in this conversation.
    Amend {
        conversation: ConversationId,
        ours: Option<Box<Ours>>,
        change: Change,
    },
    /// A letter that answers none, to an address that somebody has.
    Write {
        who: Who,
        channel: ChannelId,
        body: Body,
        key: String,
    },
    /// A text that the platform has approved, with these values in its places; as the edge found it, `None` where it is not there.
    Template {
        conversation: ConversationId,
        template: Option<Box<Template>>,
        values: Vec<String>,
        key: String,
    },
    /// A question with choices, a link or a place.
    Card {
        conversation: ConversationId,
        card: Box<Card>,
        key: String,
    },
    Note {
        person: PersonId,
        work: Option<Work>,
        text: String,
        /// The same key again is the same note; an empty one is none.
        key: String,
    },
    MarkRead {
        conversation: ConversationId,
        upto: MessageId,
    },
    Transfer {
        work: Work,
        to: Target,
        note: String,
    },
    /// Text is solved; with what the queue asks for, as after a call.
    Resolve {
        conversation: ConversationId,
        disposition: Option<String>,
        fields: Vec<(String, String)>,
        note: String,
    },
    /// Put a conversation aside until a time.
    Snooze {
        conversation: ConversationId,
        until: At,
    },
    /// Fetch one that was put aside.
    Wake {
        conversation: ConversationId,
    },
    Hold {
        call: CallId,
        on: bool,
    },
    SendDigits {
        call: CallId,
        digits: String,
    },
    PauseRecording {
        call: CallId,
        on: bool,
    },
    /// Call a customer or a colleague.
    Call {
        callee: Callee,
        /// The queue the call counts to; `None`: the agent's own for calls out.
        queue: Option<QueueId>,
        /// A conversation of theirs that goes on as this call.
        chat: Option<ConversationId>,
    },
    /// What was dialled on the agent's desk phone: somebody to call, or a slot at which a customer is parked.
    Dial {
        callee: Callee,
    },
    /// Send the customer of this contact something beside the talk.
    Push {
        work: Work,
        what: Push,
        seen: Option<Seen>,
        key: String,
    },
    /// Where it would go.
    PushWay {
        work: Work,
    },
    /// Something about a form that was sent.
    Form(FormId, FormCommand),
    /// Talk to somebody while the customer has music, to hand over afterwards.
    Consult {
        call: CallId,
        to: Target,
        note: String,
    },
    /// During a consult: turn to the customer, or back to who is consulted.
    Swap {
        call: CallId,
    },
    /// Everybody hears everybody.
    Merge {
        call: CallId,
    },
    /// The one consulted takes over.
    Complete {
        call: CallId,
    },
    /// Back to the customer; who is consulted is let go.
    EndConsult {
        call: CallId,
    },
    /// Bring somebody into the talk.
    Add {
        call: CallId,
        to: Target,
    },
    /// Let one member of a conference go.
    Remove {
        call: CallId,
        party: LegParty,
    },
    /// Leave the call to the others.
    Leave {
        call: CallId,
    },
    /// Leave the customer with music at a numbered slot, for any agent of the queue.
    Park {
        call: CallId,
    },
    /// Fetch a parked call by its slot.
    PickUp {
        slot: u32,
    },
    /// A field whose content must not be recorded has the focus on the agent's page, or has it no longer.
    MaskedField {
        call: CallId,
        on: bool,
    },
    /// A supervisor comes into a call, or changes how they are in it.
    Watch {
        call: CallId,
        mode: WatchMode,
    },
    /// They leave it; the call goes on.
    StopWatching {
        call: CallId,
    },
    /// A supervisor chooses for an agent: at once, or after the contact that they are in.
    SetStatusOf {
        agent: AgentId,
        wanted: WantedStatus,
    },
    /// Take new contacts of this kind, or none, while being available for the rest.
    Takes {
        medium: Medium,
        on: bool,
    },
    /// A supervisor chooses that for an agent.
    TakesOf {
        agent: AgentId,
        medium: Medium,
        on: bool,
    },
    /// Ask the supervisors for help with a contact, with a word about it or none.
    AskAssist {
        work: Work,
        word: String,
    },
    /// It is not needed any more.
    EndAssist {
        work: Work,
    },
    /// A supervisor comes to help.
    Assist {
        work: Work,
    },
    /// A supervisor changes an agent's queues or skills until then.
    Move {
        agent: AgentId,
        change: MoveChange,
        until: At,
    },
    /// Ends such a change before its time.
    EndMove {
        agent: AgentId,
        change: MoveChange,
    },
    /// Switches a prepared set of routing rules on, with an end or without, or off.
    SwitchOverlay {
        overlay: OverlayId,
        on: bool,
        until: Option<At>,
    },
    HangUp {
        call: CallId,
    },
    /// The after-call form.
    WrapUp {
        call: CallId,
        disposition: Option<String>,
        /// What the queue asks for besides: names and answers.
        fields: Vec<(String, String)>,
        note: String,
    },
    ExtendWrapUp {
        call: CallId,
    },
    OpenTicket(Box<NewTicket>),
    Ticket(TicketId, TicketCommand),
    /// Something about a customer on the callback list.
    Callback(CallbackId, CallbackCommand),
    /// What a customer has agreed to, as they say.
    SetConsent {
        person: PersonId,
        consent: Consent,
    },
    /// A customer is given a tag, or it is taken away. `about` is what the store knows of them.
    Tag {
        person: PersonId,
        about: Box<About>,
        tag: String,
        on: bool,
    },
    /// Two people are one: `into` stays. `moved` is what the store knows of the other.
    JoinPeople {
        into: PersonId,
        from: PersonId,
        why: MergeWhy,
        moved: Box<Belongings>,
    },
    /// They are two after all. `back` is what the merge had moved, and what came since by the identities that go back.
    PartPeople {
        into: PersonId,
        from: PersonId,
        back: Box<Belongings>,
    },
    /// They are two, whatever it looks like: it is not suggested again.
    KeepApart {
        person: PersonId,
        other: PersonId,
    },
    /// Customers who were never here, written down beforehand; `proof`: from a list, or by hand.
    Enter {
        people: Vec<Entered>,
        proof: Proof,
    },
    /// A number or address of a customer's, as they told an agent. `whose`: who is known by it already.
    AddIdentity {
        person: PersonId,
        identity: Identity,
        whose: Option<PersonId>,
    },
    /// It is not theirs, or no longer. `opted_out`: whoever has it asked for no texts.
    RemoveIdentity {
        person: PersonId,
        identity: Identity,
        opted_out: bool,
    },
    /// Contacts of this customer are refused from now on, or taken again.
    Block {
        person: PersonId,
        on: bool,
        reason: String,
    },
    /// Promises a customer a call who does not stand on the list: now, or at a time.
    PromiseCall {
        who: Who,
        number: String,
        queue: QueueId,
        at: Option<At>,
    },
}
