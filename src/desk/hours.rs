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
