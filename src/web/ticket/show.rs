//! `GET /ticket/{token}`: number, subject and states. Changes nothing, because mail and chat programs open links too.

use super::opened;
use crate::desk::id::At;
use crate::desk::input::TicketState;
use crate::store::tickets::Shown;
use crate::web::client::ClientIp;
use crate::web::customer::{Lang, Limit, No, Page};
use crate::web::{WebState, html};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Where {
    #[serde(default)]
    pub lang: Lang,
    /// The customer has just said that it is not solved.
    #[serde(default)]
    pub said: bool,
}

/// What the page says.
enum Say {
    State,
    /// The heading that says why.
    Nothing(&'static str),
}

/// One state that it has had.
struct Step {
    text: String,
    when: String,
    /// `done`, `now` or `waits` for the customer.
    tone: &'static str,
}

/// `templates/ticket/show.html`
#[derive(Template)]
#[template(path = "ticket/show.html")]
struct StatusPage {
    page: Page,
    token: String,
    say: Say,
    number: u64,
    subject: String,
    state: String,
    tone: &'static str,
    changed: String,
    steps: Vec<Step>,
    approval: Option<String>,
    resolved: bool,
    said: bool,
}

pub async fn show(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
) -> Response {
    let found = opened(&state, &limit, from, &token).await.map(|(_, shown)| shown);
    draw(&state, &headers, token, &place, found)
}

/// The page for whatever a link has opened, in the language that was chosen on it, else the customer's own.
pub(super) fn draw(state: &WebState, headers: &HeaderMap, token: String, place: &Where, found: Result<Shown, No>) -> Response {
    let theirs = found.as_ref().ok().and_then(|shown| shown.language.as_deref());
    let head = Page::new(state, headers, &place.lang, theirs);
    let mut page = StatusPage {
        page: head.in_each(state, |code| format!("/ticket/{token}?lang={code}")),
        token,
        say: Say::State,
        number: 0,
        subject: String::new(),
        state: String::new(),
        tone: "now",
        changed: String::new(),
        steps: Vec::new(),
        approval: None,
        resolved: false,
        said: place.said,
    };
    let status = match found {
        Ok(shown) => {
            fill(state, &mut page, shown);
            StatusCode::OK
        }
        Err(no) => {
            page.say = Say::Nothing(no.key("status.gone"));
            no.status()
        }
    };
    (status, html(&page)).into_response()
}

fn fill(state: &WebState, page: &mut StatusPage, shown: Shown) {
    let loaded = state.config.load();
    let rules = &loaded.catalog.tickets;
    let now = state.clock.now();
    let zone = TimeZone::get(loaded.config.site.timezone.as_ref()).unwrap_or(TimeZone::UTC);
    let moment = |at: At| format!("{} {}", page.page.locale.day(at, now, &zone), page.page.locale.time(at, &zone));
    let name = |state: TicketState| {
        let name = rules.state_name(state, page.page.locale.code());
        let mut letters = name.chars();
        letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
    };
    let Shown { ticket, steps, .. } = shown;
    let states: Vec<(At, TicketState)> = std::iter::once((ticket.opened_at, TicketState::New)).chain(steps).collect();
    let last = states.len().saturating_sub(1);
    page.steps = states
        .iter()
        .enumerate()
        .map(|(place, (at, state))| Step { text: name(*state), when: moment(*at), tone: if place == last { tone(*state) } else { "done" } })
        .rev()
        .collect();
    page.number = ticket.id.0;
    page.state = name(ticket.state);
    page.tone = tone(ticket.state);
    page.changed = states.last().map(|(at, _)| moment(*at)).unwrap_or_default();
    page.resolved = ticket.state == TicketState::Resolved;
    page.approval = ticket.approval.as_deref().map(|state| page.page.locale.t(&format!("status.approval_{state}")).to_owned());
    page.subject = ticket.subject;
}

fn tone(state: TicketState) -> &'static str {
    match state {
        TicketState::Resolved | TicketState::Closed => "done",
        TicketState::Pending => "waits",
        TicketState::New | TicketState::Assigned | TicketState::Open | TicketState::Reopened => "now",
    }
}
