//! A call, from the first ring to the end of the customer's leg.

use super::act::VoiceAct;
use super::id::*;
use super::input::{Direction, LegParty};
use super::ivr::Run;
use super::party::{Consult, Party};
use super::person::Page;
use super::sound::Told;
use super::waiting::Waits;
use super::watch::Watch;
use super::work::{Job, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A prompt that does not report its end is given up after this long, ms.
pub(super) const PROMPT_LIMIT_MS: i64 = 60_000;

/// Played to a caller who has waited the queue's longest wait.
pub(super) const GOODBYE_PROMPT: &str = "goodbye";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    pub id: CallId,
    pub job: Job,
    /// The customer's number as the trunk gave it or as it was dialled: what a callback dials.
    pub from: String,
    /// The number of ours that the customer dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Where they called from, when it was no telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// Whoever called began with their camera on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub video: bool,
    #[serde(default)]
    pub direction: Direction,
    pub started: At,
    /// The customer's leg is up. Direct lines ring until the agent answers.
    pub answered: bool,
    /// Prompts still to be played while waiting, the running one first.
    pub prompts: VecDeque<String>,
    /// The customer has heard that calls are recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noticed: bool,
    /// The recording, once one has begun.
    pub recording: Option<String>,
    pub apart: Option<Apart>,
    /// A call of ours, until whom we call has answered.
    #[serde(default)]
    pub reaching: Option<Reaching>,
    /// Everybody besides the customer and the agent in charge.
    #[serde(default)]
    pub parties: Vec<Party>,
    /// The last number given to an outside party.
    #[serde(default)]
    pub outsiders: u8,
    #[serde(default)]
    pub consult: Option<Consult>,
    /// Supervisors who listen, whisper or barge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watches: Vec<Watch>,
    #[serde(default)]
    pub pause: Pause,
    /// Who hears whom, as the call's task was told.
    #[serde(default)]
    pub told: Told,
    /// Where the caller stood who has left the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
    /// A voicemail was recorded.
    #[serde(default)]
    pub message: bool,
    /// The way through flows, kept after the flow was left.
    #[serde(default)]
    pub run: Option<Run>,
    /// What is kept about waiting in line.
    #[serde(default)]
    pub waits: Waits,
    /// The customer gave us this number a moment ago.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given: bool,
    /// Since when nothing is heard of the customer's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<At>,
    /// The last number given to something said to this caller.
    #[serde(default)]
    pub serial: u32,
}

/// Why the recording is paused, if it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pause {
    pub by_hand: bool,
    /// A masked field has the focus; at the latest until then.
    pub field_until: Option<At>,
    /// No agent of ours is in the talk: what customer and somebody outside say to each other is not for our ears.
    pub among_others: bool,
    /// A flow asks for what shall be kept nowhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// The queue that the call has come to does not record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

impl Pause {
    /// Something is said or typed that shall be kept nowhere.
    pub fn is_secret(self) -> bool {
        self.by_hand || self.field_until.is_some() || self.asked
    }

    pub fn is_on(self) -> bool {
        self.is_secret() || self.among_others || self.elsewhere
    }
}

/// How far a call of ours is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reaching {
    /// The agent's own leg is coming up; then this is done.
    Own { until: At, errand: Errand },
    /// The customer is dialled.
    Customer { early: bool },
    /// The customer hears that calls are recorded.
    Notice { until: At },
    /// A colleague is rung, who is one of the parties.
    Colleague,
}

/// What an agent's call is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Errand {
    Customer {
        number: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<String>,
    },
    Page(Page),
    Colleague(AgentId),
}

impl Call {
    /// A call as it begins; `direction` and what follows from it are set by who begins it.
    pub fn new(id: CallId, job: Job, from: String, started: At) -> Call {
        Call {
            id,
            job,
            from,
            line: None,
            page: None,
            video: false,
            direction: Direction::Inbound,
            started,
            answered: false,
            prompts: VecDeque::new(),
            noticed: false,
            recording: None,
            apart: None,
            reaching: None,
            parties: Vec::new(),
            outsiders: 0,
            consult: None,
            watches: Vec::new(),
            pause: Pause::default(),
            told: Told::Nothing,
            away: None,
            message: false,
            run: None,
            waits: Waits::default(),
            given: false,
            silent: None,
            serial: 0,
        }
    }

    /// There is a customer to be heard; not so between colleagues, nor before the one we call has answered.
    pub fn has_customer(&self) -> bool {
        match self.direction {
            Direction::Inbound => true,
            Direction::Outbound => self.answered,
            Direction::Internal => false,
        }
    }

    /// The queue the call counts to now.
    pub fn queue(&self) -> Option<&QueueId> {
        match (&self.job.stage, &self.apart) {
            (Stage::Waiting(waiting), _) => Some(&waiting.queue),
            (Stage::Serving(serving), _) => Some(&serving.queue),
            (Stage::Apart, Some(Apart::Parked { queue, .. } | Apart::Handed { queue, .. })) => Some(queue),
            (Stage::Apart, _) => None,
        }
    }

    /// The agents who talk: the one in charge first.
    pub fn agents_in(&self) -> impl Iterator<Item = &AgentId> {
        let serving = match &self.job.stage {
            Stage::Serving(serving) => Some(&serving.agent),
            Stage::Apart | Stage::Waiting(_) => None,
        };
        serving.into_iter().chain(self.parties.iter().filter(|party| party.is_in()).filter_map(Party::agent))
    }

