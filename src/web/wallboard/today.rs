//! The day's figures, from the store: read again every few seconds while somebody looks, and once for all who look.

use super::cases::{self, Counted};
use super::config::WallboardSection;
use crate::desk::fact::StatusName;
use crate::desk::id::{AgentId, At};
use crate::store::figures::context::Context;
use crate::store::figures::flows::Flows;
use crate::store::figures::{self, Day, Time};
use crate::store::surveys::{self, Filter, Results};
use crate::store::visits::{self, Count};
use crate::store::{Store, StoreError};
use crate::web::inbox::reader::Reader;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The day so far.
#[derive(Debug, Clone, Default)]
pub struct Today {
    /// When it was counted.
    pub at: At,
    pub days: Vec<Day>,
    pub times: BTreeMap<AgentId, Time>,
    pub context: Context,
    pub cases: Counted,
    /// What customers said who were asked today.
    pub surveys: Results,
    pub flows: Flows,
    pub invited: Count,
}

/// Of a page that is opened. An open board is told every few seconds.
pub const FRESH: Duration = Duration::from_secs(1);

/// What was counted last, for all who look: two weeks of cases are in it, and a count takes as long as ten other pages.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<Option<Arc<Today>>>>);

impl Cache {
    /// The day as it was no longer ago than that. Who comes while it is counted waits for that count.
    pub async fn of(&self, reader: &Reader, ago: Duration) -> Result<Arc<Today>, StoreError> {
        let mut last = self.0.lock().await;
        let now = reader.page.now;
        if let Some(today) = &*last
            && u128::try_from(now.since(today.at)).is_ok_and(|since| since < ago.as_millis())
        {
            return Ok(today.clone());
        }
        let here = reader.floor.agents.iter().filter(|agent| agent.status != StatusName::Offline).map(|agent| agent.id.clone());
        let goals = &reader.loaded.config.wallboard;
        let today = Arc::new(read(&reader.state.store, goals, here.collect(), &reader.page.zone, now).await?);
        *last = Some(today.clone());
        Ok(today)
    }
}

/// Since midnight of the site's zone.
async fn read(store: &Store, goals: &WallboardSection, agents: Vec<AgentId>, zone: &TimeZone, now: At) -> Result<Today, StoreError> {
    let from = midnight(zone, now);
    let (voice, text) = (goals.voice_within.get_ref().millis(), goals.text_within.get_ref().millis());
    let days = figures::day(store, from, goals.short_abandon.millis(), voice, text).await?;
    let times = figures::times(store, agents, from, now).await?;
    let context = figures::context::context(store, from).await?;
    let cases = cases::read(store, now).await?;
    let surveys = surveys::results(store, Filter { from, to: At(i64::MAX), ..Filter::default() }).await?;
    let invited = visits::count(store, from).await?;
    let flows = figures::flows::flows(store, from).await?;
    Ok(Today { at: now, days, times, context, cases, surveys, flows, invited })
}

/// The beginning of this day there; a day without a midnight begins when the clock says so.
pub fn midnight(zone: &TimeZone, now: At) -> At {
    let at = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone());
    at.start_of_day().map_or(now, |start| At(start.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_the_sites_midnight() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let at = |text: &str| At(text.parse::<Timestamp>().unwrap().as_millisecond());
        assert_eq!(midnight(&zone, at("2026-11-21T14:17:32Z")), at("2026-11-20T23:00:00Z"));
        assert_eq!(midnight(&zone, at("2026-11-20T23:30:00Z")), at("2026-11-20T23:00:00Z"));
        assert_eq!(midnight(&TimeZone::UTC, at("2026-11-21T00:00:00Z")), at("2026-11-21T00:00:00Z"));
    }
}
