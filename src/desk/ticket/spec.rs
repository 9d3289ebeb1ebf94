//! Tickets as the configuration declares them: their kinds with fields of their own, departments, what is promised, who approves, and what
//! customers are told.

use crate::desk::form::spec::{FieldSpec, Titles};
use crate::desk::hours::Hours;
use crate::desk::id::*;
use crate::desk::input::TicketState;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Rules for tickets.
#[derive(Debug, Clone)]
pub struct Tickets {
    /// A resolved ticket is closed after this long, ms; 0 for never.
    pub close_after_ms: i64,
    /// What a customer writes in a resolved one reopens it.
    pub reopen: bool,
    pub kinds: BTreeMap<TicketKind, KindSpec>,
    pub departments: BTreeMap<DepartmentId, DepartmentSpec>,
    /// What is promised, by name.
    pub promises: BTreeMap<String, Promise>,
    /// The one that holds where neither kind nor department names another.
    pub promise: Option<String>,
    /// Names of states that are not the usual ones.
    pub states: BTreeMap<TicketState, Titles>,
    /// States of which customers are told.
    pub tell: BTreeSet<TicketState>,
    /// Channels that they used so long before the ticket was opened count as theirs, ms.
    pub tell_within_ms: i64,
    /// The template that carries the news where free text may not go: number, state and link are its places.
    pub template: Option<String>,
    /// Words by which customers ask for the state.
    pub words: Vec<String>,
    /// How long the link to the status page works, ms.
    pub link_ms: i64,
    /// By language.
    pub texts: BTreeMap<String, TicketTexts>,
    /// Dates are counted here.
    pub zone: TimeZone,
}

impl Default for Tickets {
    fn default() -> Self {
        use TicketState::*;
        let day = 24 * 3_600_000;
        Tickets {
            close_after_ms: 7 * day,
            reopen: false,
            kinds: BTreeMap::new(),
            departments: BTreeMap::new(),
            promises: BTreeMap::new(),
            promise: None,
            states: BTreeMap::new(),
            tell: [New, Assigned, Open, Pending, Resolved, Reopened].into(),
            tell_within_ms: 30 * day,
            template: None,
            words: Vec::new(),
            link_ms: 90 * day,
            texts: BTreeMap::new(),
            zone: TimeZone::UTC,
        }
    }
}

/// One kind of ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct KindSpec {
    pub title: Titles,
    pub fields: Vec<FieldSpec>,
    pub department: Option<DepartmentId>,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    pub promise: Option<String>,
    /// What has to be done, in order.
    pub checklist: Vec<Titles>,
    /// It is not resolved while something of that is left.
    pub checklist_required: bool,
    pub approval: Option<ApprovalSpec>,
    /// Customers are not told of it, and do not find it.
    pub internal: bool,
}

/// Who works on tickets together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DepartmentSpec {
    pub name: Titles,
    pub agents: BTreeSet<AgentId>,
    /// Tickets that come of these queues are theirs.
    pub queues: BTreeSet<QueueId>,
    pub promise: Option<String>,
}

/// How soon, in time of these hours; by priority, most urgent first, ms; 0 for no promise.
#[derive(Debug, Clone, Default)]
pub struct Promise {
    /// `None`: always.
    pub hours: Option<Hours>,
    pub first: [i64; 4],
    pub next: [i64; 4],
    pub resolution: [i64; 4],
}

/// What has to be granted before it is done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApprovalSpec {
    /// Empty: whoever supervises.
    pub by: BTreeSet<AgentId>,
    /// Granted by itself where all of them hold; none: never.
    pub automatic: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub field: String,
    pub rule: Rule,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A number not above this.
    Most(f64),
    /// A date not longer ago than so many days, and not in the future.
    Days(i64),
    OneOf(Vec<String>),
}

/// What customers are written; `{site}`, `{number}`, `{subject}`, `{state}` and `{link}` are filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketTexts {
    pub opened: String,
    pub changed: String,
    pub approved: String,
    pub denied: String,
    /// Ends each of them where customers have an address of ours.
    pub link: String,
    /// The answer to who asks: one line for each ticket.
    pub line: String,
    pub none: String,
    /// A letter's subject.
    pub subject: String,
    /// The usual names of the states.
    pub states: BTreeMap<TicketState, String>,
}

static NO_TEXTS: TicketTexts = TicketTexts {
    opened: String::new(),
    changed: String::new(),
    approved: String::new(),
    denied: String::new(),
    link: String::new(),
    line: String::new(),
    none: String::new(),
    subject: String::new(),
    states: BTreeMap::new(),
};

impl Tickets {
    /// Texts in this language, else in one of the same family, else in any.
    pub fn texts_for(&self, language: &str) -> &TicketTexts {
        let family = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let same = || self.texts.iter().find(|(tag, _)| family(tag) == family(language)).map(|(_, texts)| texts);
        self.texts.get(language).or_else(same).or_else(|| self.texts.values().next()).unwrap_or(&NO_TEXTS)
    }

    /// A state as people read it in this language.
    pub fn state_name(&self, state: TicketState, language: &str) -> String {
        let own = self.states.get(&state).map(|titles| titles.say(language)).filter(|name| !name.is_empty());
        own.map(str::to_owned).or_else(|| self.texts_for(language).states.get(&state).cloned()).unwrap_or_default()
    }

    /// The department to which work of this queue belongs.
    pub fn department_of(&self, queue: &QueueId) -> Option<&DepartmentId> {
        self.departments.iter().find(|(_, department)| department.queues.contains(queue)).map(|(id, _)| id)
    }
}
