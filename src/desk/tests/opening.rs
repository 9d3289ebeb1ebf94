//! Business hours: rows, nights, holidays, and the two nights a year on which the clock jumps.

use super::super::hours::{Holiday, Hours, Span};
use super::super::id::At;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Weekdays 9 to 17, Saturday 22 to 02, closed on the 25th of December, short on the 24th.
fn berlin() -> Hours {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let day = vec![Span { from: 540, to: 1020 }];
    let night = vec![Span { from: 1320, to: 120 }];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, night, Vec::new()];
    let eve = vec![Span { from: 540, to: 720 }];
    let named = |name: &str, open: Vec<Span>| Holiday { name: name.into(), open };
    let holidays = BTreeMap::from([(date(2026, 12, 24), named("Eve", eve)), (date(2026, 12, 25), named("Christmas", Vec::new()))]);
    let yearly = BTreeMap::from([((1, 1), named("New Year", Vec::new())), ((12, 24), named("never seen", Vec::new()))]);
    Hours::new(zone, week, holidays, yearly)
}

fn utc(day: Date, hour: i8, minute: i8) -> At {
    let zoned = day.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    At(zoned.timestamp().as_millisecond())
}

#[test]
fn open_by_the_local_wall_clock() {
    let hours = berlin();
    for (at, open) in [
        // Winter: Berlin is one hour ahead; summer: two.
        (utc(date(2026, 3, 2), 7, 59), false),
        (utc(date(2026, 3, 2), 8, 0), true),
        (utc(date(2026, 3, 2), 15, 59), true),
        (utc(date(2026, 3, 2), 16, 0), false),
        (utc(date(2026, 7, 6), 7, 0), true),
        // Saturday night runs into Sunday, and no further.
        (utc(date(2026, 3, 7), 22, 0), true),
        (utc(date(2026, 3, 8), 0, 59), true),
        (utc(date(2026, 3, 8), 1, 0), false),
        // Holidays replace their day.
        (utc(date(2026, 12, 24), 10, 30), true),
        (utc(date(2026, 12, 24), 12, 0), false),
        (utc(date(2026, 12, 25), 10, 0), false),
    ] {
        assert_eq!(hours.open_at(at), open, "{at:?}");
    }
}

#[test]
fn next_opening_skips_closed_days() {
    let hours = berlin();
    let now = utc(date(2026, 3, 2), 10, 0);
    assert_eq!(hours.next_open(now), Some(now));
    // After hours on Christmas Eve: the 25th is closed, the 26th is a Saturday.
    assert_eq!(hours.next_open(utc(date(2026, 12, 24), 12, 0)), Some(utc(date(2026, 12, 26), 21, 0)));
    // Across the change to summer time the wall clock counts: Sunday to Monday, 29 to 30 March.
    assert_eq!(hours.next_open(utc(date(2026, 3, 29), 12, 0)), Some(utc(date(2026, 3, 30), 7, 0)));
    let never = Hours::new(TimeZone::UTC, Default::default(), BTreeMap::new(), BTreeMap::new());
    assert_eq!(never.next_open(now), None);
}

#[test]
fn holidays_have_names_and_dates_go_before_years() {
    let hours = berlin();
    assert_eq!(hours.holiday(utc(date(2026, 12, 24), 10, 30)), Some("Eve"));
    assert_eq!(hours.holiday(utc(date(2027, 12, 24), 10, 30)), Some("never seen"));
    // By the local calendar: in Berlin it is New Year an hour earlier.
    assert_eq!(hours.holiday(utc(date(2026, 12, 31), 22, 59)), None);
    assert_eq!(hours.holiday(utc(date(2026, 12, 31), 23, 0)), Some("New Year"));
    assert!(!hours.open_at(utc(date(2027, 1, 1), 10, 0)), "a Friday");
}
