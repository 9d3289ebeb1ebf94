//! `[[hours]]`: when a queue is open, week by week, and the days it is not.

use crate::config::value::Name;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One set of opening hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursSection {
    /// As queues name it.
    pub id: Name,
    /// IANA name such as `Europe/Berlin`. Default: `site.timezone`.
    pub timezone: Option<Name>,
    /// Day or range of days (`mon`, `mon-fri`, `sat,sun`) → times (`09:00-12:00`); 24:00 is midnight at the end. Days not named are closed.
    #[serde(default)]
    pub week: BTreeMap<Name, Vec<Name>>,
    /// Date (`2026-12-25`) or yearly date (`12-25`) → its name; closed all day. Default: none.
    #[serde(default)]
    pub holidays: BTreeMap<Name, String>,
}
