//! A call, from the first ring to the end of the customer's leg.

use super::act::VoiceAct;
use super::id::*;
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
    /// The caller's number as the trunk gave it: what a callback dials.
    pub from: String,
    pub started: At,
    /// The customer's leg is up. Direct lines ring until the agent answers.
    pub answered: bool,
    /// Prompts still to be played while waiting, the running one first.
    pub prompts: VecDeque<String>,
    /// The recording, once one has begun.
    pub recording: Option<String>,
    pub apart: Option<Apart>,
}

/// A call that meets no agent (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Apart {
    Echo,
    /// The closed prompt plays.
    Closed {
        until: At,
    },
    /// The longest wait is over, the goodbye prompt plays.
    Goodbye {
        until: At,
    },
}

impl Desk {
    /// What the customer hears while nobody talks to them: what is left of the prompts, then music.
    pub(super) fn play_next(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let act = match (call.prompts.front(), &call.job.stage) {
            (Some(prompt), Stage::Waiting(_)) => VoiceAct::Play { prompt: prompt.clone() },
            (None, Stage::Waiting(waiting)) => VoiceAct::Music { name: self.music(&waiting.queue) },
            _ => return,
        };
        self.voice(id, act);
    }

    /// Whether the caller has still to be told that calls are recorded: nobody may be recorded before, so nobody is offered the call.
    pub(super) fn must_hear_first(&self, work: Work) -> bool {
        let Work::Call(id) = work else { return false };
        let Some(call) = self.calls.get(&id).filter(|call| !call.prompts.is_empty()) else { return false };
        let Stage::Waiting(waiting) = &call.job.stage else { return false };
        let notice = self.queue_spec(&waiting.queue).filter(|queue| queue.record).and_then(|queue| queue.record_notice.as_ref());
        notice.is_some_and(|notice| call.prompts.contains(notice))
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
