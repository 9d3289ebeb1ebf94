//! Callers who are still on the line when the agent has hung up are asked there: they hear the question and press a key. The agent is free
//! meanwhile, and nothing is recorded.

use super::{Scale, State};
use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::call::{Apart, PROMPT_LIMIT_MS};
use crate::desk::fact::AskedBy;
use crate::desk::id::*;
use crate::desk::ivr::Piece;
use crate::desk::work::Stage;

/// A key is waited for so long after the question, ms; the second figure of a ten so long.
const WAIT_MS: i64 = 7_000;
const TEN_MS: i64 = 2_000;
/// The question is put so often.
const ROUNDS: u8 = 2;
/// Played before asking again after a wrong key.
const WRONG: &str = "invalid-key";

impl Desk {
    /// The agent hangs up. `true`: the caller is asked, and the call goes on without the agent.
    pub(in crate::desk) fn ask_by_key(&mut self, id: CallId) -> bool {
        let Some(call) = self.calls.get(&id) else { return false };
        let Stage::Serving(serving) = call.job.stage.clone() else { return false };
        let alone = call.parties.is_empty() && call.consult.is_none() && call.silent.is_none();
        if !call.answered || !call.has_customer() || !alone || call.page.is_some() {
            return false;
        }
        let (work, person, recording) = (Work::Call(id), call.job.person, call.recording.is_some());
        let Some(spec) = self.survey_for(person, work, None, &serving.queue) else { return false };
        let (Some(slot), true) = (self.slot(&serving.agent), spec.keys && self.now.since(serving.since) >= spec.talked_ms) else {
            return false;
        };
        self.release(work);
        self.voice(id, VoiceAct::Drop { agent: serving.agent.clone() });
        if recording {
            self.voice(id, VoiceAct::StopRecording);
        }
        self.set_stage(work, Stage::Apart);
        let survey = self.begin_survey(&spec, person, Some(work), Some(serving.agent.clone()), Some(serving.queue.clone()));
        if let Some(call) = self.calls.get_mut(&id) {
            call.prompts.clear();
            call.waits.quiet();
            // They were served: whatever becomes of the line now, nobody has missed them.
            call.away = None;
        }
        self.open_survey(survey, AskedBy::Keys, spec.open_ms, None);
        self.put_question(id, survey, 1, None);
        self.begin_wrap_up(slot, id, &serving.queue);
        true
    }

    fn put_question(&mut self, id: CallId, survey: SurveyId, round: u8, first: Option<&str>) {
        let Some(spec) = self.surveys.get(&survey).and_then(|asked| self.survey_spec(&asked.survey)) else { return self.say_bye(id) };
        let pieces = first.into_iter().chain([spec.prompt.as_str()]).map(|name| Piece::Prompt(name.to_owned())).collect();
        let until = self.now.after(PROMPT_LIMIT_MS);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.serial = call.serial.wrapping_add(1);
        let serial = call.serial;
        self.set_apart(id, Apart::Survey { survey, until, round, one: false });
        self.voice(id, VoiceAct::Say { serial, pieces });
    }

    /// The question has been put: the key is waited for.
    pub(in crate::desk) fn survey_said(&mut self, id: CallId, survey: SurveyId, round: u8) {
        let until = self.now.after(WAIT_MS);
        self.set_apart(id, Apart::Survey { survey, until, round, one: false });
    }

    pub(in crate::desk) fn survey_key(&mut self, id: CallId, key: char) {
        let Some(Apart::Survey { survey, round, one, .. }) = self.calls.get(&id).and_then(|call| call.apart.clone()) else { return };
        let scale = self.surveys.get(&survey).map_or(Scale::Csat, |asked| asked.scale);
        self.voice(id, VoiceAct::Hush);
        match (key.to_digit(10).and_then(|digit| u8::try_from(digit).ok()), scale) {
            (Some(0), Scale::Nps) if one => self.key_taken(id, survey, 10),
            // It may be the first figure of a ten.
            (Some(1), Scale::Nps) => {
                let until = self.now.after(TEN_MS);
                self.set_apart(id, Apart::Survey { survey, until, round, one: true });
            }
            (Some(score), scale) if scale.range().contains(&score) => self.key_taken(id, survey, score),
            _ if round < ROUNDS => self.put_question(id, survey, round + 1, Some(WRONG)),
            _ => self.say_bye(id),
        }
    }

    /// Nothing more was pressed.
    pub(in crate::desk) fn survey_silent(&mut self, id: CallId) {
        match self.calls.get(&id).and_then(|call| call.apart.clone()) {
            Some(Apart::Survey { survey, one: true, .. }) => self.key_taken(id, survey, 1),
            Some(Apart::Survey { survey, round, .. }) if round < ROUNDS => self.put_question(id, survey, round + 1, None),
            Some(Apart::Survey { .. }) => self.say_bye(id),
            _ => {}
        }
    }

    fn key_taken(&mut self, id: CallId, survey: SurveyId, score: u8) {
        self.take_answer(survey, score, "");
        self.say_bye(id);
    }

    /// The caller is gone, answered or not: a key can be pressed no more.
    pub(in crate::desk) fn survey_call_over(&mut self, id: CallId) {
        let Some(person) = self.calls.get(&id).map(|call| call.job.person) else { return };
        let asked = |asked: &&super::Asked| asked.is_of(Work::Call(id)) && matches!(asked.state, State::Open { by: AskedBy::Keys, .. });
        let survey = self.surveys_with(person).find(asked).map(|asked| asked.id);
        if let Some(survey) = survey {
            self.close_survey(survey);
        }
    }
}
