//! The bar over every page: capacity, the call, what is parked, the after-call form.

use super::{Pop, TargetLine};
use crate::desk::catalog::{QueueSpec, WrapUpField};
use crate::desk::id::*;

/// The right of the bar over every page: capacity, the call, and what the page shows beneath it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub used: u32,
    pub capacity: u32,
    /// Contacts for which the reader has asked for help: `call/3 conversation/7`.
    pub assists: String,
    /// Why calls cannot be offered: code, as the softphone names it.
    pub voice_problem: Option<String>,
    pub desk_phone: bool,
    pub call: Option<CallStrip>,
    pub wraps: Vec<WrapUp>,
    /// The call in which the reader is as a supervisor.
    pub watch: Option<WatchStrip>,
    /// What supervisors have changed of the reader's work, in words.
    pub moves: Vec<String>,
    /// Channels that do not work.
    pub outages: Vec<OutageLine>,
    /// Calls at slots that the reader may fetch.
    pub parked: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OutageLine {
    pub channel: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CallStrip {
    pub pop: Option<Pop>,
    pub call: CallId,
    pub name: String,
    pub sub: String,
    pub since: At,
    pub held: bool,
    /// `None` when this call is not recorded.
    pub paused: Option<bool>,
    /// Whom we call has not answered yet.
    pub reaching: bool,
    /// The reader is in charge of the call; the others of it may leave, hold and mute.
    pub leads: bool,
    /// There is a customer who can be handed on or parked.
    pub customer: bool,
    /// The customer is at a page, which may show pictures.
    pub page: bool,
    /// Who else is in it or rung for it.
    pub members: Vec<Member>,
    pub consult: Option<Consult>,
    /// Supervisors in it of whom the agent is told.
    pub watched: Vec<String>,
}

/// A supervisor's part in somebody's call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchStrip {
    pub call: CallId,
    /// Who serves the customer.
    pub title: String,
    pub queue: String,
    /// `listen`, `whisper` or `barge`.
    pub mode: &'static str,
    /// `None` while their own leg comes up.
    pub since: Option<At>,
}

/// One more in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `agent/bo` or `outside/1`.
    pub key: String,
    pub name: String,
    /// On the line, not only rung.
    pub joined: bool,
    pub held: bool,
}

/// The talk before an attended transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consult {
    pub name: String,
    pub joined: bool,
    /// With the one consulted; else with the customer.
    pub aside: bool,
    /// A number outside, where keys may be wanted.
    pub outside: bool,
}

/// A call at a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub slot: u32,
    pub name: String,
    pub sub: String,
    pub since: At,
}

/// The dialog to call somebody: colleagues, and what is parked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DialPad {
    pub colleagues: Vec<TargetLine>,
    pub parked: Vec<Parked>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WrapUp {
    pub call: CallId,
    pub name: String,
    pub until: At,
    /// The time has run out, and the queue does not let the agent go without the form.
    pub overdue: bool,
    /// The agent is free again, and what they have written waits to be handed in.
    pub lapsed: bool,
    pub asked: Asked,
    /// What has been written, as JSON; empty for nothing.
    pub draft: String,
}

impl WrapUp {
    /// What its fields are numbered with: forms of several calls stand beside each other.
    pub fn field(&self) -> String {
        format!("w{}-", self.call)
    }
}

/// What a queue asks for at the end of a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    pub dispositions: Vec<String>,
    pub required: bool,
    /// What it asks for besides.
    pub fields: Vec<WrapUpField>,
}

impl Asked {
    pub fn of(queue: Option<&QueueSpec>) -> Asked {
        queue.map_or_else(Asked::default, |queue| Asked {
            dispositions: queue.dispositions.clone(),
            required: queue.disposition_required,
            fields: queue.wrap_up_fields.clone(),
        })
    }
}

/// The dialog in which a conversation of such a queue is resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolveBox {
    pub conversation: ConversationId,
    pub name: String,
    pub asked: Asked,
}
