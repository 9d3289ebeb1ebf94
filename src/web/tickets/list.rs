//! `GET /tickets`: `?show=mine|unassigned|watched|pressing|unresolved|all`, `?state=`, `?department=`, `?kind=`, `?assignee=`; the last
//! changed first, the pressing ones by when something is due. Views stand beside the tabs.

use super::phrase::{department_text, kind_text};
use crate::desk::id::{AgentId, At, DepartmentId, TicketId, TicketKind};
use crate::desk::input::TicketState;
use crate::store::tickets::{self, Filter, TicketRow};
use crate::store::views::List;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::ticket_line;
use crate::web::inbox::phrase::state_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::{Say, capital};
use crate::web::inbox::view::TicketLine;
use crate::web::knowledge::lines::address;
use crate::web::views::{Choice, choices};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::Uri;
use serde::Deserialize;

const PAGE: u32 = 50;
const ACTS: [&str; 8] = ["take", "assignee", "department", "state", "priority", "watch", "unwatch", "comment"];

/// What the address asks for; what is empty is not asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: Show,
    state: String,
    department: String,
    kind: String,
    assignee: String,
    before: Option<String>,
}

impl Asked {
    /// As it stands in an address behind the `?`, without what is not asked.
    pub fn query(&self) -> String {
        let show = if self.show == Show::default() { "" } else { self.show.word() };
        let pairs = [
            ("show", show),
            ("state", self.state.as_str()),
            ("department", &self.department),
            ("kind", &self.kind),
            ("assignee", &self.assignee),
        ];
        address("", &pairs).trim_start_matches('?').to_owned()
    }

    /// The reverse; `None` for what no list of ours asked.
    pub fn read(query: &str) -> Option<Asked> {
        let uri: Uri = format!("/tickets?{query}").parse().ok()?;
        Query::try_from_uri(&uri).ok().map(|Query(asked)| asked)
    }

    fn filtered(&self) -> bool {
        [&self.state, &self.department, &self.kind, &self.assignee].into_iter().any(|value| !value.is_empty())
    }
}

/// Which tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    Mine,
    Unassigned,
    Watched,
    /// Something is promised about them.
    Pressing,
    #[default]
    Unresolved,
    All,
}

impl Show {
    const EACH: [(Show, &'static str, &'static str); 6] = [
        (Show::Unresolved, "unresolved", "desk.ticket.unresolved"),
        (Show::Pressing, "pressing", "ticket.pressing"),
        (Show::Mine, "mine", "desk.ticket.mine"),
        (Show::Unassigned, "unassigned", "desk.ticket.unassigned_filter"),
        (Show::Watched, "watched", "ticket.watched"),
        (Show::All, "all", "desk.ticket.all"),
    ];

    fn word(self) -> &'static str {
        Show::EACH.into_iter().find(|(each, _, _)| *each == self).map_or("", |(_, word, _)| word)
    }
}

/// One tab over the list.
struct Tab {
    value: &'static str,
    text: String,
    here: bool,
}

/// What can be chosen in a filter.
type Choices = Vec<(String, String, bool)>;

/// One line with everything phrased.
struct Line {
    ticket: TicketLine,
    state: String,
    updated: String,
    kind: Option<String>,
    department: Option<String>,
    due: Option<Due>,
}

/// The next moment by which something was promised.
pub(super) struct Due {
    /// ms.
    pub at: i64,
    pub text: String,
    /// `late`, `at_risk` or nothing.
    pub risk: &'static str,
}

/// `templates/tickets/list.html`
#[derive(Template)]
#[template(path = "tickets/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    tabs: Vec<Tab>,
    show: &'static str,
    states: Choices,
    departments: Choices,
    kinds: Choices,
    agents: Choices,
    filtered: bool,
    /// What can be done to many at once.
    acts: Vec<&'static str>,
    views: Vec<Choice>,
    query: String,
    lines: Vec<Line>,
    more: Option<String>,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let state = some(&asked.state).map(|word| TicketState::of(&word).ok_or(WebError::Bad("state"))).transpose()?;
    let chosen = some(&asked.assignee).map(|id| AgentId::from(id.as_str()));
    let assignee = if asked.show == Show::Mine { Some(reader.me().clone()) } else { chosen };
    let department = some(&asked.department).map(|id| DepartmentId::from(id.as_str()));
    let before = asked.before.as_deref().map(cursor).transpose()?;
    let store = &reader.state.store;
    let rows = if asked.show == Show::Pressing {
        tickets::promised(store, assignee, department, before, PAGE).await?
    } else {
        let filter = Filter {
            state,
            assignee,
            unassigned: asked.show == Show::Unassigned,
            open: state.is_none() && asked.show != Show::All,
            person: None,
            department,
            kind: some(&asked.kind).map(|id| TicketKind::from(id.as_str())),
            watcher: (asked.show == Show::Watched).then(|| reader.me().clone()),
        };
        tickets::list(store, filter, before, PAGE).await?
    };
    let (show, query) = (asked.show.word(), asked.query());
    let full = rows.len() >= PAGE as usize;
    let last = |row: &TicketRow| if asked.show == Show::Pressing { row.promised_at.unwrap_or_default() } else { row.changed_at };
    let more = rows.last().filter(|_| full).map(|row| format!("/tickets?{query}&before={}.{}", last(row).0, row.id));
    let lines = rows.iter().map(|row| line(&say, row)).collect();
    let tabs = Show::EACH.into_iter().map(|(each, value, key)| Tab { value, text: say.t(key), here: each == asked.show }).collect();
    let rules = &reader.catalog().tickets;
    let views = choices(&reader, List::Tickets, &query).await?;
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage {
        states: TicketState::ALL
            .map(|each| (each.word().to_owned(), capital(&state_text(&say, each)), state == Some(each)))
            .into_iter()
            .collect(),
        departments: rules
            .departments
            .keys()
            .map(|id| (id.to_string(), department_text(&say, id), asked.department == id.as_str()))
            .collect(),
        kinds: rules.kinds.keys().map(|id| (id.to_string(), kind_text(&say, id), asked.kind == id.as_str())).collect(),
        agents: reader
            .catalog()
            .agents
            .values()
            .filter(|agent| !agent.always_available)
            .map(|agent| (agent.id.to_string(), agent.name.clone(), asked.assignee == agent.id.as_str()))
            .collect(),
        filtered: asked.filtered(),
        acts: ACTS.into_iter().filter(|act| *act != "department" || !rules.departments.is_empty()).collect(),
        views,
        query,
        frame,
        tabs,
        show,
        lines,
        more,
        page: reader.page,
    }))
}

fn line(say: &Say, row: &TicketRow) -> Line {
    Line {
        ticket: ticket_line(say, row),
        state: capital(&state_text(say, row.state)),
        updated: say.when(row.changed_at),
        kind: row.kind.as_ref().map(|kind| kind_text(say, kind)),
        department: row.department.as_ref().map(|department| department_text(say, department)),
        due: due(say, row),
    }
}

pub(super) fn due(say: &Say, row: &TicketRow) -> Option<Due> {
    let at = row.promised_at?;
    let risk = match row.risk.as_deref() {
        Some("late") => "late",
        Some("at_risk") => "at_risk",
        _ => "",
    };
    Some(Due { at: at.0, text: say.when(at), risk })
}

fn cursor(text: &str) -> Result<(At, TicketId), WebError> {
    let wrong = || WebError::Bad("before");
    let (at, id) = text.split_once('.').ok_or_else(wrong)?;
    Ok((At(at.parse().map_err(|_| wrong())?), TicketId(id.parse().map_err(|_| wrong())?)))
}
