//! `[[queues]]`: one waiting line, for calls and text alike.

use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// One waiting line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSection {
    /// The name in tables, lines and logs.
    pub id: Name,
    /// As people read it. Default: the id.
    pub name: Option<String>,
    /// Skills an agent must have to be offered this queue's work. Default: none.
    #[serde(default)]
    pub requires: Vec<RequirementSection>,
    /// Points; the highest is served first among queues that share agents. Default: 0.
    #[serde(default)]
    pub priority: i32,
    /// How long an agent may take to accept before the next is asked. Default: 20s.
    #[serde(default = "offer")]
    pub offer: Spanned<Period>,
    /// After-contact work; 0s for none. Whoever owes a required outcome or field then stays in it. Default: 30s.
    #[serde(default = "wrap_up")]
    pub wrap_up: Period,
    /// Outcomes to choose from in the wrap-up. Default: none.
    /// `Delivery / Late` stands under `Delivery`, as deep as one likes.
    #[serde(default)]
    pub dispositions: Vec<String>,
    /// The wrap-up is not over without an outcome, and text is not resolved. Default: false.
    #[serde(default)]
    pub disposition_required: bool,
    /// What the wrap-up, and resolving text, asks for besides. Default: nothing.
    #[serde(default)]
    pub wrap_up_fields: Vec<WrapUpFieldSection>,
    /// Prompt played once when a call is answered. Default: none.
    pub greeting: Option<Name>,
    /// What waiting and held callers hear. Default: `music`.
    pub music: Option<Name>,
    /// Record calls. Default: false.
    #[serde(default)]
    pub record: bool,
    /// Prompt that says calls are recorded, played before recording starts. Default: none.
    pub record_notice: Option<Name>,
    /// Record calls out that count to this queue; the notice is then played to whoever was called. Default: as `record`.
    pub record_outbound: Option<bool>,
    /// Where work goes that has waited too long. Default: nowhere.
    pub overflow: Option<OverflowSection>,
    /// A caller who waited this long is told goodbye and listed for callback; 0s for never. Default: 0s.
    #[serde(default)]
    pub max_wait: Period,
    /// Opening hours, an `[[hours]]` id. Default: always open.
    pub hours: Option<Name>,
    /// Prompt played outside hours before the call ends. Default: none.
    pub closed_prompt: Option<Name>,
    /// The customer's dedicated or last agent is waited for this long before others are asked. Default: 0s.
    #[serde(default)]
    pub prefer_agent: Period,
    /// Open a ticket for each answered contact that has none. Default: false.
    #[serde(default)]
    pub open_ticket: bool,
    /// What callers hear and may do while they wait.
    #[serde(default)]
    pub waiting: WaitingSection,
}

/// `[queues.waiting]`: what callers meet while they wait, and where they go when they cannot. Targets are `queue:ID`, `flow:ID`,
/// `voicemail`, `callback` (they are offered to be called back, and keep their place) and `hangup`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WaitingSection {
    /// How often place and estimated wait are announced; 0s for never. Default: 0s.
    pub announce: Period,
    /// Announce the place in the line. Default: true.
    pub position: Option<bool>,
    /// Announce the estimated wait, once it is known. Default: true.
    pub estimate: Option<bool>,
    /// Prompt played now and then to those who wait. Default: none.
    pub comfort: Option<Name>,
    /// How often it is played. Default: 60s.
    pub comfort_every: Option<Spanned<Period>>,
    /// What a key leads to while waiting. Default: none.
    pub keys: BTreeMap<Name, Name>,
    /// Prompt that tells the keys, played after each announcement. Default: none.
    pub keys_prompt: Option<Name>,
    /// Callers who may wait at once; 0 for any number. Default: 0.
    pub max_length: u32,
    /// Where a caller goes when that many wait. Default: goodbye, and onto the list of missed calls.
    pub when_full: Option<Name>,
    /// Where a caller goes who waited `max_wait`. Default: goodbye, and onto the list of missed calls.
    pub when_late: Option<Name>,
    /// Where a caller goes outside hours, after `closed_prompt`. Default: the end, and onto the list of missed calls.
    pub when_closed: Option<Name>,
    /// Where a caller goes on a holiday. Default: as `when_closed`.
    pub when_holiday: Option<Name>,
    /// Prompt played on a holiday instead of `closed_prompt`. Default: `closed_prompt`.
    pub holiday_prompt: Option<Name>,
}

/// One field of the wrap-up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapUpFieldSection {
    /// As agents read it.
    pub name: Spanned<String>,
    /// The wrap-up cannot be finished without it. Default: false.
    #[serde(default)]
    pub required: bool,
    /// What may be chosen. Default: anything may be written.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// One required skill.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementSection {
    /// The skill.
    pub skill: Name,
    /// Never below this level, 1 to 5. Default: 1.
    #[serde(default = "lowest")]
    pub minimum: Spanned<u8>,
    /// Wanted at first, 1 to 5. Default: the minimum.
    pub preferred: Option<Spanned<u8>>,
    /// Each time this has passed, one level less than preferred will do, down to the minimum. Default: 30s.
    #[serde(default = "relax")]
    pub relax: Spanned<Period>,
}

/// Where work goes that has waited too long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverflowSection {
    /// The queue it moves to.
    pub to: Name,
    /// After this much waiting.
    pub after: Period,
}

fn offer() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(20))
}

fn wrap_up() -> Period {
    Period::from_secs(30)
}

fn lowest() -> Spanned<u8> {
    Spanned::new(0..0, 1)
}

fn relax() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(30))
}
