//! What the configuration says of calls out, resolved: part of the catalog.

use super::number::{Number, Numbering};
use super::premium;
use crate::desk::id::{AgentId, At, TrunkId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Everything that decides whether and how a number is called.
#[derive(Debug, Clone)]
pub struct DialSpec {
    pub numbering: Numbering,
    /// Where a day ends.
    pub zone: TimeZone,
    /// In the order of the file.
    pub trunks: Vec<TrunkSpec>,
    /// Where each agent may call; those not named, nowhere.
    pub agents: BTreeMap<AgentId, Vec<Place>>,
    /// Where each flow may call; those not named, where `flows` says.
    pub by_flow: BTreeMap<String, Vec<Place>>,
    pub flows: Vec<Place>,
    /// The lines that lead to one agent, E.164.
    pub direct: BTreeMap<AgentId, String>,
    /// The number shown in emergency calls.
    pub place: Option<String>,
    /// No answer at all from a trunk for so long, and the next is tried, ms.
    pub patience_ms: i64,
}

impl Default for DialSpec {
    fn default() -> Self {
        DialSpec {
            numbering: Numbering::default(),
            zone: TimeZone::UTC,
            trunks: Vec::new(),
            agents: BTreeMap::new(),
            by_flow: BTreeMap::new(),
            flows: Vec::new(),
            direct: BTreeMap::new(),
            place: None,
            patience_ms: 4_000,
        }
    }
}

impl DialSpec {
    pub fn trunk(&self, id: &TrunkId) -> Option<&TrunkSpec> {
        self.trunks.iter().find(|trunk| trunk.id == *id)
    }

    /// The local date, `2026-03-02`; counters begin anew with each.
    pub fn day(&self, at: At) -> String {
        let date = Timestamp::from_millisecond(at.0).map(|time| time.to_zoned(self.zone.clone()).date().to_string());
        date.unwrap_or_default()
    }
}

/// One trunk, as far as the desk decides about it.
#[derive(Debug, Clone)]
pub struct TrunkSpec {
    pub id: TrunkId,
    /// How the numbers that it brings are written.
    pub numbering: Numbering,
    /// It has a server that calls can be sent to.
    pub reachable: bool,
    /// OPTIONS are sent.
    pub pinged: bool,
    /// Pings without an answer, one after the other, after which it counts as down.
    pub failures: u32,
    /// Calls may go out; `None`: only emergency calls.
    pub outbound: Option<Outbound>,
}

/// What may go out through a trunk.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    pub allow: Vec<Place>,
    pub deny: Vec<Place>,
    pub premium: bool,
    /// The lowest is tried first, among those that cost the same.
    pub priority: u32,
    /// Shares of the calls among trunks of one priority.
    pub weight: u32,
    /// Digits with which E.164 numbers begin → price of a minute, millionths. The longest counts.
    pub prices: Vec<(String, i64)>,
    pub form: Form,
    /// Put before every number but emergency numbers.
    pub dial_prefix: String,
    pub caller: CallerPolicy,
    /// The number shown where the policy gives none that the trunk owns, E.164.
    pub number: Option<String>,
    /// What the trunk owns: E.164 numbers, or beginnings of them with `*`.
    pub owns: Vec<String>,
    pub asserted: bool,
    /// Calls at once; 0 for any number.
    pub max_calls: u32,
    /// Calls begun within one second; 0 for any number.
    pub calls_per_second: u32,
    /// Talk in a day; 0 for any.
    pub minutes_per_day: u32,
    /// Money in a day, millionths; 0 for any.
    pub cost_per_day: i64,
}

impl Outbound {
    /// The price of a minute to these digits (with country code, or a short number); 0 where none is known.
    pub fn price(&self, digits: &str) -> i64 {
        let fits = self.prices.iter().filter(|(start, _)| digits.starts_with(start));
        fits.max_by_key(|(start, _)| start.len()).map_or(0, |(_, price)| *price)
    }

    pub fn owns(&self, number: &str) -> bool {
        let owned = self.owns.iter().chain(&self.number);
        owned.into_iter().any(|own| match own.strip_suffix('*') {
            Some(start) => number.starts_with(start),
            None => number == own,
        })
    }

    /// Whether a number may go out here; premium-rate numbers are asked about apart.
    pub fn allows(&self, number: &Number, numbering: &Numbering) -> bool {
        let covers = |places: &[Place]| places.iter().any(|place| place.covers(number, numbering));
        covers(&self.allow) && !covers(&self.deny)
    }
}

/// How a trunk wants numbers written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// `+4930123456`
    #[default]
    E164,
    /// `4930123456`
    Plain,
    /// `004930123456`
    International,
    /// `030123456`; other countries as in `International`.
    National,
}

/// Whose number is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallerPolicy {
    /// The one that the customer dialled, where there is one.
    #[default]
    Line,
    /// The agent's own.
    Agent,
    /// Always the trunk's.
    Number,
    /// Nobody's.
    Anonymous,
}

/// One entry of a list of destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Any,
    /// The house's own country, its short numbers included.
    National,
    /// Numbers that begin so: digits of E.164.
    Start(String),
    /// A short number, whole.
    Short(String),
}

impl Place {
    /// Reads `any`, `national`, `+4930` or `10086`.
    pub fn read(text: &str) -> Option<Place> {
        let is_digits = |text: &str| (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match text {
            "any" => Some(Place::Any),
            "national" => Some(Place::National),
            text => match text.strip_prefix('+') {
                Some(digits) => is_digits(digits).then(|| Place::Start(digits.to_owned())),
                None => is_digits(text).then(|| Place::Short(text.to_owned())),
            },
        }
    }

    pub fn covers(&self, number: &Number, numbering: &Numbering) -> bool {
        match (self, number) {
            (_, Number::Emergency(_)) | (Place::Any, _) => true,
            (Place::National, Number::Short(_)) => true,
            (Place::National, Number::Full(value)) => {
                let code = numbering.country_code.as_str();
                !code.is_empty() && value[1..].starts_with(code) && premium::apart(&value[1..]).is_none()
            }
            (Place::Start(start), Number::Full(value)) => {
                let digits = &value[1..];
                digits.starts_with(start.as_str()) && premium::apart(digits).is_none_or(|place| start.len() >= place.len())
            }
            (Place::Short(short), Number::Short(value)) => short == value,
            (Place::Start(_), Number::Short(_)) | (Place::Short(_), Number::Full(_)) => false,
        }
    }
}
