//! An agent at work: one status for all channels, the devices by which they can be reached, and what they hold.

use super::catalog::{AgentSpec, DeskPhone};
use super::fact::{AgentFact, Reason, StatusName, StatusWhy};
use super::id::*;
use super::input::{Medium, MoveChange, WantedStatus};
use super::ledger::Hold;
use super::push::Contact;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An always-available phone that missed too many offers rests this long, ms: nobody is there to choose "available" again.
pub(super) const REST_MS: i64 = 60_000;

/// Notes remembered per agent, so that one that is sent again is known: as many as a page may have waiting after a lost connection.
const NOTED: usize = 16;

/// Forms remembered per agent that were not handed in.
const LAPSED: usize = 8;

/// Why an agent whose phone is not registered gets no calls.
pub(super) const PHONE_GONE: &str = "phone_unregistered";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agent {
    pub id: AgentId,
    pub status: StatusName,
    pub reason: Option<String>,
    pub since: At,
    /// What stands behind a wrap-up.
    pub chosen: WantedStatus,
    /// Chosen during a contact, to come after it.
    pub next: Option<WantedStatus>,
    pub page_open: bool,
    /// The page is gone: offline from then on, unless it comes back.
    pub page_due: Option<At>,
    /// The page whose media connection is up, by the name it gave itself.
    #[serde(default)]
    pub phone: Option<String>,
    /// The page that said last that it cannot be the phone, and why.
    #[serde(default)]
    pub microphone: Option<(String, String)>,
    /// Why browser calls cannot be offered; `None` when they can.
    pub voice_problem: Option<String>,
    /// A phone that registers can be rung.
    #[serde(default)]
    pub phone_up: bool,
    pub wrap_up: Option<WrapUp>,
    /// Calls that ended while the form of the one before was still owed: theirs come after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<AfterCall>,
    /// Calls whose wrap-up ended without its form: it is still taken, once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lapsed: Vec<AfterCall>,
    /// Offers missed in a row.
    pub missed: u32,
    pub rest_until: Option<At>,
    /// The last time something was given to or taken from this agent.
    pub idle_since: At,
    /// Takes nothing but this until it fits.
    pub drained_for: Option<Work>,
    pub holds: Vec<Hold>,
    /// Sum of the holds' charges.
    pub used: u32,
    /// What supervisors have changed of their queues and skills, for a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// Keys of their latest notes with what they became.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<(String, MessageId)>,
    /// What they take none of, whatever their status.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refuses: BTreeSet<Medium>,
    /// Contacts for which they have asked for help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assists: Vec<Assist>,
}

/// Help that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assist {
    pub work: Work,
    pub word: String,
    pub since: At,
}

/// A change of an agent's work for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Move {
    pub change: MoveChange,
    pub by: AgentId,
    pub until: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrapUp {
    pub call: CallId,
    pub queue: QueueId,
    pub until: At,
    /// The time has run out, and the queue does not let the agent go without the form.
    #[serde(default)]
    pub overdue: bool,
    /// The customer, to whom something may still be sent.
    #[serde(default)]
    pub contact: Option<Contact>,
}

/// A call and the queue whose form is written after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AfterCall {
    pub call: CallId,
    pub queue: QueueId,
}

/// An agent, with what the catalog says of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seat {
    pub agent: Agent,
    /// `None` when a reload removed the agent while they held work.
    pub post: Option<Post>,
}

/// The part of `AgentSpec` that is looked at for each candidate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Post {
    pub capacity: u32,
    pub max_calls: u32,
    pub phone: Option<DeskPhone>,
    pub always_available: bool,
    pub supervises: bool,
    pub skills: BTreeMap<SkillId, u8>,
    /// Indexes into `Desk::lanes`.
    pub lanes: Vec<usize>,
}

impl Agent {
    pub fn new(id: AgentId) -> Agent {
        Agent {
            id,
            status: StatusName::Offline,
            reason: None,
            since: At::default(),
            chosen: WantedStatus::Offline,
            next: None,
            page_open: false,
            page_due: None,
            phone: None,
            microphone: None,
            voice_problem: Some("offline".into()),
            phone_up: false,
            wrap_up: None,
            owed: Vec::new(),
            lapsed: Vec::new(),
            missed: 0,
            rest_until: None,
            idle_since: At::default(),
            drained_for: None,
            holds: Vec::new(),
            used: 0,
            moves: Vec::new(),
            noted: Vec::new(),
            refuses: BTreeSet::new(),
            assists: Vec::new(),
        }
    }

