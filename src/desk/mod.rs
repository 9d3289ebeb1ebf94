//! The desk: one value that decides who serves whom. It hears an `Input` and gives a `Step`: facts, acts, its own changed memory and the
//! answer. No IO, no clock, no randomness: the same inputs give the same steps.
//!
//! Memory is a handful of plain objects (calls, conversations, agents, tickets, counters), each one row of the `live` table. Everything
//! else here (waiting lines, timers, indexes by person) is derived from them, so that `restore(rows)` gives the same desk again.

pub mod act;
mod agent;
mod assist;
mod call;
pub mod callback;
pub mod card;
pub mod catalog;
pub mod config;
mod continued;
mod conversation;
pub mod dial;
mod enter;
pub mod fact;
pub mod floor;
pub mod form;
pub mod hours;
pub mod id;
pub mod input;
pub mod ivr;
pub mod keyword;
mod ledger;
pub mod letter;
pub mod mention;
mod merge;
mod moves;
mod offer;
mod on;
mod opening;
pub mod outage;
pub mod overlay;
pub mod parts;
mod party;
pub mod person;
mod place;
pub mod places;
mod present;
mod proactive;
mod push;
mod queue;
pub mod refusal;
mod restore;
mod route;
mod router;
pub mod rules;
pub mod same;
pub mod segments;
mod shown;
mod sound;
mod stage;
pub mod step;
pub mod survey;
mod tag;
pub mod takes;
pub mod template;
pub mod ticket;
mod timers;
pub mod traits;
pub mod voicemail;
mod waiting;
mod watch;
pub mod window;
mod work;
mod wrapup;

#[cfg(test)]
mod tests;

pub use restore::RestoreError;

use act::{Act, VoiceAct};
use agent::Seat;
use call::Call;
use callback::Callback;
use catalog::Catalog;
use conversation::Conversation;
use dial::book::{Alarms, Book, Out};
use fact::{AgentFact, CallFact, CallbackFact, ConversationFact, Fact, FlowFact, RoutingFact};
use form::Form;
use id::*;
use input::Input;
use merge::Moved;
use outage::Outage;
use overlay::OverlayOn;
use person::Identity;
use proactive::Proactive;
use queue::Lane;
use rules::{About, Book as RuleBook, Chain, Part, Subject};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use step::{LiveRow, Step};
use survey::Asked;
use ticket::Ticket;
use timers::Timers;
use work::{Job, Stage};

/// Everything the contact centre knows of the present.
#[derive(Debug, Clone)]
pub struct Desk {
    /// As it was read, and as it is in force: with the overlays that are on and the agents whom supervisors have moved.
    base: Arc<Catalog>,
    catalog: Arc<Catalog>,

    // What is remembered: one live row each.
    calls: BTreeMap<CallId, Call>,
    conversations: BTreeMap<ConversationId, Conversation>,
    tickets: BTreeMap<TicketId, Ticket>,
    /// Open ones, and those over for which something must still be remembered.
    callbacks: BTreeMap<CallbackId, Callback>,
    /// Sent, and not answered or not judged yet.
    forms: BTreeMap<FormId, Form>,
    /// Agents of the catalog and those who still hold work after a reload removed them, by name.
    seats: Vec<Seat>,
    /// Messages of the house's own accord: not sent yet, or settled a moment ago.
    proactives: BTreeMap<ProactiveId, Proactive>,
    /// Surveys to be asked, that may be answered, and those because of which nobody is asked again yet.
    surveys: BTreeMap<SurveyId, Asked>,
    ids: Ids,
    /// What went out through each trunk today, and how it is; also of trunks that are no longer declared.
    books: BTreeMap<TrunkId, Book>,
    /// Numbers that are being called or talked to, by call and party (0 the customer, n the nth outside party).
    out: BTreeMap<(CallId, u8), Out>,
    alarms: Alarms,
    /// Overlays that are on, in the order in which they were switched on.
    overlays: Vec<OverlayOn>,
    /// Channels that do not work.
    outages: BTreeMap<ChannelId, Outage>,
    /// Who has become whom of late.
    moved: Moved,
    /// What rules remember.
    book: RuleBook,

