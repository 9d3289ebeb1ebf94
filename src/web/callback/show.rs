//! `GET /callback/{token}`: when we call, and what may still be chosen. Changes nothing, because mail and chat programs open links too.

use super::{Times, opened};
use crate::desk::callback::number::masked;
use crate::desk::id::At;
use crate::store::callbacks::{CallbackRow, CallbackState};
use crate::web::client::ClientIp;
use crate::web::customer::{Lang, Limit, No, Page};
use crate::web::{WebState, html};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;

/// Times to choose from.
const SLOTS: usize = 48;

/// What the page says.
enum Say {
    /// Nothing is promised yet, or it may be changed: times to choose from.
    Choose { booked: Option<String> },
    /// We are calling, or the customer is on the line.
    Calling,
    /// The heading that says why.
    Nothing(&'static str),
}

/// One choice: its value in the form, and how it reads.
struct Slot {
    value: i64,
    text: String,
}

/// `templates/callback/show.html`
#[derive(Template)]
#[template(path = "callback/show.html")]
struct ShowPage {
    page: Page,
    token: String,
    number: String,
    say: Say,
    /// As soon as it is their turn: when that can be, if not at once.
    opens: Option<String>,
    wait: Option<String>,
    slots: Vec<Slot>,
    zone: String,
}

pub async fn show(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = opened(&state, &limit, from, &token).await;
    draw(&state, &headers, token, found.map(|(_, row)| row))
}

/// The page for whatever a link has opened.
pub(super) fn draw(state: &WebState, headers: &HeaderMap, token: String, found: Result<CallbackRow, No>) -> Response {
    let mut page = ShowPage {
        page: Page::new(state, headers, &Lang::default(), None),
        token,
        number: String::new(),
        say: Say::Nothing("callback.gone"),
        opens: None,
        wait: None,
        slots: Vec::new(),
        zone: String::new(),
    };
    let status = match found {
        Ok(row) => {
            fill(state, &mut page, &row);
            StatusCode::OK
        }
        Err(no) => {
            page.say = Say::Nothing(no.key("callback.gone"));
            no.status()
        }
    };
    (status, html(&page)).into_response()
}

fn fill(state: &WebState, page: &mut ShowPage, row: &CallbackRow) {
    let now = state.clock.now();
    page.number = masked(&row.number);
    page.say = match (row.closed_at, row.state) {
        (Some(_), _) => Say::Nothing("callback.over"),
        (None, CallbackState::Calling) => Say::Calling,
        (None, _) => Say::Choose { booked: None },
    };
    if !matches!(page.say, Say::Choose { .. }) {
        return;
    }
    let loaded = state.config.load();
    let house = TimeZone::get(loaded.config.site.timezone.as_ref()).unwrap_or(TimeZone::UTC);
    let zone = crate::desk::callback::number::zone(&row.number).and_then(|name| TimeZone::get(name).ok()).unwrap_or(house);
    let times = Times::of(state, row);
    let moment = |at: At| format!("{} {}", page.page.locale.day(at, now, &zone), page.page.locale.time(at, &zone));
    let booked = row.due_at.map(|at| if at <= now { page.page.locale.t("callback.turn").to_owned() } else { moment(at) });
    page.opens = times.earliest(now).filter(|at| *at > now).map(moment);
    page.slots = times.slots(now, SLOTS).into_iter().map(|at| Slot { value: at.0, text: moment(at) }).collect();
    let ahead = row.queue.as_ref().and_then(|queue| {
        let floor = state.switchboard.floor();
        floor.waiting.iter().filter(|w| w.queue == *queue).filter_map(|w| w.estimate_s).max()
    });
    page.wait = ahead.filter(|_| page.opens.is_none()).map(|s| page.page.locale.t1("callback.wait", "n", s.div_ceil(60).max(1)));
    page.zone = zone.iana_name().unwrap_or("UTC").to_owned();
    page.say = Say::Choose { booked };
}
