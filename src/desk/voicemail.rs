//! Callers who leave the line without an agent: they leave a voicemail, or are offered a call back. What was said comes back from the edge
//! as a stored file and becomes a conversation of its own, waiting in the queue like any other.

use super::act::VoiceAct;
use super::call::{Apart, Away, PROMPT_LIMIT_MS};
use super::callback::Missed;
use super::fact::{BookedBy, CallFact, CallbackFact, ConversationFact, MissedWhy, OfferEnd, QueuedReason};
use super::id::*;
use super::input::{Body, EndCause, EndedBy, FileRef};
use super::ivr::Target;
use super::stage::Entry;
use super::work::Stage;
use super::{Desk, Key};

/// The channel of voicemail conversations, and its kind.
pub const VOICEMAIL: &str = "voicemail";

/// Prompts.
const LEAVE_MESSAGE: &str = "leave-message";
const BEEP: &str = "beep";
const THANKS: &str = "goodbye";
const OFFER: &str = "callback-offer";
const PROMISED: &str = "callback-promised";

/// A caller who is offered a call back has this long after the prompt to press the key, ms.
const ANSWER_MS: i64 = 6_000;

impl Desk {
    /// The caller leaves the line and is asked to speak after the tone.
    pub(super) fn begin_voicemail(&mut self, id: CallId) {
        self.step_aside(id);
        self.set_apart(id, Apart::Leave { until: self.now.after(PROMPT_LIMIT_MS) });
        self.voice(id, VoiceAct::Play { prompt: LEAVE_MESSAGE.into() });
    }

    /// The caller leaves the line and is asked whether we shall call them back: `1` is yes.
    pub(super) fn offer_callback(&mut self, id: CallId) {
        self.step_aside(id);
        self.set_apart(id, Apart::Offered { until: self.now.after(PROMPT_LIMIT_MS) });
        self.voice(id, VoiceAct::Play { prompt: OFFER.into() });
    }

    /// The caller has chosen to be called back: they keep their place, are told so, and hang up.
    pub(super) fn promise_callback(&mut self, id: CallId) {
        self.step_aside(id);
        let Some(missed) = self.missed(id, MissedWhy::Asked) else {
            return;
        };
        let callback = self.list_missed(missed);
        // They are still on the line: it stands in line once they have hung up.
        self.attach(callback, id);
        let promised = self.book_callback(callback, BookedBy::Key, None).is_some();
        self.set_apart(id, Apart::Promised { until: self.now.after(PROMPT_LIMIT_MS) });
        let prompt = if promised { PROMISED } else { THANKS };
        self.voice(id, VoiceAct::Play { prompt: prompt.into() });
    }

    /// What the queue says shall happen to a caller for whom it has no agent.
    pub(super) fn turn_away(&mut self, id: CallId, then: Option<&Target>, closed: bool) -> bool {
        match then {
            // A node belongs to its flow, and so does a number.
            None | Some(Target::HangUp | Target::Node(_) | Target::Outside(_)) => false,
            Some(Target::Voicemail) => {
                self.note_closed(id, closed);
                self.begin_voicemail(id);
                true
            }
            Some(Target::Callback) => {
                self.note_closed(id, closed);
                self.offer_callback(id);
                true
            }
            Some(Target::Queue(to)) => {
                if !self.lane(to).is_some_and(|lane| lane.declared) || !self.is_open(to) {
                    return false;
                }
                self.move_to_queue(id, to.clone());
                true
            }
            Some(Target::Flow(flow)) => {
                if !self.catalog.flows.contains_key(flow) {
                    return false;
                }
                self.step_aside(id);
                self.note_closed(id, closed);
                // Whoever comes back from there has another wait before them.
                if let Some(call) = self.calls.get_mut(&id) {
                    call.waits.since = None;
                }
                self.enter_flow(Work::Call(id), flow);
                true
            }
        }
    }

    fn note_closed(&mut self, id: CallId, closed: bool) {
        if let Some(away) = self.calls.get_mut(&id).and_then(|call| call.away.as_mut()) {
            away.closed = closed;
        }
    }

    /// Into another queue, keeping the time already waited; a caller who had not been queued begins there.
    fn move_to_queue(&mut self, id: CallId, to: QueueId) {
        let work = Work::Call(id);
        let (from, since) = match (self.waiting(work), self.calls.get(&id).and_then(|c| c.away.as_ref())) {
            (Some(waiting), _) => (waiting.queue.clone(), waiting.since),
            (None, Some(away)) => (away.queue.clone(), away.since),
            (None, None) => (to.clone(), self.now),
        };
        self.end_offer(work, OfferEnd::Withdrawn);
        self.answer_call(id);
        // The longest wait of the new queue counts from here: else it would be over at once.
        let counted = if self.waiting(work).is_some() { self.now } else { since };
        self.enqueue(work, Entry::new(to, counted, QueuedReason::Overflow { from }));
        self.play_next(id);
    }

