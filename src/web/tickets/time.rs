//! Times as a browser's own field writes them, in the house's zone.

use crate::desk::id::At;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `2026-11-21T09:30`.
pub fn read(text: &str, zone: &TimeZone) -> Option<At> {
    let time: DateTime = text.parse().ok()?;
    Some(At(time.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()))
}

pub fn write(at: At, zone: &TimeZone) -> String {
    let time = Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(zone.clone());
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}
