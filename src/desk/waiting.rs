//! What callers meet while they wait: place and estimate, a comfort message, keys that lead elsewhere, and the ways out of a queue that is
//! full, closed or too slow.

use super::act::VoiceAct;
use super::call::{Apart, Away};
use super::fact::{CallFact, FlowFact};
use super::id::*;
use super::ivr::{Piece, Target, position, wait};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// What is due while the greeting still plays comes this much later, ms.
const LATER_MS: i64 = 3_000;
/// Ways from one queue or flow to the next that a caller is sent without a key of theirs. `hubline check` finds what goes round; this holds
/// whatever is loaded.
const HOPS: u32 = 20;

/// What a call keeps about its waiting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Waits {
    /// When it first came to a queue: what counts for its place, also after it came back from a flow.
    pub since: Option<At>,
    /// What is being said, by its serial.
    pub saying: Option<u32>,
    pub announce: Option<At>,
    pub comfort: Option<At>,
    /// How often it was sent on since the caller last did something.
    pub hops: u32,
}

impl Waits {
    pub fn due(&self) -> Option<At> {
        self.announce.into_iter().chain(self.comfort).min()
    }

    /// Somebody talks now.
    pub fn quiet(&mut self) {
        (self.saying, self.announce, self.comfort) = (None, None, None);
    }
}

impl Desk {
    pub(super) fn is_full(&self, queue: &QueueId) -> bool {
        self.lane(queue).is_some_and(|lane| {
            let most = lane.spec.waiting.max_length;
            most > 0 && lane.waiting.iter().filter(|rank| matches!(rank.work, Work::Call(_))).count() >= most
        })
    }

