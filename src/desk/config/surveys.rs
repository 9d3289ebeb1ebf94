//! `[[surveys]]`: what customers are asked when a contact is over.

use super::flow::Texts;
use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::fmt;
use toml::Spanned;

/// One survey. Of several the first that fits a contact is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveySection {
    /// As figures, rules and programs name it.
    pub id: Name,
    /// `csat` (how content, 1 to 5) or `nps` (whether they would recommend you, 0 to 10). Default: `csat`.
    #[serde(default = "csat")]
    pub kind: Name,
    /// The question. One for all, or `{ en = "…", zh-CN = "…" }`. Default: a usual one in each language.
    pub question: Option<Spanned<Texts>>,
    /// What is said after the answer. Default: thanks in each language.
    pub thanks: Option<Spanned<Texts>>,
    /// Asked when a contact is over; `false`: only where a rule says so. Default: true.
    #[serde(default = "yes")]
    pub automatic: bool,
    /// Nobody is asked again before this long; 0s for once per contact. Default: 30d.
    #[serde(default = "month")]
    pub once: Period,
    /// About contacts of these channels, `calls` for the telephone. Default: all.
    #[serde(default)]
    pub channels: Vec<Name>,
    /// About contacts of these queues. Default: all.
    #[serde(default)]
    pub queues: Vec<Name>,
    /// Of a hundred contacts so many are asked about. Default: 100.
    #[serde(default = "all")]
    pub share: Spanned<u8>,
    /// Messages and letters are sent so long after the end, but not in the quiet hours; chat windows and callers are asked at once. Default: 5m.
    #[serde(default = "minutes")]
    pub after: Period,
    /// How long the link of a message or a letter can be answered. Default: 7d.
    #[serde(default = "week")]
    pub answer_within: Spanned<Period>,
    /// Calls are asked about in which the agent has talked for so long. Default: 20s.
    #[serde(default = "talked")]
    pub talked: Period,
    /// How callers are asked: `keys` (who stays on the line after the agent has hung up presses a key), `link` (who is gone is sent a message).
    /// Default: both.
    #[serde(default = "both")]
    pub calls: Vec<CallWay>,
    /// What callers hear. Default: `survey` or `survey-nps`.
    pub prompt: Option<Name>,
    /// Why is asked too, where it can be written. Default: true.
    #[serde(default = "yes")]
    pub comment: bool,
    /// The approved template that carries the link where a platform takes nothing else; the link is its place. Default: none.
    pub template: Option<Name>,
    /// What follows a low score. Default: nothing.
    pub low: Option<LowSection>,
}

/// What follows a low score: supervisors are told, and a ticket may be opened.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowSection {
    /// This score and those below it. Default: 2, of `nps` 6.
    pub upto: Option<Spanned<u8>>,
    /// A ticket by which somebody sees to it. Default: none.
    pub ticket: Option<LowTicketSection>,
}

/// The ticket of a low score.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowTicketSection {
    /// A `[tickets.types.NAME]`. Default: none.
    #[serde(rename = "type")]
    pub kind: Option<Name>,
    /// A `[tickets.departments.NAME]`. Default: that of the type.
    pub department: Option<Name>,
    /// `urgent`, `high`, `normal` or `low`. Default: that of the type.
    pub priority: Option<Name>,
}

/// How callers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallWay {
    /// By a key, while they are on the line.
    Keys,
    /// By a message, when they are gone.
    Link,
}

impl fmt::Display for CallWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallWay::Keys => "keys",
            CallWay::Link => "link",
        })
    }
}

fn csat() -> Name {
    Spanned::new(0..0, "csat".into())
}

fn yes() -> bool {
    true
}

fn month() -> Period {
    Period::from_secs(30 * 24 * 3_600)
}

fn all() -> Spanned<u8> {
    Spanned::new(0..0, 100)
}

fn minutes() -> Period {
    Period::from_secs(300)
}

fn week() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(7 * 24 * 3_600))
}

fn talked() -> Period {
    Period::from_secs(20)
}

fn both() -> Vec<CallWay> {
    vec![CallWay::Keys, CallWay::Link]
}