    /// Out of the line, remembering where the caller stood.
    pub(super) fn step_aside(&mut self, id: CallId) {
        let work = Work::Call(id);
        self.answer_call(id);
        if let Some(waiting) = self.waiting(work) {
            let away = Away { queue: waiting.queue.clone(), since: waiting.since, only: waiting.only.clone(), closed: false };
            self.end_offer(work, OfferEnd::Withdrawn);
            self.set_stage(work, Stage::Apart);
            if let Some(call) = self.calls.get_mut(&id) {
                call.away = Some(away);
            }
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.prompts.clear();
        }
        self.touch(Key::Call(id));
    }

    fn apart(&self, id: CallId) -> Option<&Apart> {
        self.calls.get(&id)?.apart.as_ref()
    }

    /// What would be listed of this caller.
    pub(super) fn missed(&self, id: CallId, why: MissedWhy) -> Option<Missed> {
        let call = self.calls.get(&id)?;
        let away = match (&call.job.stage, &call.away) {
            (Stage::Waiting(w), _) => Away { queue: w.queue.clone(), since: w.since, only: w.only.clone(), closed: false },
            // They had been answered; what they wait for again begins where they called.
            (Stage::Serving(s), _) => Away { queue: s.queue.clone(), since: call.started, only: None, closed: false },
            (Stage::Apart, Some(away)) => away.clone(),
            (Stage::Apart, None) => return None,
        };
        let Away { queue, since, only, .. } = away;
        let (line, page) = (call.line.clone(), call.page.clone());
        Some(Missed { job: call.job.clone(), number: call.from.clone(), line, page, queue, only, why, call: Some(id), since })
    }

    /// A prompt to somebody apart has ended: what comes next.
    pub(super) fn apart_prompt_done(&mut self, id: CallId) {
        match self.apart(id) {
            Some(Apart::Leave { .. }) => {
                self.set_apart(id, Apart::Beep { until: self.now.after(PROMPT_LIMIT_MS) });
                self.voice(id, VoiceAct::Play { prompt: BEEP.into() });
            }
            Some(Apart::Beep { .. }) => self.record_message(id),
            Some(Apart::Offered { .. }) => self.set_apart(id, Apart::Asked { until: self.now.after(ANSWER_MS) }),
            Some(Apart::Closed { .. } | Apart::Goodbye { .. } | Apart::Bye { .. } | Apart::Promised { .. } | Apart::Thanks { .. }) => {
                self.end_apart(id);
            }
            _ => {}
        }
    }

    fn record_message(&mut self, id: CallId) {
        let rules = &self.catalog.callbacks;
        let (longest, silence_ms) = (rules.voicemail_longest_ms.max(1_000), rules.voicemail_silence_ms);
        self.set_apart(id, Apart::Recording { until: self.now.after(longest) });
        if let Some(call) = self.calls.get_mut(&id) {
            call.message = true;
        }
        let file = format!("{id}-{VOICEMAIL}.wav");
        self.voice(id, VoiceAct::RecordMessage { file: file.clone(), silence_ms });
        self.call_fact(id, CallFact::RecordingStarted { file });
    }

    /// `#`, silence, or the longest message: the recording ends and the caller is thanked.
    pub(super) fn message_over(&mut self, id: CallId) {
        if !matches!(self.apart(id), Some(Apart::Recording { .. })) {
            return;
        }
        self.voice(id, VoiceAct::EndMessage);
        self.set_apart(id, Apart::Thanks { until: self.now.after(PROMPT_LIMIT_MS) });
        self.voice(id, VoiceAct::Play { prompt: THANKS.into() });
    }

    /// A key of a caller who is apart; says whether it meant something.
    pub(super) fn apart_digit(&mut self, id: CallId, digit: char) -> bool {
        match (self.apart(id), digit) {
            (Some(Apart::Recording { .. }), '#') => self.message_over(id),
            // Who knows the prompt need not hear it out.
            (Some(Apart::Leave { .. }), '#') => self.apart_prompt_done(id),
            (Some(Apart::Offered { .. } | Apart::Asked { .. }), '1') => self.promise_callback(id),
            _ => return false,
        }
        true
    }

