//! What customers are asked when a contact is over: how content they were (CSAT) or whether they would recommend us (NPS). Whether and when
//! is decided in `ask.rs`: once per person and period, never while they are being served, not at night. `key.rs` asks callers who are still on
//! the line, `answer.rs` takes what they say on any way. What is asked of whom stays in memory until they may be asked again.

mod answer;
mod ask;
mod key;
mod spec;

pub use spec::{CALLS, LowSpec, LowTicket, RATING, Scale, SurveySpec, SurveyTexts, written_score};

use super::fact::{AskedBy, Fact, SurveyFact};
use super::id::*;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// In a window a question stands for so long, ms.
const WINDOW_MS: i64 = 24 * 3_600_000;
/// An answer may be changed for so long after it was given, ms.
const CHANGE_MS: i64 = 24 * 3_600_000;
/// The ways are asked for again after so long, ms, and so often.
const AGAIN_MS: i64 = 60_000;
const TRIES: u32 = 5;
/// Longest comment, characters.
const COMMENT: usize = 1_000;

/// One survey of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub id: SurveyId,
    pub survey: SurveyName,
    pub scale: Scale,
    pub person: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    pub language: String,
    /// Nobody asks them the same before that.
    pub again_at: At,
    pub state: State,
    /// Opened by a low score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It is asked then.
    Due(At),
    /// The ways to them are looked up.
    Looking { at: At, tries: u32 },
    /// It may be answered.
    Open {
        until: At,
        by: AskedBy,
        /// A number that is written here answers it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reads: Option<ConversationId>,
    },
    /// It may be changed.
    Answered {
        until: At,
        score: u8,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        comment: String,
        /// A number that is written here changes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reads: Option<ConversationId>,
    },
    /// Not any more.
    Over,
}

impl Asked {
    pub fn due(&self) -> At {
        match &self.state {
            State::Due(at) => *at,
            State::Looking { at, .. } => at.after(AGAIN_MS),
            State::Open { until, .. } | State::Answered { until, .. } => *until,
            State::Over => self.again_at,
        }
    }

    /// The conversation in which a number is its answer.
    fn reads(&self) -> Option<ConversationId> {
        match self.state {
            State::Open { reads, .. } | State::Answered { reads, .. } => reads,
            _ => None,
        }
    }

    fn is_of(&self, work: Work) -> bool {
        self.work == Some(work)
    }
}

impl Desk {
    fn survey_spec(&self, survey: &SurveyName) -> Option<&SurveySpec> {
        self.catalog.surveys.iter().find(|spec| spec.id == *survey)
    }

    fn surveys_with(&self, person: PersonId) -> impl Iterator<Item = &Asked> {
        self.surveys_of.get(&person).into_iter().flatten().filter_map(|id| self.surveys.get(id))
    }

    fn survey_fact(&mut self, id: SurveyId, fact: SurveyFact) {
        self.facts.push(Fact::Survey(id, fact));
    }

    fn forget_survey(&mut self, id: SurveyId) {
        if let Some(asked) = self.surveys.remove(&id)
            && let Some(theirs) = self.surveys_of.get_mut(&asked.person)
        {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.surveys_of.remove(&asked.person);
            }
        }
        self.touch(Key::Survey(id));
    }

    /// It is asked now: what follows is recorded, and it may be answered.
    fn open_survey(&mut self, id: SurveyId, by: AskedBy, open_ms: i64, reads: Option<ConversationId>) {
        let until = self.now.after(open_ms);
        let Some(asked) = self.surveys.get_mut(&id) else { return };
        asked.state = State::Open { until, by, reads };
        let Asked { survey, scale, person, work, agent, queue, channel, .. } = asked.clone();
        self.touch(Key::Survey(id));
        self.survey_fact(id, SurveyFact::Asked { survey, scale, person, work, agent, queue, channel, by });
    }

    /// Nobody answers it any more; it is kept while it forbids another.
    fn close_survey(&mut self, id: SurveyId) {
        let now = self.now;
        let Some(asked) = self.surveys.get_mut(&id) else { return };
        asked.state = State::Over;
        if asked.again_at <= now {
            self.forget_survey(id);
        }
        self.touch(Key::Survey(id));
    }
}

#[cfg(test)]
pub(crate) fn plain(id: SurveyName, scale: Scale) -> SurveySpec {
    let texts = SurveyTexts {
        question: "How was it?".into(),
        thanks: "Thank you!".into(),
        message: "{question} {worst}-{best}: {link}".into(),
        message_plain: "{question} {worst}-{best}".into(),
        more: "Why? {link}".into(),
        subject: "How was it at {site}?".into(),
        letter: "One click:".into(),
        worst: "bad".into(),
        best: "good".into(),
        low: "Rated {score} by a customer of {agent}".into(),
    };
    SurveySpec {
        id,
        scale,
        automatic: true,
        once_ms: 30 * 24 * 3_600_000,
        channels: Default::default(),
        queues: Default::default(),
        share: 100,
        after_ms: 300_000,
        open_ms: 7 * 24 * 3_600_000,
        talked_ms: 20_000,
        keys: true,
        link: true,
        prompt: "survey".into(),
        comment: true,
        low: None,
        template: None,
        texts: std::collections::BTreeMap::from([("en".into(), texts)]),
    }
}