    pub fn remember_note(&mut self, key: String, message: MessageId) {
        if self.noted.len() >= NOTED {
            self.noted.remove(0);
        }
        self.noted.push((key, message));
    }

    pub fn lapse(&mut self, after: AfterCall) {
        if self.lapsed.len() >= LAPSED {
            self.lapsed.remove(0);
        }
        self.lapsed.push(after);
    }

    pub fn due(&self) -> Option<At> {
        let moves = self.moves.iter().map(|m| Some(m.until));
        let wrap_up = self.wrap_up.as_ref().filter(|w| !w.overdue).map(|w| w.until);
        moves.chain([wrap_up, self.page_due, self.rest_until]).flatten().min()
    }

    pub fn calls(&self) -> u32 {
        self.holds.iter().filter(|h| matches!(h.work, Work::Call(_) | Work::Callback(_))).count() as u32
    }
}

impl Post {
    pub fn new(spec: &AgentSpec, lanes: Vec<usize>) -> Post {
        Post {
            capacity: spec.capacity,
            max_calls: spec.max_calls,
            phone: spec.phone.clone(),
            always_available: spec.always_available,
            supervises: spec.supervises,
            skills: spec.skills.clone(),
            lanes,
        }
    }
}

impl Seat {
    /// Why a call cannot reach this agent.
    pub fn voice_problem(&self) -> Option<&str> {
        match &self.post {
            Some(Post { phone: Some(DeskPhone::At(_)), .. }) => None,
            Some(Post { phone: Some(DeskPhone::Registered), .. }) => (!self.agent.phone_up).then_some(PHONE_GONE),
            _ => self.agent.voice_problem.as_deref(),
        }
    }

    /// Why nothing may be given to this agent now, whatever it is.
    pub fn away(&self) -> Option<Reason> {
        if self.post.is_none() {
            return Some(Reason::NotAvailable { status: StatusName::Offline });
        }
        match self.agent.status {
            StatusName::Available => None,
            status => Some(Reason::NotAvailable { status }),
        }
    }
}

impl Desk {
    pub(super) fn agent_mut(&mut self, slot: usize) -> Option<&mut Agent> {
        self.touched.insert(Key::Agent(slot));
        self.seats.get_mut(slot).map(|s| &mut s.agent)
    }

    /// Makes `wanted` the agent's status. What had been offered meanwhile goes back, and work that waited for this agent alone looks
    /// further.
    pub(super) fn choose(&mut self, slot: usize, wanted: WantedStatus, why: StatusWhy) {
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.chosen = wanted.clone();
        agent.next = None;
        agent.missed = 0;
        let (status, reason) = match wanted {
            WantedStatus::Available => (StatusName::Available, None),
            WantedStatus::Busy => (StatusName::Busy, None),
            WantedStatus::Break { reason } => (StatusName::Break, Some(reason)),
            WantedStatus::Offline => (StatusName::Offline, None),
        };
        self.show_status(slot, status, reason, why);
    }

    pub(super) fn show_status(&mut self, slot: usize, status: StatusName, reason: Option<String>, why: StatusWhy) {
        let now = self.now;
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        if agent.status == status && agent.reason == reason {
            return;
        }
        agent.status = status;
        agent.reason = reason.clone();
        agent.since = now;
        if status == StatusName::Available {
            agent.idle_since = now;
        }
        let id = agent.id.clone();
        self.agent_fact(id.clone(), AgentFact::Status { status, reason, why });
        if status == StatusName::Available {
            self.freed.insert(slot);
        } else if status != StatusName::WrapUp {
            self.stop_draining(slot);
            self.wake_those_preferring(&id);
        }
    }

    /// After a contact or its wrap-up: what was chosen to come next, or what stood before.
    pub(super) fn settle_status(&mut self, slot: usize) {
        let Some(Seat { agent, .. }) = self.seats.get(slot) else {
            return;
        };
        if agent.wrap_up.is_some() || agent.calls() > 0 {
            return;
        }
        if let Some(next) = agent.next.clone() {
            let offline = next == WantedStatus::Offline;
            self.choose(slot, next, StatusWhy::AfterContact);
            if offline {
                self.give_back_conversations(slot);
            }
        } else if agent.status == StatusName::WrapUp {
            let chosen = agent.chosen.clone();
            self.choose(slot, chosen, StatusWhy::WrapUp);
        }
    }
}
