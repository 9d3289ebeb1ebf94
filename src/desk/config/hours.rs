//! `[[hours]]`: when a queue is open, week by week, and the days that are different.

use crate::config::value::Name;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// One set of opening hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursSection {
    /// As queues name it.
    pub id: Name,
    /// IANA name such as `Europe/Berlin`. Default: `site.timezone`.
    pub timezone: Option<Name>,
    /// Day or days (`mon`, `mon-fri`, `sat,sun`) → times (`09:00-12:00`). Days not named are closed; `22:00-06:00` runs past midnight.
    #[serde(default)]
    pub week: BTreeMap<Name, Vec<Name>>,
    /// Date (`2026-12-25`), days (`2026-10-01..2026-10-07`) or every year's day (`12-25`) → its name, closed all day; or
    /// `{ name = "…", open = ["09:00-12:00"] }`. Default: none.
    #[serde(default)]
    pub holidays: BTreeMap<Name, HolidaySection>,
    /// Lists of holidays that hold too, `[[holiday_lists]]` ids; days written here go before them. Default: none.
    #[serde(default)]
    pub holiday_lists: Vec<Name>,
}

/// `[[holiday_lists]]`: holidays that several opening hours share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayListSection {
    /// As opening hours name it.
    pub id: Name,
    /// As people read it. Default: the id.
    pub name: Option<String>,
    /// As `hours.holidays`.
    #[serde(default)]
    pub days: BTreeMap<Name, HolidaySection>,
}

/// A day that does not follow the week.
#[derive(Debug, Clone, PartialEq)]
pub struct HolidaySection {
    /// Why.
    pub name: String,
    /// Times of that day; empty when closed.
    pub open: Vec<Name>,
}

impl<'de> Deserialize<'de> for HolidaySection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HolidayVisitor)
    }
}

struct HolidayVisitor;

impl<'de> Visitor<'de> for HolidayVisitor {
    type Value = HolidaySection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the day's name, or { name = \"…\", open = [\"09:00-12:00\"] }")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<HolidaySection, E> {
        Ok(HolidaySection { name: name.to_owned(), open: Vec::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HolidaySection, A::Error> {
        let mut day = HolidaySection { name: String::new(), open: Vec::new() };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => day.name = map.next_value()?,
                "open" => day.open = map.next_value()?,
                other => return Err(A::Error::unknown_field(other, &["name", "open"])),
            }
        }
        Ok(day)
    }
}
