//! `GET /tickets`: `?show=mine|unassigned|unresolved|all`, `?state=`, the last changed first.

use crate::desk::id::{At, TicketId};
use crate::desk::input::TicketState;
use crate::store::tickets::{self, Filter};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::ticket_line;
use crate::web::inbox::phrase::state_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::capital;
use crate::web::inbox::view::TicketLine;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

const PAGE: u32 = 50;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: Show,
    state: Option<TicketState>,
    before: Option<String>,
}

/// Which tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    Mine,
    Unassigned,
    #[default]
    Unresolved,
    All,
}

impl Show {
    const EACH: [(Show, &'static str, &'static str); 4] = [
        (Show::Unresolved, "unresolved", "desk.ticket.unresolved"),
        (Show::Mine, "mine", "desk.ticket.mine"),
        (Show::Unassigned, "unassigned", "desk.ticket.unassigned_filter"),
        (Show::All, "all", "desk.ticket.all"),
    ];
}

/// One tab over the list.
struct Tab {
    value: &'static str,
    text: String,
    here: bool,
}

/// One line with everything phrased.
struct Line {
    ticket: TicketLine,
    state: String,
    updated: String,
}

/// `templates/tickets/list.html`
#[derive(Template)]
#[template(path = "tickets/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    tabs: Vec<Tab>,
    show: &'static str,
    states: Vec<(&'static str, String, bool)>,
    lines: Vec<Line>,
    more: Option<String>,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let filter = Filter {
        state: asked.state,
        assignee: (asked.show == Show::Mine).then(|| reader.me().clone()),
        unassigned: asked.show == Show::Unassigned,
        open: asked.state.is_none() && asked.show != Show::All,
        person: None,
    };
    let before = asked.before.as_deref().map(cursor).transpose()?;
    let rows = tickets::list(&reader.state.store, filter, before, PAGE).await?;
    let (_, show, _) = Show::EACH.into_iter().find(|(each, _, _)| *each == asked.show).unwrap_or(Show::EACH[0]);
    let full = rows.len() >= PAGE as usize;
    let more = rows.last().filter(|_| full).map(|row| format!("/tickets?show={show}&before={}.{}", row.changed_at.0, row.id));
    let lines = rows
        .iter()
        .map(|row| Line { ticket: ticket_line(&say, row), state: capital(&state_text(&say, row.state)), updated: say.when(row.changed_at) })
        .collect();
    let tabs = Show::EACH.into_iter().map(|(each, value, key)| Tab { value, text: say.t(key), here: each == asked.show }).collect();
    let states = states().map(|(state, value)| (value, capital(&state_text(&say, state)), asked.state == Some(state))).collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, tabs, show, states, lines, more, page: reader.page }))
}

/// Every state with its word in addresses and forms.
pub(super) fn states() -> impl Iterator<Item = (TicketState, &'static str)> {
    [
        (TicketState::New, "new"),
        (TicketState::Open, "open"),
        (TicketState::Pending, "pending"),
        (TicketState::Resolved, "resolved"),
        (TicketState::Closed, "closed"),
    ]
    .into_iter()
}

fn cursor(text: &str) -> Result<(At, TicketId), WebError> {
    let wrong = || WebError::Bad("before");
    let (at, id) = text.split_once('.').ok_or_else(wrong)?;
    Ok((At(at.parse().map_err(|_| wrong())?), TicketId(id.parse().map_err(|_| wrong())?)))
}
