//! Times, durations and numbers as each language writes them. Times are shown in the site's zone; numbers keep a space before
//! their unit. The strftime patterns stand in the language files under `format`.

use super::Locale;
use crate::desk::id::At;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

fn zoned(at: At, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

impl Locale {
    fn strftime(&self, key: &str, when: &Zoned) -> String {
        let text = when.strftime(self.t(key)).to_string();
        // Weekday and month names come from the language file, jiff has English ones only.
        match key {
            "format.day" | "format.date" | "format.day_short" | "format.date_short" => text
                .replace("<weekday>", self.t(WEEKDAYS[when.weekday().to_sunday_zero_offset() as usize % 7]))
                .replace("<month>", self.t(MONTHS[(when.month() as usize).saturating_sub(1) % 12])),
            _ => text,
        }
    }

    /// `18:02`
    pub fn time(&self, at: At, zone: &TimeZone) -> String {
        self.strftime("format.time", &zoned(at, zone))
    }

    /// A day as a heading: `Today`, `Yesterday`, else `Thursday, 12 November`, with the year where it is another one.
    pub fn day(&self, at: At, now: At, zone: &TimeZone) -> String {
        let (day, today) = (zoned(at, zone), zoned(now, zone));
        if day.date() == today.date() {
            return self.t("format.today").into();
        }
        if today.date().yesterday().is_ok_and(|y| y == day.date()) {
            return self.t("format.yesterday").into();
        }
        if day.year() == today.year() { self.strftime("format.day", &day) } else { self.strftime("format.date", &day) }
    }

    /// The shortest unambiguous moment: `18:02` today, `yesterday 18:02`, `12 Nov 18:02`, with the year where it is another one.
    pub fn moment(&self, at: At, now: At, zone: &TimeZone) -> String {
        let (day, today) = (zoned(at, zone), zoned(now, zone));
        let time = self.strftime("format.time", &day);
        if day.date() == today.date() {
            return time;
        }
        let date = if today.date().yesterday().is_ok_and(|y| y == day.date()) {
            self.t("format.yesterday_short").to_owned()
        } else {
            let month = self.t(MONTHS_SHORT[(day.month() as usize).saturating_sub(1) % 12]);
            let key = if day.year() == today.year() { "format.day_short" } else { "format.date_short" };
            day.strftime(self.t(key)).to_string().replace("<month>", month)
        };
        format!("{date} {time}")
    }

    /// How long ago: `now`, `5 m`, `2 h`, `3 d`.
    pub fn ago(&self, at: At, now: At) -> String {
        let seconds = now.since(at) / 1000;
        match seconds {
            ..60 => self.t("format.now").into(),
            60..3600 => self.t1("format.minutes", "m", seconds / 60),
            3600..86_400 => self.t1("format.hours", "h", seconds / 3600),
            _ => self.t1("format.days", "d", seconds / 86_400),
        }
    }

    /// A length in words: `31 s`, `12 m`, `2 h 10 m`, `3 d 4 h`.
    pub fn duration(&self, millis: i64) -> String {
        let s = millis.max(0) / 1000;
        match s {
            ..60 => self.t1("format.seconds", "s", s),
            60..3600 => self.t1("format.minutes", "m", s / 60),
            3600..86_400 if s % 3600 < 60 => self.t1("format.hours", "h", s / 3600),
            3600..86_400 => self.t2("format.hours_minutes", "h", s / 3600, "m", s % 3600 / 60),
            _ => self.t2("format.days_hours", "d", s / 86_400, "h", s % 86_400 / 3600),
        }
    }

    /// A number with its thousands apart: `12 400`, in a no-break thin space (ISO 80000-1).
    pub fn number(&self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut out = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && digits.len() > 4 && (digits.len() - i).is_multiple_of(3) {
                out.push('\u{202f}');
            }
            out.push(c);
        }
        if value < 0 { format!("\u{2212}{out}") } else { out }
    }

    /// A file's size: `812 B`, `48 KB`, `1.2 MB`, in powers of 1,000.
    pub fn bytes(&self, bytes: u64) -> String {
        match bytes {
            ..1_000 => format!("{bytes} B"),
            1_000..1_000_000 => format!("{} KB", bytes / 1_000),
            1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
            _ => format!("{:.1} GB", bytes as f64 / 1e9),
        }
    }
}

/// A length as a clock: `0:31`, `12:05`, `1:02:03`. The same in every language.
pub fn clock(millis: i64) -> String {
    let s = millis.max(0) / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s % 3600 / 60, s % 60),
    }
}

const WEEKDAYS: [&str; 7] = [
    "format.weekday.sunday",
    "format.weekday.monday",
    "format.weekday.tuesday",
    "format.weekday.wednesday",
    "format.weekday.thursday",
    "format.weekday.friday",
    "format.weekday.saturday",
];
const MONTHS: [&str; 12] = [
    "format.month.1",
    "format.month.2",
    "format.month.3",
    "format.month.4",
    "format.month.5",
    "format.month.6",
    "format.month.7",
    "format.month.8",
    "format.month.9",
    "format.month.10",
    "format.month.11",
    "format.month.12",
];
const MONTHS_SHORT: [&str; 12] = [
    "format.mon.1",
    "format.mon.2",
    "format.mon.3",
    "format.mon.4",
    "format.mon.5",
    "format.mon.6",
    "format.mon.7",
    "format.mon.8",
    "format.mon.9",
    "format.mon.10",
    "format.mon.11",
    "format.mon.12",
];