    // Derived from the above and the catalog, in `restore.rs`.
    /// Index into `seats`.
    slots: HashMap<AgentId, usize>,
    lanes: Vec<Lane>,
    /// Index into `lanes`.
    lane_of: HashMap<QueueId, usize>,
    /// Dialled number → indexes into `catalog.lines`.
    lines: HashMap<String, Vec<usize>>,
    /// The newest conversation of an identity on a channel, resolved or not.
    chats: HashMap<(ChannelId, Identity), ConversationId>,
    /// Who wrote or called just now, so that two contacts of a stranger make one person, not two.
    known: HashMap<Identity, BTreeMap<PersonId, u32>>,
    /// Outgoing messages whose delivery is still followed.
    outgoing: HashMap<MessageId, ConversationId>,
    /// Live work of a person.
    people: HashMap<PersonId, BTreeSet<Work>>,
    /// Waiting work that names an agent: a direct line, a preference.
    claims: HashMap<AgentId, BTreeSet<Work>>,
    /// The trunks that have or may have a book, by which `Key::Trunk` names them.
    trunk_slots: Vec<TrunkId>,
    /// Tickets of a person that are not closed.
    tickets_of: HashMap<PersonId, BTreeSet<TicketId>>,
    /// Callbacks of a person, and the one that a live call belongs to: its attempt, or the customer calling in meanwhile.
    callbacks_of: HashMap<PersonId, BTreeSet<CallbackId>>,
    callback_of_call: HashMap<CallId, CallbackId>,
    surveys_of: HashMap<PersonId, BTreeSet<SurveyId>>,
    /// By who asked, and their key.
    asked: HashMap<(String, String), ProactiveId>,
    /// Messages of the house's own accord that may still fail, and then go another way.
    followed: HashMap<MessageId, ProactiveId>,
    timers: Timers,

    /// The number of the next call that the desk begins. Lent by the switchboard, because calls that arrive are numbered there too.
    lent: Option<CallId>,

    // Empty between two inputs.
    now: At,
    facts: Vec<Fact>,
    acts: Vec<Act>,
    touched: BTreeSet<Key>,
    /// The rules that this input has set off, and what they may ask about though it has left the memory.
    chain: Chain,
    gone: HashMap<Subject, (PersonId, About)>,
    /// Rows of objects that left their place in memory before the end of the input.
    live: Vec<LiveRow>,
    /// Work and agents for whom something changed that may allow an offer.
    waking: BTreeSet<Work>,
    freed: BTreeSet<usize>,
}

/// The last number given to each noun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Ids {
    conversation: u64,
    message: u64,
    person: u64,
    ticket: u64,
    #[serde(default)]
    callback: u64,
    #[serde(default)]
    form: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    proactive: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    told: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    survey: u64,
}

/// A house that was never asked writes what it always wrote.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One object of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Agent(usize),
    Call(CallId),
    Conversation(ConversationId),
    Ticket(TicketId),
    Callback(CallbackId),
    Form(FormId),
    Proactive(ProactiveId),
    Survey(SurveyId),
    /// Index into `trunk_slots`.
    Trunk(usize),
    Out(CallId, u8),
    Alarms,
    Overlays,
    Outages,
    Moved,
    /// A part of what rules remember.
    Rules(Part),
    Ids,
}

impl From<Work> for Key {
    fn from(work: Work) -> Key {
        match work {
            Work::Call(id) => Key::Call(id),
            Work::Conversation(id) => Key::Conversation(id),
            Work::Callback(id) => Key::Callback(id),
        }
    }
}

impl Desk {
    /// Decides one input. Never fails and never panics, whatever is heard.
    pub fn handle(&mut self, at: At, input: Input) -> Step {
        self.now = at;
        let answer = self.hear(input);
        self.decide();
        self.end_idle_assists();
        let live = self.changed_rows();
        Step { at, facts: std::mem::take(&mut self.facts), acts: std::mem::take(&mut self.acts), live, answer }
    }

