//! Opening hours: days, times and dates as people write them.

use super::Names;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Name;
use crate::desk::config::HolidaySection;
use crate::desk::hours::Span;
use jiff::civil::Date;
use std::collections::BTreeMap;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    for list in &config.holiday_lists {
        holidays(&list.days, findings);
    }
    for hours in &config.hours {
        for list in &hours.holiday_lists {
            findings.refer(list, &names.holiday_lists);
        }
        if let Some(timezone) = &hours.timezone {
            super::machine::timezone(timezone, findings);
        }
        if hours.week.is_empty() {
            findings
                .warning(hours.id.span(), format!("hours `{}` are never open", hours.id))
                .help("[hours.week] \"mon-fri\" = [\"09:00-17:00\"]");
        }
        let mut taken: [Option<std::ops::Range<usize>>; 7] = Default::default();
        for (key, times) in &hours.week {
            let Some(days) = days(key.get_ref()) else {
                let help = "write a day, a range or a list: mon, mon-fri, \"sat,sun\"; days are mon tue wed thu fri sat sun";
                findings.error(key.span(), format!("`{key}` is not a day of the week")).help(help);
                continue;
            };
            for day in days {
                if taken[day].replace(key.span()).is_some() {
                    findings.error(key.span(), format!("{} is given twice in hours `{}`", DAYS[day], hours.id));
                }
            }
            self::times(times, findings);
        }
        holidays(&hours.holidays, findings);
    }
}

fn holidays(holidays: &BTreeMap<Name, HolidaySection>, findings: &mut Findings<'_>) {
    for (key, day) in holidays {
        if holiday_days(key.get_ref()).is_none() {
            findings
                .error(key.span(), format!("`{key}` is not a date"))
                .help("write it as year-month-day: \"2026-12-25\"; for several days \"2026-10-01..2026-10-07\", for every year \"12-25\"");
        }
        if day.name.trim().is_empty() {
            findings.error(key.span(), "a holiday has a name").help("{ name = \"…\", open = [\"09:00-12:00\"] }");
        }
        times(&day.open, findings);
    }
}

/// What a holiday's key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) enum Days {
    /// One date or several in a row.
    Dates(Vec<Date>),
    /// Month and day of every year.
    Yearly(i8, i8),
}

/// `2026-12-25`, `2026-10-01..2026-10-07` (at most 60 days) or `12-25`.
pub(in crate::config) fn holiday_days(text: &str) -> Option<Days> {
    let date = |text: &str| text.trim().parse::<Date>().ok();
    if let Some((first, last)) = text.split_once("..") {
        let (first, last) = (date(first)?, date(last)?);
        let days: Vec<Date> = first.series(jiff::Span::new().days(1)).take(61).take_while(|day| *day <= last).collect();
        return (!days.is_empty() && days.len() <= 60).then_some(Days::Dates(days));
    }
    if let Some((month, day)) = text.split_once('-').filter(|_| text.len() == 5) {
        let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year, so that every day of any year is one.
        return Date::new(2024, month, day).is_ok().then_some(Days::Yearly(month, day));
    }
    Some(Days::Dates(vec![date(text)?]))
}

fn times(times: &[Name], findings: &mut Findings<'_>) {
    let mut last: Option<Span> = None;
    for time in times {
        let Some(span) = day_span(time.get_ref()) else {
            findings
                .error(time.span(), format!("`{time}` is not a time of day"))
                .help("write it as \"09:00-17:30\"; 24:00 is the end of the day");
            continue;
        };
        if last.is_some_and(|last| span.from < last.to || last.to <= last.from) {
            findings.error(time.span(), "times of a day must follow each other without overlapping");
        }
        last = Some(span);
    }
}

/// `mon`, `mon-fri`, `fri-mon` or `sat,sun` as numbers from Monday = 0.
pub(in crate::config) fn days(text: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name.trim().to_ascii_lowercase());
    let mut days = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (day(first)?, day(last)?);
                days.extend((0..=(last + 7 - first) % 7).map(|step| (first + step) % 7));
            }
            None => days.push(day(part)?),
        }
    }
    Some(days)
}

/// `09:00-17:30` in minutes of the day.
fn day_span(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from < 24 * 60 && to > 0 && from != to).then_some(Span { from, to })
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && (hour < 24 || (hour == 24 && minute == 0))).then_some(hour * 60 + minute)
}

/// All that can be read of a day's times; what cannot has been reported.
pub(in crate::config) fn spans(times: &[Name]) -> Vec<Span> {
    times.iter().filter_map(|time| day_span(time.get_ref())).collect()
}
