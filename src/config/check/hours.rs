//! Opening hours: days, times and dates as people write them.

use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Name;
use crate::desk::hours::Span;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    for hours in &config.hours {
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
        for (key, day) in &hours.holidays {
            if key.get_ref().parse::<jiff::civil::Date>().is_err() {
                findings.error(key.span(), format!("`{key}` is not a date")).help("write it as year-month-day: \"2026-12-25\"");
            }
            times(&day.open, findings);
        }
    }
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
