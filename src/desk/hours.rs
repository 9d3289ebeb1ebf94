//! Business hours: a weekly table and dated exceptions in one time zone. The zone's rules are loaded when the catalog is built, so that
//! asking here is arithmetic only.

use super::id::At;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span as Step, Timestamp};
use std::collections::BTreeMap;

/// When a queue is open.
#[derive(Debug, Clone)]
pub struct Hours {
    zone: TimeZone,
    week: [Vec<Span>; 7],
    holidays: BTreeMap<Date, Holiday>,
    /// Month and day of holidays that come every year.
    yearly: BTreeMap<(i8, i8), Holiday>,
}

/// A day that does not follow the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Why, as people say it.
    pub name: String,
    /// Empty when closed.
    pub open: Vec<Span>,
}

/// An opening within one day, in minutes after midnight of wall-clock time: `from` is open, `to` is not. A span whose `to` is not after
/// its `from` runs past midnight into the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

const DAY_MINUTES: u16 = 24 * 60;

/// A table without any opening for this many days counts as closed for good.
const HORIZON_DAYS: i32 = 400;

/// Working time is counted over this many days at most.
const LONGEST_DAYS: usize = 3_000;

impl Hours {
    /// `week` begins with Monday. A date in `holidays` replaces that day's row, and goes before one in `yearly` (month, day).
    pub fn new(zone: TimeZone, week: [Vec<Span>; 7], holidays: BTreeMap<Date, Holiday>, yearly: BTreeMap<(i8, i8), Holiday>) -> Hours {
        Hours { zone, week, holidays, yearly }
    }

    /// The name of the holiday that this moment falls on.
    pub fn holiday(&self, at: At) -> Option<&str> {
        self.special(self.local(at)?.date()).map(|holiday| holiday.name.as_str())
    }

    pub fn open_at(&self, at: At) -> bool {
        let Some(local) = self.local(at) else {
            return false;
        };
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        let today = self.spans(local.date()).iter().any(|s| s.from <= minute && (minute < s.to || s.overnight()));
        let from_yesterday = || {
            let Ok(yesterday) = local.date().yesterday() else {
                return false;
            };
            self.spans(yesterday).iter().any(|s| s.overnight() && minute < s.to)
        };
        today || from_yesterday()
    }

    /// `at` itself while open; else the next opening, if there is one within a year.
    pub fn next_open(&self, at: At) -> Option<At> {
        if self.open_at(at) {
            return Some(at);
        }
        let today = self.local(at)?.date();
        (0..HORIZON_DAYS).find_map(|days| {
            let day = today.checked_add(Step::new().days(days)).ok()?;
            self.spans(day).iter().filter_map(|span| self.moment(day, span.from)).filter(|opening| *opening > at).min()
        })
    }

    /// The moment at which the house has been open for so long since `from`, ms; `None` where that does not come within some years.
    pub fn later(&self, from: At, ms: i64) -> Option<At> {
        let mut left = ms.max(0);
        self.openings(from).find_map(|(opens, closes)| {
            let open = closes.since(opens);
            if left <= open {
                return Some(opens.after(left));
            }
            left -= open;
            None
        })
    }

    /// How long the house was open between two moments, ms.
    pub fn open_between(&self, from: At, to: At) -> i64 {
        let until = self.openings(from).take_while(|(opens, _)| *opens < to);
        until.map(|(opens, closes)| closes.min(to).since(opens)).sum()
    }

    /// All openings from a moment on, in order and never overlapping; the first is what is left of the one that is on.
    fn openings(&self, from: At) -> impl Iterator<Item = (At, At)> + '_ {
        let first = self.local(from).and_then(|local| local.date().yesterday().ok());
        let days = first.into_iter().flat_map(|first| first.series(Step::new().days(1)).take(LONGEST_DAYS));
        let spans = days.flat_map(|day| {
            let mut spans: Vec<(At, At)> = self.spans(day).iter().filter_map(|span| self.bounds(day, *span)).collect();
            spans.sort_unstable();
            spans
        });
        let mut reached = from;
        spans.filter_map(move |(opens, closes)| {
            let opens = opens.max(reached);
            reached = reached.max(closes);
            (opens < closes).then_some((opens, closes))
        })
    }

    fn bounds(&self, day: Date, span: Span) -> Option<(At, At)> {
        let to = if span.overnight() { span.to + DAY_MINUTES } else { span.to };
        Some((self.moment(day, span.from)?, self.moment(day, to)?))
    }

    fn local(&self, at: At) -> Option<jiff::Zoned> {
        Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.zone.clone()))
    }

    fn moment(&self, day: Date, minute: u16) -> Option<At> {
        let (day, minute) = if minute >= DAY_MINUTES { (day.tomorrow().ok()?, minute - DAY_MINUTES) } else { (day, minute) };
        let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
        Some(At(day.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond()))
    }

    fn special(&self, day: Date) -> Option<&Holiday> {
        self.holidays.get(&day).or_else(|| self.yearly.get(&(day.month(), day.day())))
    }

    fn spans(&self, day: Date) -> &[Span] {
        if let Some(holiday) = self.special(day) {
            return &holiday.open;
        }
        let row = match day.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        &self.week[row]
    }
}