    /// A time limit of somebody apart has come.
    pub(super) fn apart_due(&mut self, id: CallId) {
        match self.apart(id) {
            Some(Apart::Survey { .. }) => self.survey_silent(id),
            Some(Apart::Recording { .. }) => self.message_over(id),
            Some(Apart::Leave { .. } | Apart::Beep { .. } | Apart::Offered { .. }) => self.apart_prompt_done(id),
            Some(Apart::Asked { .. }) => {
                self.set_apart(id, Apart::Thanks { until: self.now.after(PROMPT_LIMIT_MS) });
                self.voice(id, VoiceAct::Play { prompt: THANKS.into() });
            }
            Some(Apart::Closed { .. } | Apart::Goodbye { .. } | Apart::Bye { .. } | Apart::Promised { .. } | Apart::Thanks { .. }) => {
                self.end_apart(id);
            }
            _ => {}
        }
    }

    /// Why a call ends whose caller is apart, when the house or the caller ends it now.
    pub(super) fn apart_cause(&self, id: CallId) -> Option<EndCause> {
        let call = self.calls.get(&id)?;
        let closed = call.away.as_ref().is_some_and(|away| away.closed);
        let gave_up = if closed { EndCause::Rejected } else { EndCause::Abandoned };
        Some(match call.apart.as_ref()? {
            Apart::Closed { .. } => EndCause::Rejected,
            Apart::Goodbye { .. } => EndCause::TimedOut,
            Apart::Bye { .. } => EndCause::Normal,
            Apart::Promised { .. } => EndCause::Callback,
            Apart::Recording { .. } => EndCause::Voicemail,
            Apart::Thanks { .. } if call.message => EndCause::Voicemail,
            Apart::Leave { .. } | Apart::Beep { .. } | Apart::Offered { .. } | Apart::Asked { .. } | Apart::Thanks { .. } => gave_up,
            _ => return None,
        })
    }

    /// The message is kept as a file: a conversation of the customer, waiting in the queue that they had called.
    pub(super) fn message_left(&mut self, id: CallId, file: FileRef, millis: u64) {
        let Some(callback) = self.callbacks.values().find(|c| c.message == Some(id)) else {
            return;
        };
        let (callback_id, queue, only) = (callback.id, callback.queue.clone(), callback.only.clone());
        let mut job = callback.job.clone();
        (job.stage, job.ticketed) = (Stage::Apart, false);
        let channel = ChannelId::from(VOICEMAIL);
        let external_id = format!("call/{id}");
        let at_hand = self.chats.get(&(channel.clone(), job.identity.clone())).copied();
        if at_hand.and_then(|c| self.conversations.get(&c)).is_some_and(|c| c.heard_as(&external_id).is_some()) {
            return;
        }
        let open = at_hand.filter(|c| self.conversations.get(c).is_some_and(|c| c.resolved.is_none()));
        let conversation = open.unwrap_or_else(|| self.begin_conversation(channel.clone(), job, ""));
        let message = self.mint_message();
        let now = self.now;
        let Some(state) = self.conversations.get_mut(&conversation) else {
            return;
        };
        state.remember_heard(external_id.clone(), message);
        state.newest = Some(message);
        let (person, waits) = (state.job.person, state.job.stage == Stage::Apart);
        self.touch(Key::Conversation(conversation));
        let body = Body { files: vec![file], ..Body::default() };
        let received = ConversationFact::Received { message, person, channel, external_id, body, sent: now, seq: 0, measure: None };
        self.conversation_fact(conversation, received);
        if let Some(callback) = self.callbacks.get_mut(&callback_id) {
            callback.voicemail = Some(conversation);
            callback.message = None;
        }
        self.touch(Key::Callback(callback_id));
        self.callback_fact(callback_id, CallbackFact::Voicemail { conversation, millis });
        if waits {
            let work = Work::Conversation(conversation);
            self.enqueue(work, Entry { only, ..Entry::new(queue, now, QueuedReason::New) });
        }
    }

    /// Nothing was said after the tone: a missed call like others.
    pub(super) fn no_message(&mut self, id: CallId) {
        let Some(callback) = self.callbacks.values_mut().find(|c| c.message == Some(id)) else {
            return;
        };
        callback.message = None;
        if callback.why == MissedWhy::Voicemail && callback.voicemail.is_none() {
            callback.why = MissedWhy::NoMessage;
        }
        let callback = callback.id;
        self.touch(Key::Callback(callback));
        self.callback_fact(callback, CallbackFact::NoMessage { call: id });
    }

    /// The last prompt has been heard, or was given up.
    pub(super) fn end_apart(&mut self, id: CallId) {
        let cause = self.apart_cause(id).unwrap_or(EndCause::Rejected);
        self.voice(id, VoiceAct::End { cause });
        self.finish(id, EndedBy::System, cause);
    }
}