    /// As many wait as may.
    pub(super) fn full(&mut self, id: CallId, queue: &QueueId) {
        let now = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            call.away = Some(Away { queue: queue.clone(), since: now, only: None, closed: false });
        }
        let full = self.queue_spec(queue).and_then(|q| q.waiting.full.clone());
        if !self.turn_away(id, full.as_ref(), false) {
            self.say_goodbye(id);
        }
    }

    /// What is played outside hours, and where callers go then.
    pub(super) fn when_closed(&self, queue: &QueueId) -> (Option<String>, Option<Target>) {
        let Some(spec) = self.queue_spec(queue) else { return (None, None) };
        let holiday = spec.hours.as_ref().is_some_and(|hours| hours.holiday(self.now).is_some());
        let prompt = spec.waiting.holiday_prompt.clone().filter(|_| holiday).or_else(|| spec.closed_prompt.clone());
        (prompt, spec.waiting.holiday.clone().filter(|_| holiday).or_else(|| spec.waiting.closed.clone()))
    }

    /// Takes a caller out of whatever they are in and leads them to this target.
    pub(super) fn send_on(&mut self, id: CallId, target: &Target) {
        let work = Work::Call(id);
        self.step_aside(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.prompts.clear();
        call.waits.quiet();
        call.apart = None;
        call.waits.hops += 1;
        let round = call.waits.hops > HOPS;
        self.touch(Key::Call(id));
        match target {
            _ if round => self.say_goodbye(id),
            Target::Queue(queue) if self.lane(queue).is_some_and(|lane| lane.declared) => self.enter_queue(id, queue.clone()),
            Target::Flow(flow) if self.catalog.flows.contains_key(flow) => self.enter_flow(work, flow),
            Target::Voicemail => self.begin_voicemail(id),
            Target::Callback => self.offer_callback(id),
            Target::HangUp => self.say_bye(id),
            // A node belongs to its flow, so does a number, and what a reload took away is there no more.
            Target::Node(_) | Target::Outside(_) | Target::Queue(_) | Target::Flow(_) => self.say_goodbye(id),
        }
    }

    /// A key outside any talk: in a flow it answers, in a queue it may lead elsewhere; else it is only told.
    pub(super) fn digit(&mut self, id: CallId, digit: char) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (flow, hops) = (call.apart == Some(Apart::Flow), std::mem::take(&mut call.waits.hops));
        let asked = matches!(call.apart, Some(Apart::Survey { .. }));
        if hops > 0 {
            self.touch(Key::Call(id));
        }
        if flow {
            // What a flow hears it tells itself, or not at all when it is secret.
            return self.flow_hears_digit(id, digit);
        }
        if asked {
            return self.survey_key(id, digit);
        }
        let queue = self.waiting(Work::Call(id)).map(|waiting| waiting.queue.clone());
        let target = queue.as_ref().and_then(|queue| self.queue_spec(queue)).and_then(|q| q.waiting.keys.get(&digit).cloned());
        match (queue, target) {
            (Some(queue), Some(target)) => {
                let (node, key, to) = (format!("queue:{queue}"), digit.to_string(), target.to_string());
                self.flow_fact(Work::Call(id), FlowFact::Chose { node, key, to });
                // A key pressed for it is a promise asked for: no second question.
                if target == Target::Callback {
                    return self.promise_callback(id);
                }
                self.send_on(id, &target);
            }
            _ => {
                // Who stops the recording for a card number wants it nowhere else either.
                if !self.calls.get(&id).is_some_and(|call| call.pause.is_secret()) {
                    self.call_fact(id, CallFact::Digit { digit });
                }
                self.apart_digit(id, digit);
            }
        }
    }

    /// The caller hears music now: when something is to be said next.
    pub(super) fn expect_announcements(&mut self, id: CallId) {
        let now = self.now;
        let Some(spec) = self.waiting(Work::Call(id)).and_then(|w| self.queue_spec(&w.queue)).map(|q| q.waiting.clone()) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let next = |set: Option<At>, every: i64| if every > 0 { set.or(Some(now.after(every))) } else { None };
        let announce = next(call.waits.announce, spec.announce_ms);
        let comfort = next(call.waits.comfort, spec.comfort.as_ref().map_or(0, |_| spec.comfort_ms));
        if (announce, comfort) != (call.waits.announce, call.waits.comfort) {
            (call.waits.announce, call.waits.comfort) = (announce, comfort);
            self.touch(Key::Call(id));
        }
    }

    /// Says what is due to somebody who waits.
    pub(super) fn announcement_due(&mut self, id: CallId) {
        let now = self.now;
        let has_come = |at: Option<At>| at.is_some_and(|at| at <= now);
        let Some(waiting) = self.waiting(Work::Call(id)) else { return };
        let Some(spec) = self.queue_spec(&waiting.queue).map(|q| q.waiting.clone()) else { return };
        let queue = waiting.queue.clone();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (announce, comfort) = (has_come(call.waits.announce), has_come(call.waits.comfort));
        if !announce && !comfort {
            return;
        }
        // Greetings are heard to their end, and two things are not said at once.
        let busy = !call.prompts.is_empty() || call.waits.saying.is_some() && !announce;
        // A reload may have ended what was to come.
        let next = |every: i64| (every > 0).then(|| now.after(if busy { LATER_MS } else { every.max(LATER_MS) }));
        if announce {
            call.waits.announce = next(spec.announce_ms);
        }
        if comfort {
            call.waits.comfort = next(spec.comfort.as_ref().map_or(0, |_| spec.comfort_ms));
        }
        self.touch(Key::Call(id));
        if busy {
            return;
        }
        let mut pieces: Vec<Piece> = spec.comfort.iter().filter(|_| comfort).cloned().map(Piece::Prompt).collect();
        if announce {
            pieces.extend(self.place_pieces(id, &queue));
        }
        pieces.extend(spec.keys_prompt.iter().filter(|_| announce).cloned().map(Piece::Prompt));
        self.say_waiting(id, pieces);
    }

    /// "You are number three in the queue. The estimated waiting time is about four minutes."
    fn place_pieces(&self, id: CallId, queue: &QueueId) -> Vec<Piece> {
        let Some(lane) = self.lane(queue) else { return Vec::new() };
        let work = Work::Call(id);
        let Some((place, _)) = lane.places().find(|(_, rank)| rank.work == work) else { return Vec::new() };
        let language = self.language_of(work);
        let spec = &lane.spec.waiting;
        let mut pieces = if spec.say_position { position(&language, place) } else { Vec::new() };
        if let Some(seconds) = lane.pace.of(work).estimate_s(place).filter(|_| spec.say_wait) {
            pieces.extend(wait(&language, seconds));
        }
        pieces
    }

    fn say_waiting(&mut self, id: CallId, pieces: Vec<Piece>) {
        let Some(call) = self.calls.get_mut(&id).filter(|_| !pieces.is_empty()) else { return };
        call.serial = call.serial.wrapping_add(1);
        let serial = call.serial;
        call.waits.saying = Some(serial);
        self.touch(Key::Call(id));
        self.voice(id, VoiceAct::Say { serial, pieces });
    }

    /// Something has been said to its end. What was replaced meanwhile has another serial.
    pub(super) fn said(&mut self, id: CallId, serial: u32) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.serial == serial) else { return };
        if call.apart == Some(Apart::Flow) {
            return self.flow_said(id);
        }
        if let Some(Apart::Survey { survey, round, one: false, .. }) = call.apart {
            return self.survey_said(id, survey, round);
        }
        if call.waits.saying == Some(serial) {
            call.waits.saying = None;
            self.touch(Key::Call(id));
            self.play_next(id);
        }
    }

    /// What this contact is spoken to in.
    pub(super) fn language_of(&self, work: Work) -> String {
        self.job(work).and_then(|job| job.language.clone()).unwrap_or_else(|| self.catalog.language.clone())
    }
}