impl Span {
    fn overnight(&self) -> bool {
        self.to <= self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600_000;

    fn at(text: &str) -> At {
        At(text.parse::<Timestamp>().expect("a moment").as_millisecond())
    }

    /// Weekdays with a break at noon, a night from Saturday to Sunday, Christmas closed, and the 2nd of January open in the morning.
    fn hours(zone: &str) -> Hours {
        let span = |from: u16, to: u16| Span { from: from * 60, to: to * 60 };
        let day = vec![span(9, 12), span(13, 17)];
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![span(22, 6)], Vec::new()];
        let holiday = |open: Vec<Span>| Holiday { name: "a holiday".into(), open };
        let dates = BTreeMap::from([(jiff::civil::date(2026, 1, 2), holiday(vec![span(9, 10)]))]);
        let yearly = BTreeMap::from([((12, 25), holiday(Vec::new()))]);
        Hours::new(TimeZone::posix(zone).expect("a zone"), week, dates, yearly)
    }

    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    #[test]
    fn working_time_passes_over_nights_breaks_and_holidays() {
        let hours = hours(BERLIN);
        let later = |from: &str, ms: i64| hours.later(at(from), ms).expect("a moment");
        // Monday 11:00: an hour before the break, and one after it.
        assert_eq!(later("2026-03-02T10:00:00Z", 2 * HOUR), at("2026-03-02T13:00:00Z"));
        // Christmas Eve, a Thursday, 16:00: one hour; Christmas is closed; then the night of Saturday.
        assert_eq!(later("2026-12-24T15:00:00Z", 2 * HOUR), at("2026-12-26T22:00:00Z"));
        // New Year's Day 2026 is a Thursday like others here; the 2nd has one hour.
        assert_eq!(later("2026-01-01T15:30:00Z", HOUR), at("2026-01-02T08:30:00Z"));
        // The clocks go forward in the night to the 29th of March: a night from 22 to 6 has seven hours.
        assert_eq!(hours.open_between(at("2026-03-28T20:00:00Z"), at("2026-03-29T10:00:00Z")), 7 * HOUR);
        assert_eq!(hours.open_between(at("2026-03-02T10:00:00Z"), at("2026-03-02T13:00:00Z")), 2 * HOUR);
        assert_eq!(hours.open_between(at("2026-12-25T00:00:00Z"), at("2026-12-25T23:00:00Z")), 0);
        // The same hours in another zone are other moments.
        let shanghai = self::hours("CST-8");
        assert_eq!(shanghai.later(at("2026-03-02T00:00:00Z"), HOUR), Some(at("2026-03-02T02:00:00Z")));
        let never = Hours::new(TimeZone::UTC, Default::default(), BTreeMap::new(), BTreeMap::new());
        assert_eq!((never.later(at("2026-03-02T00:00:00Z"), 1), never.open_between(At(0), At(HOUR))), (None, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// What is counted on is what is counted back, and time never passes twice.
        #[test]
        fn counting_on_and_back_agree(start in 0i64..400 * 24 * 60, minutes in 0i64..60 * 100, more in 0i64..60 * 48) {
            let hours = hours(BERLIN);
            let from = At(at("2026-01-01T00:00:00Z").0 + start * 60_000);
            let due = hours.later(from, minutes * 60_000).expect("a moment");
            prop_assert_eq!(hours.open_between(from, due), minutes * 60_000);
            let end = due.after(more * 60_000);
            prop_assert_eq!(hours.open_between(from, end), minutes * 60_000 + hours.open_between(due, end));
            prop_assert!(hours.open_between(due, end) <= more * 60_000);
        }
    }
}
