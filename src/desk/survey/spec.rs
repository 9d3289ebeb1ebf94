//! Surveys as the configuration declares them.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// What is asked, and by which numbers it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// How content: 1 to 5.
    #[default]
    Csat,
    /// Whether they would recommend us: 0 to 10.
    Nps,
}

impl Scale {
    pub fn range(self) -> RangeInclusive<u8> {
        match self {
            Scale::Csat => 1..=5,
            Scale::Nps => 0..=10,
        }
    }

    pub fn best(self) -> u8 {
        *self.range().end()
    }

    /// In tables, addresses and the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Scale::Csat => "csat",
            Scale::Nps => "nps",
        }
    }

    pub fn of(word: &str) -> Option<Scale> {
        [Scale::Csat, Scale::Nps].into_iter().find(|scale| scale.word() == word)
    }
}

/// One survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveySpec {
    pub id: SurveyName,
    pub scale: Scale,
    /// Asked when a contact is over; else only where a rule says so.
    pub automatic: bool,
    /// Nobody is asked again before so long, ms; 0: once for each contact.
    pub once_ms: i64,
    /// Of these channels, [`CALLS`] for the telephone; empty: all.
    pub channels: BTreeSet<ChannelId>,
    /// Empty: all.
    pub queues: BTreeSet<QueueId>,
    /// Of a hundred contacts so many are asked.
    pub share: u8,
    /// Messages and letters are sent so long after the end, ms.
    pub after_ms: i64,
    /// How long a link can be answered, ms.
    pub open_ms: i64,
    /// Calls in which the agent has talked for less are not asked about, ms.
    pub talked_ms: i64,
    /// Callers who are still on the line after the agent has hung up are asked there.
    pub keys: bool,
    /// Callers who are gone are sent a link.
    pub link: bool,
    /// What callers hear.
    pub prompt: String,
    /// Why is asked too.
    pub comment: bool,
    pub low: Option<LowSpec>,
    /// The approved text that carries the link where a platform takes nothing else.
    pub template: Option<String>,
    /// By language.
    pub texts: BTreeMap<String, SurveyTexts>,
}

/// By this name the telephone stands among channels.
pub const CALLS: &str = "calls";

/// The survey of windows that have `rating = true`.
pub const RATING: &str = "rating";

/// What follows a low score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowSpec {
    /// This score and those below it.
    pub upto: u8,
    pub ticket: Option<LowTicket>,
}

/// The ticket by which somebody sees to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LowTicket {
    pub kind: Option<TicketKind>,
    pub department: Option<DepartmentId>,
    /// 1 (most urgent) to 4.
    pub priority: Option<u8>,
}

/// What is said in one language. `{site}`, `{question}`, `{worst}`, `{best}`, `{link}`, `{score}` and `{agent}` are filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SurveyTexts {
    pub question: String,
    pub thanks: String,
    /// The question as a message, answered by a number or by its link; and where customers have no address of ours.
    pub message: String,
    pub message_plain: String,
    /// Follows the thanks, where why is asked.
    pub more: String,
    /// A letter's subject.
    pub subject: String,
    /// Under the question of a letter.
    pub letter: String,
    /// What the lowest and the highest number mean.
    pub worst: String,
    pub best: String,
    /// The subject of the ticket of a low score.
    pub low: String,
}

static NO_TEXTS: SurveyTexts = SurveyTexts {
    question: String::new(),
    thanks: String::new(),
    message: String::new(),
    message_plain: String::new(),
    more: String::new(),
    subject: String::new(),
    letter: String::new(),
    worst: String::new(),
    best: String::new(),
    low: String::new(),
};

impl SurveySpec {
    /// Texts in this language, else in one of the same family, else in any.
    pub fn texts_for(&self, language: &str) -> &SurveyTexts {
        let family = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let same = || self.texts.iter().find(|(tag, _)| family(tag) == family(language)).map(|(_, texts)| texts);
        self.texts.get(language).or_else(same).or_else(|| self.texts.values().next()).unwrap_or(&NO_TEXTS)
    }

    /// Whether contacts of this channel and queue are asked about. `None`: the telephone.
    pub fn covers(&self, channel: Option<&ChannelId>, queue: Option<&QueueId>) -> bool {
        let calls = ChannelId::from(CALLS);
        let here = self.channels.is_empty() || self.channels.contains(channel.unwrap_or(&calls));
        here && (self.queues.is_empty() || queue.is_some_and(|queue| self.queues.contains(queue)))
    }

    /// Of each hundred contacts one after the other `share`, spread evenly: the same contact is always asked or never.
    pub(in crate::desk) fn draws(&self, work: Option<Work>) -> bool {
        let number = match work {
            Some(Work::Call(id)) => id.0,
            Some(Work::Conversation(id)) => id.0,
            Some(Work::Callback(id)) => id.0,
            None => return true,
        };
        // Steps of 61, which has no factor in common with 100, meet every place once in a hundred.
        number.wrapping_mul(61) % 100 < u64::from(self.share)
    }
}

/// The score that a customer has written: a number of the scale, alone or with what belongs to a mark.
pub fn written_score(scale: Scale, text: &str) -> Option<u8> {
    let text = text.trim().trim_end_matches(['.', ')', '。', '）', '、', ',', '，', '!', '！', '分', '星', '⭐', '★', ' ']);
    if text.is_empty() || text.chars().count() > 2 {
        return None;
    }
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        '0'..='9' => Some(c),
        _ => None,
    };
    let digits: String = text.chars().map(narrow).collect::<Option<String>>()?;
    digits.parse().ok().filter(|score| scale.range().contains(score))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_a_vote() {
        let csat = |text: &str| written_score(Scale::Csat, text);
        assert_eq!((csat("5"), csat(" ４。"), csat("3分"), csat("2 星"), csat("1!")), (Some(5), Some(4), Some(3), Some(2), Some(1)));
        assert_eq!((csat("0"), csat("6"), csat("10"), csat("5 lamps"), csat("五"), csat("")), (None, None, None, None, None, None));
        let nps = |text: &str| written_score(Scale::Nps, text);
        assert_eq!((nps("0"), nps("10"), nps("11"), nps("1０")), (Some(0), Some(10), None, Some(10)));
    }

    #[test]
    fn a_share_is_asked_evenly() {
        let spec = SurveySpec { share: 30, ..super::super::plain("x".into(), Scale::Csat) };
        let asked = |from: u64| (from..from + 100).filter(|id| spec.draws(Some(Work::Call(CallId(*id))))).count();
        assert_eq!((asked(1), asked(950)), (30, 30));
    }
}
