//! Which surveys a supervisor wants to see, as the address says it.

use crate::desk::id::{At, SurveyId};
use crate::store::surveys::{Filter, Which};
use crate::web::inbox::load::percent;
use crate::web::wallboard::today::midnight;
use jiff::tz::TimeZone;
use serde::Deserialize;

const DAY_MS: i64 = 24 * 3_600_000;
/// Periods that can be chosen, days back, today included.
pub(super) const PERIODS: [i64; 4] = [1, 7, 30, 90];
const USUAL: i64 = 30;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub days: Option<i64>,
    pub channel: String,
    pub queue: String,
    pub agent: String,
    pub survey: String,
    pub show: String,
    pub before: Option<u64>,
}

impl Asked {
    pub fn days(&self) -> i64 {
        self.days.filter(|days| PERIODS.contains(days)).unwrap_or(USUAL)
    }

    pub fn which(&self) -> Which {
        Which::of(&self.show)
    }

    pub fn before(&self) -> Option<SurveyId> {
        self.before.map(SurveyId)
    }

    pub fn filter(&self, zone: &TimeZone, now: At) -> Filter {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        // Half a day more or less where the clocks change.
        let from = midnight(zone, midnight(zone, now).after(-(self.days() - 1) * DAY_MS + DAY_MS / 2));
        let (channel, queue, agent, survey) = (some(&self.channel), some(&self.queue), some(&self.agent), some(&self.survey));
        Filter { from, to: At(i64::MAX), channel, queue, agent, survey }
    }

    /// Something besides the period is chosen.
    pub fn narrows(&self) -> bool {
        [&self.channel, &self.queue, &self.agent, &self.survey].iter().any(|text| !text.is_empty()) || self.which() != Which::All
    }

    /// The same as an address, without a place in the list.
    pub fn query(&self) -> String {
        let days = self.days().to_string();
        let fields = [
            ("days", days.as_str()),
            ("channel", &self.channel),
            ("queue", &self.queue),
            ("agent", &self.agent),
            ("survey", &self.survey),
            ("show", &self.show),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        fields.map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&")
    }
}