    /// Rules look at what was heard before anybody is offered anything, and again at what the router did.
    fn decide(&mut self) {
        let (mut looked, mut depth, mut first) = (0, 0, true);
        loop {
            let acted = self.chain.acts();
            looked = self.obey_rules(looked, depth);
            let more = self.chain.acts() > acted;
            if first || more {
                self.route();
            }
            if self.facts.len() == looked {
                break;
            }
            depth += usize::from(more);
            first = false;
        }
        self.chain = Chain::default();
        self.gone.clear();
        self.touch_rules();
    }

    /// Lends the desk a number for a call that it may begin while it decides the next inputs; it is asked for once it has been used.
    pub fn lend_call(&mut self, id: CallId) {
        self.lent = Some(id);
    }

    /// Whether a number should be lent.
    pub fn lacks_call(&self) -> bool {
        self.lent.is_none()
    }

    /// When `Input::Clock` is wanted next.
    pub fn next_deadline(&self) -> Option<At> {
        self.timers.next()
    }

    fn touch(&mut self, key: impl Into<Key>) {
        self.touched.insert(key.into());
    }

    fn call_fact(&mut self, call: CallId, fact: CallFact) {
        self.facts.push(Fact::Call(call, fact));
    }

    fn conversation_fact(&mut self, conversation: ConversationId, fact: ConversationFact) {
        self.facts.push(Fact::Conversation(conversation, fact));
    }

    fn routing_fact(&mut self, work: Work, fact: RoutingFact) {
        self.facts.push(Fact::Routing(work, fact));
    }

    fn flow_fact(&mut self, work: Work, fact: FlowFact) {
        self.facts.push(Fact::Flow(work, fact));
    }

    fn callback_fact(&mut self, callback: CallbackId, fact: CallbackFact) {
        self.facts.push(Fact::Callback(callback, fact));
    }

    fn agent_fact(&mut self, agent: AgentId, fact: AgentFact) {
        self.facts.push(Fact::Agent(agent, fact));
    }

    fn voice(&mut self, call: CallId, act: VoiceAct) {
        self.acts.push(Act::Voice(call, act));
    }

    fn slot(&self, agent: &AgentId) -> Option<usize> {
        self.slots.get(agent).copied()
    }

    fn job(&self, work: Work) -> Option<&Job> {
        match work {
            Work::Call(id) => self.calls.get(&id).map(|c| &c.job),
            Work::Conversation(id) => self.conversations.get(&id).map(|c| &c.job),
            Work::Callback(id) => self.callbacks.get(&id).map(|c| &c.job),
        }
    }

    /// For changing anything but the stage, which `set_stage` does.
    fn job_mut(&mut self, work: Work) -> Option<&mut Job> {
        self.touched.insert(work.into());
        match work {
            Work::Call(id) => self.calls.get_mut(&id).map(|c| &mut c.job),
            Work::Conversation(id) => self.conversations.get_mut(&id).map(|c| &mut c.job),
            Work::Callback(id) => self.callbacks.get_mut(&id).map(|c| &mut c.job),
        }
    }

    fn waiting(&self, work: Work) -> Option<&work::Waiting> {
        match &self.job(work)?.stage {
            Stage::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }

    fn waiting_mut(&mut self, work: Work) -> Option<&mut work::Waiting> {
        match &mut self.job_mut(work)?.stage {
            Stage::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }

    fn serving(&self, work: Work) -> Option<&work::Serving> {
        match &self.job(work)?.stage {
            Stage::Serving(serving) => Some(serving),
            _ => None,
        }
    }

    fn serving_mut(&mut self, work: Work) -> Option<&mut work::Serving> {
        match &mut self.job_mut(work)?.stage {
            Stage::Serving(serving) => Some(serving),
            _ => None,
        }
    }

    fn mint(&mut self, pick: impl FnOnce(&mut Ids) -> &mut u64) -> u64 {
        self.touch(Key::Ids);
        let last = pick(&mut self.ids);
        *last += 1;
        *last
    }

    fn mint_message(&mut self) -> MessageId {
        MessageId(self.mint(|ids| &mut ids.message))
    }
}