    pub fn outside_in(&self) -> Option<&LegParty> {
        self.parties.iter().find(|party| party.is_in() && matches!(party.who, LegParty::Outside(_))).map(|party| &party.who)
    }
}

/// The place that a caller had in a line, or would have had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Away {
    pub queue: QueueId,
    pub since: At,
    pub only: Option<AgentId>,
    /// The queue was closed.
    pub closed: bool,
}

/// A call that meets no agent (any more).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Apart {
    Echo,
    /// In a flow; its own deadline is in the run.
    Flow,
    /// The closed prompt plays.
    Closed {
        until: At,
    },
    /// The flow is over, a last word plays.
    Bye {
        until: At,
    },
    /// The longest wait is over, the goodbye prompt plays.
    Goodbye {
        until: At,
    },
    /// Asked to leave a message.
    Leave {
        until: At,
    },
    /// The tone before the message.
    Beep {
        until: At,
    },
    /// The caller speaks.
    Recording {
        until: At,
    },
    /// Asked whether we shall call back; the prompt plays.
    Offered {
        until: At,
    },
    /// The prompt is over, the key may still come.
    Asked {
        until: At,
    },
    /// Told that we call back.
    Promised {
        until: At,
    },
    /// Thanked, about to be hung up on.
    Thanks {
        until: At,
    },
    /// Served, and asked how it was.
    Survey {
        survey: SurveyId,
        until: At,
        /// The question is put for the nth time.
        round: u8,
        /// A one was pressed that may become a ten.
        one: bool,
    },
    /// Waits with music at a slot, to be fetched.
    Parked {
        slot: u32,
        by: AgentId,
        queue: QueueId,
        since: At,
        until: At,
    },
    /// Handed on to a number outside, which is rung or talks with the customer.
    Handed {
        queue: QueueId,
        /// Who handed it on; `None`: a flow.
        by: Option<AgentId>,
    },
}

impl Apart {
    /// When a prompt or a message is given up that does not report its end.
    pub fn until(&self) -> Option<At> {
        match self {
            Apart::Echo | Apart::Flow | Apart::Handed { .. } => None,
            Apart::Closed { until }
            | Apart::Goodbye { until }
            | Apart::Bye { until }
            | Apart::Parked { until, .. }
            | Apart::Survey { until, .. }
            | Apart::Leave { until }
            | Apart::Beep { until }
            | Apart::Recording { until }
            | Apart::Offered { until }
            | Apart::Asked { until }
            | Apart::Promised { until }
            | Apart::Thanks { until } => Some(*until),
        }
    }
}

impl Desk {
    /// What the customer hears while nobody talks to them: what is left of the prompts, then music.
    pub(super) fn play_next(&mut self, id: CallId) {
        self.owe_notice(id);
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let act = match (call.prompts.front(), &call.job.stage) {
            (Some(prompt), Stage::Waiting(_)) => VoiceAct::Play { prompt: prompt.clone() },
            (None, Stage::Waiting(waiting)) => {
                let music = VoiceAct::Music { name: self.music(&waiting.queue) };
                self.expect_announcements(id);
                music
            }
            _ => return,
        };
        self.voice(id, act);
    }

    /// Whoever comes to a queue that records, by whatever way, is told so once. True: that is new.
    pub(super) fn owe_notice(&mut self, id: CallId) -> bool {
        let Some(queue) = self.waiting(Work::Call(id)).map(|waiting| waiting.queue.clone()) else { return false };
        let Some(notice) = self.notice_of(&queue) else { return false };
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.noticed && !call.prompts.contains(&notice)) else { return false };
        call.prompts.push_back(notice);
        self.touch(Key::Call(id));
        true
    }

    /// What callers of a queue are told that records.
    pub(super) fn notice_of(&self, queue: &QueueId) -> Option<String> {
        self.queue_spec(queue).filter(|spec| spec.record).and_then(|spec| spec.record_notice.clone())
    }

    /// A prompt is over: perhaps it was the notice.
    pub(super) fn was_told(&mut self, id: CallId, prompt: &str) {
        let notice = self.catalog.queues.values().any(|queue| queue.record_notice.as_deref() == Some(prompt));
        if let Some(call) = self.calls.get_mut(&id).filter(|_| notice) {
            call.noticed = true;
        }
    }

    /// Whether the caller has still to be told that calls are recorded: nobody may be recorded before, so nobody is offered the call.
    pub(super) fn must_hear_first(&self, work: Work) -> bool {
        let Work::Call(id) = work else { return false };
        let Some(call) = self.calls.get(&id).filter(|call| !call.prompts.is_empty()) else { return false };
        let Stage::Waiting(waiting) = &call.job.stage else { return false };
        self.notice_of(&waiting.queue).is_some_and(|notice| call.prompts.contains(&notice))
    }

    pub(super) fn music(&self, queue: &QueueId) -> String {
        self.queue_spec(queue).map(|q| q.music.clone()).unwrap_or_else(|| "music".into())
    }

    pub(super) fn answer_call(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if call.answered {
            return;
        }
        call.answered = true;
        self.touch(Key::Call(id));
        self.voice(id, VoiceAct::Answer);
        self.call_fact(id, super::fact::CallFact::Answered);
    }
}
