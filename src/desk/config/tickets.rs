//! `[tickets]`: kinds of tickets, departments, what is promised, and what customers are told.

use super::flow::Texts;
use super::form::FieldSection;
use crate::config::value::{Name, Period};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// Rules for all tickets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TicketSection {
    /// A resolved ticket that nobody reopens is closed after this long; 0s for never. Default: 7d.
    pub close_after: Period,
    /// What a customer writes in a contact of a resolved ticket reopens it. Default: false.
    pub reopen: bool,
    /// The `[tickets.promises.NAME]` that holds where neither type nor department names one. Default: nothing is promised.
    pub promise: Option<Name>,
    /// States of which the customer is told on every channel that they used. Default: all but `closed`.
    pub tell: Option<Vec<Name>>,
    /// Channels that they used so long before the ticket count, too. Default: 30d.
    pub tell_within: Period,
    /// The approved template that carries the news where a platform takes nothing else; its places are number, state and link. Default: none.
    pub template: Option<Name>,
    /// Words by which customers ask for the state, alone or with the number. Default: `ticket`, `工单`, `进度`.
    pub words: Option<Vec<Name>>,
    /// How long the link to the status page works. Default: 90d.
    pub link_valid: Spanned<Period>,
    /// Names of states that are not the usual ones.
    pub states: BTreeMap<Name, Spanned<Texts>>,
    /// Who works on tickets, by name.
    pub departments: BTreeMap<Name, DepartmentSection>,
    /// How soon something is done, by name.
    pub promises: BTreeMap<Name, PromiseSection>,
    /// Kinds of tickets, by name.
    pub types: BTreeMap<Name, TicketTypeSection>,
}

impl Default for TicketSection {
    fn default() -> Self {
        let day = 24 * 3_600;
        TicketSection {
            close_after: Period::from_secs(7 * day),
            reopen: false,
            promise: None,
            tell: None,
            tell_within: Period::from_secs(30 * day),
            template: None,
            words: None,
            link_valid: Spanned::new(0..0, Period::from_secs(90 * day)),
            states: BTreeMap::new(),
            departments: BTreeMap::new(),
            promises: BTreeMap::new(),
            types: BTreeMap::new(),
        }
    }
}

/// One department.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentSection {
    /// As people read it. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub name: Spanned<Texts>,
    /// Who works there. Default: nobody.
    #[serde(default)]
    pub agents: Vec<Name>,
    /// Tickets that come of these queues are theirs. Default: none.
    #[serde(default)]
    pub queues: Vec<Name>,
    /// What they promise. Default: as `promise` of all tickets.
    pub promise: Option<Name>,
}

/// How soon something is done: one time for all, or `{ urgent = "15m", high = "1h", normal = "4h", low = "1d" }`. Default: no promise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseSection {
    /// Time counts in these hours alone, an `[[hours]]` id. Default: always.
    pub hours: Option<Name>,
    /// Until the first answer of a person.
    pub first: Option<Times>,
    /// Until what the customer has written since is answered.
    pub next: Option<Times>,
    /// Until it is resolved; while the customer is waited for, it does not run.
    pub resolution: Option<Times>,
}

/// One kind of ticket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketTypeSection {
    /// As people read it. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub title: Spanned<Texts>,
    /// What it asks for, as fields of forms are written. One that is required must be filled in before an agent opens it, and before it is
    /// resolved. Default: none.
    #[serde(default)]
    pub fields: Vec<FieldSection>,
    /// The department that has it first. Default: by the queue.
    pub department: Option<Name>,
    /// `urgent`, `high`, `normal` or `low`. Default: `normal`.
    pub priority: Option<Name>,
    /// What is promised. Default: as the department.
    pub promise: Option<Name>,
    /// What has to be done, in order. Default: nothing.
    #[serde(default)]
    pub checklist: Vec<Spanned<Texts>>,
    /// It is not resolved while something of that is left. Default: false.
    #[serde(default)]
    pub checklist_required: bool,
    /// What has to be granted. Default: nothing.
    pub approval: Option<ApprovalSection>,
    /// Customers are not told of it, and do not find it. Default: false.
    #[serde(default)]
    pub internal: bool,
}

/// What has to be granted before such a ticket is resolved.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalSection {
    /// Who may. Default: supervisors and admins.
    #[serde(default)]
    pub by: Vec<Name>,
    /// Granted by itself where all of these hold. Default: never.
    #[serde(default)]
    pub automatic: Vec<ConditionSection>,
}

/// One condition: exactly one of `most`, `days` and `one_of`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionSection {
    /// A field of this type.
    pub field: Name,
    /// Number: not above this.
    pub most: Option<Spanned<f64>>,
    /// Date: not longer ago than so many days.
    pub days: Option<Spanned<i64>>,
    /// Choice or text: one of these.
    #[serde(default)]
    pub one_of: Vec<Name>,
}

/// A length of time for each priority, most urgent first; `None`: no promise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Times(pub [Option<Period>; 4]);

/// The words of priorities, most urgent first.
pub const PRIORITIES: [&str; 4] = ["urgent", "high", "normal", "low"];

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Times, D::Error> {
        struct OneOrFour;
        impl<'de> Visitor<'de> for OneOrFour {
            type Value = Times;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time, or { urgent = \"15m\", high = \"1h\", normal = \"4h\", low = \"1d\" }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Times, E> {
                let period = Period::deserialize(serde::de::value::StrDeserializer::<E>::new(text))?;
                Ok(Times([Some(period); 4]))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Times, A::Error> {
                let mut times = Times::default();
                while let Some(priority) = map.next_key::<String>()? {
                    let place = PRIORITIES.iter().position(|word| *word == priority);
                    let place =
                        place.and_then(|place| times.0.get_mut(place)).ok_or_else(|| A::Error::unknown_field(&priority, &PRIORITIES))?;
                    *place = Some(map.next_value()?);
                }
                Ok(times)
            }
        }
        deserializer.deserialize_any(OneOrFour)
    }
}
