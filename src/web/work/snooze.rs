//! `POST /work/conversation/{id}/snooze` puts a conversation aside until a time; `…/wake` fetches it back before.

use super::command;
use crate::auth::Agent;
use crate::desk::id::{At, ConversationId};
use crate::desk::input::Command;
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde::Deserialize;

/// When work begins, on the days that are named.
const MORNING: i8 = 9;

#[derive(Deserialize)]
pub struct When {
    /// Minutes from now, `tomorrow` or `monday` (in the morning), or `at`.
    when: String,
    /// `2026-11-09T14:30` in the site's zone.
    #[serde(default)]
    at: String,
}

pub async fn snooze(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Path(id): Path<u64>,
    Form(when): Form<When>,
) -> Result<StatusCode, WebError> {
    let until = moment(&when.when, &when.at, page.now, &page.zone).ok_or(WebError::Bad("when"))?;
    command(&state, &me, Command::Snooze { conversation: ConversationId(id), until }).await
}

pub async fn wake(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Wake { conversation: ConversationId(id) }).await
}

/// What a form means by a time to come; `None` where it means none.
pub fn moment(when: &str, at: &str, now: At, zone: &TimeZone) -> Option<At> {
    let here = Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let morning = |day: Zoned| day.date().at(MORNING, 0, 0, 0).to_zoned(zone.clone()).ok();
    let zoned = match when {
        "at" => at.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?,
        "tomorrow" => morning(here.checked_add(1.day()).ok()?)?,
        "monday" => morning(here.nth_weekday(1, Weekday::Monday).ok()?)?,
        minutes => return minutes.parse::<u32>().ok().map(|minutes| now.after(i64::from(minutes) * 60_000)),
    };
    Some(At(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_site() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // Friday, 9 October 2026, 23:30 in Shanghai.
        let now = At("2026-10-09T15:30:00Z".parse::<Timestamp>().unwrap().as_millisecond());
        let said = |when: &str, at: &str| {
            moment(when, at, now, &zone).and_then(|at| Timestamp::from_millisecond(at.0).ok()).map(|at| at.to_string())
        };
        assert_eq!(said("20", "").as_deref(), Some("2026-10-09T15:50:00Z"));
        assert_eq!(said("tomorrow", "").as_deref(), Some("2026-10-10T01:00:00Z"));
        assert_eq!(said("monday", "").as_deref(), Some("2026-10-12T01:00:00Z"));
        assert_eq!(said("at", "2026-10-11T08:15").as_deref(), Some("2026-10-11T00:15:00Z"));
        for (when, at) in [("", ""), ("at", ""), ("at", "soon"), ("-5", ""), ("sunday", "")] {
            assert_eq!(said(when, at), None, "{when} {at}");
        }
    }
}
