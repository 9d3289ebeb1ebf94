//! `GET /supervision?day=&who=&kind=`: one day, the newest first.

use super::log::{Entry, KINDS, What, entries};
use crate::auth::Supervisor;
use crate::desk::fact::WatchEnd;
use crate::desk::id::{AgentId, At};
use crate::desk::input::WantedStatus;
use crate::store::supervision;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::phrase::status_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::wallboard::board::{move_text, until};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Acts that are read of one day.
const MOST: u32 = 5_000;
/// A supervisor's part in a call that began on the day may end on the next, ms.
const LATER_MS: i64 = 12 * 3_600_000;

#[derive(Deserialize)]
pub struct Asked {
    /// `2026-11-21`; empty for today.
    #[serde(default)]
    day: String,
    /// Somebody who did something, or to whom it was done.
    #[serde(default)]
    who: String,
    #[serde(default)]
    kind: String,
}

/// One choice of a list: value, text, whether it is chosen.
type Choice = (String, String, bool);

struct Line {
    time: String,
    by: String,
    glyph: &'static str,
    what: String,
    to: Option<String>,
    call: Option<(String, String)>,
    lasted: Option<String>,
    /// Goes on at this moment.
    on: bool,
    end: Option<String>,
}

/// `templates/supervision/list.html`
#[derive(Template)]
#[template(path = "supervision/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    title: String,
    day: String,
    before: String,
    /// `None` on the last day there can be.
    after: Option<String>,
    who: Vec<Choice>,
    kinds: Vec<Choice>,
    lines: Vec<Line>,
    /// Some are left out by the filter.
    filtered: bool,
}

pub async fn list(Supervisor(_): Supervisor, reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let today = Timestamp::from_millisecond(say.now.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(say.zone.clone()).date();
    let day = if asked.day.is_empty() { today } else { asked.day.parse().map_err(|_| WebError::Bad("day"))? };
    let (from, to) = bounds(day, &say.zone).ok_or(WebError::Bad("day"))?;
    let acts = supervision::between(&reader.state.store, from, to.after(LATER_MS), MOST).await?;
    let all: Vec<Entry> = entries(acts).into_iter().filter(|entry| entry.at < to).collect();
    let of = |entry: &Entry| asked.who.is_empty() || [&entry.by, &entry.to].into_iter().flatten().any(|who| who.as_str() == asked.who);
    let fits = |entry: &&Entry| of(entry) && (asked.kind.is_empty() || entry.what.kind() == asked.kind);
    let mut who: BTreeSet<&AgentId> = all.iter().flat_map(|entry| [&entry.by, &entry.to]).flatten().collect();
    let chosen = AgentId::from(asked.who.as_str());
    who.extend((!asked.who.is_empty()).then_some(&chosen));
    let who = who.into_iter().map(|id| (id.to_string(), say.agent_name(id), *id == chosen)).collect();
    let kinds = KINDS.iter().map(|kind| ((*kind).to_owned(), say.t(format!("supervision.kind.{kind}")), asked.kind == *kind)).collect();
    let lines: Vec<Line> = all.iter().filter(fits).rev().map(|entry| line(&reader, &say, entry)).collect();
    let (filtered, title) = (lines.len() < all.len(), say.day(from));
    let before = day.yesterday().unwrap_or(day).to_string();
    let after = day.tomorrow().ok().filter(|next| *next <= today).map(|next| next.to_string());
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, title, day: day.to_string(), before, after, who, kinds, lines, filtered, page: reader.page }))
}

/// From this midnight to the next.
fn bounds(day: Date, zone: &TimeZone) -> Option<(At, At)> {
    let midnight = |day: Date| Some(At(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()));
    Some((midnight(day)?, midnight(day.tomorrow().ok()?)?))
}

fn line(reader: &Reader, say: &Say, entry: &Entry) -> Line {
    let watched = matches!(entry.what, What::Watched { .. });
    let on = watched
        && entry.lasted.is_none()
        && entry.end.is_none()
        && entry.call.as_ref().is_some_and(|(call, _)| is_in(reader, *call, entry));
    Line {
        time: say.clock(entry.at),
        by: entry.by.as_ref().map_or_else(|| say.t("supervision.clock"), |by| say.agent_name(by)),
        glyph: glyph(&entry.what),
        what: what(say, &entry.what),
        to: entry.to.as_ref().map(|to| say.agent_name(to)),
        call: entry.call.as_ref().map(|(id, customer)| (format!("/inbox/call/{id}"), customer.clone())),
        lasted: entry.lasted.map(|ms| if watched { say.span(ms) } else { say.duration(ms) }),
        on,
        end: entry.end.filter(|end| *end != WatchEnd::TookOver).map(|end| say.t(end_key(end))),
    }
}

/// Whether this supervisor is in the call now.
fn is_in(reader: &Reader, call: crate::desk::id::CallId, entry: &Entry) -> bool {
    reader.floor.watches.iter().any(|watch| watch.call == call && Some(&watch.by) == entry.by.as_ref())
}

fn glyph(what: &What) -> &'static str {
    match what.kind() {
        "listen" => "headphones",
        "take_over" => "takeover",
        kind @ ("whisper" | "barge") => kind,
        "move" => "transfer",
        "status" => "user",
        _ => "board",
    }
}

fn what(say: &Say, what: &What) -> String {
    let overlay =
        |id: &crate::desk::id::OverlayId| say.catalog.overlays.get(id).map_or_else(|| id.to_string(), |overlay| overlay.name.clone());
    match what {
        What::Watched { announced, .. } => {
            let did = say.t(format!("supervision.did.{}", what.kind()));
            if *announced { did } else { say.with("supervision.silently", &[("what", &did)]) }
        }
        What::Status(wanted) => {
            let status = match wanted {
                WantedStatus::Available => status_text(say, crate::desk::fact::StatusName::Available),
                WantedStatus::Busy => status_text(say, crate::desk::fact::StatusName::Busy),
                WantedStatus::Break { .. } => status_text(say, crate::desk::fact::StatusName::Break),
                WantedStatus::Offline => status_text(say, crate::desk::fact::StatusName::Offline),
            };
            say.with("supervision.did.status", &[("status", &status)])
        }
        What::Takes { medium, on } => {
            let key = if *on { "supervision.did.takes_again" } else { "supervision.did.takes_none" };
            say.with(key, &[("what", &say.t(format!("wallboard.none.{}", medium.word())))])
        }
        What::Moved { change, until: at } => {
            say.with("supervision.did.move", &[("what", &move_text(say, change)), ("time", &until(say, *at))])
        }
        What::MoveEnded(change) => say.with("supervision.did.move_end", &[("what", &move_text(say, change))]),
        What::On { overlay: id, until: None } => say.with("supervision.did.on", &[("overlay", &overlay(id))]),
        What::On { overlay: id, until: Some(at) } => {
            say.with("supervision.did.on_until", &[("overlay", &overlay(id)), ("time", &until(say, *at))])
        }
        What::Off(id) => say.with("supervision.did.off", &[("overlay", &overlay(id))]),
    }
}

fn end_key(end: WatchEnd) -> &'static str {
    match end {
        WatchEnd::Left => "supervision.end.left",
        WatchEnd::TookOver => "supervision.end.took_over",
        WatchEnd::CallEnded => "supervision.end.call_ended",
        WatchEnd::NobodyTalks => "supervision.end.nobody_talks",
        WatchEnd::Lost => "supervision.end.lost",
        WatchEnd::Failed => "supervision.end.failed",
        WatchEnd::NoLongerAllowed => "supervision.end.no_longer_allowed",
    }
}
