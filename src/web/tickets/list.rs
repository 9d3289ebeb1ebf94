//! `GET /tickets`: `?show=mine|unassigned|watched|pressing|unresolved|all`, `?state=`, `?department=`, `?kind=`, `?assignee=`; the last
//! changed first, the pressing ones by when something is due.

use super::phrase::{department_text, kind_text};
use crate::desk::id::{AgentId, At, DepartmentId, TicketId, TicketKind};
use crate::desk::input::TicketState;
use crate::store::tickets::{self, Filter, TicketRow};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::ticket_line;
use crate::web::inbox::phrase::state_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::{Say, capital};
use crate::web::inbox::view::TicketLine;
use crate::web::work::empty_is_none;
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
    #[serde(default, deserialize_with = "empty_is_none")]
    state: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    department: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    assignee: Option<String>,
    before: Option<String>,
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
    lines: Vec<Line>,
    more: Option<String>,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let state = asked.state.as_deref().map(|word| TicketState::of(word).ok_or(WebError::Bad("state"))).transpose()?;
    let chosen = asked.assignee.as_deref().map(AgentId::from);
    let assignee = if asked.show == Show::Mine { Some(reader.me().clone()) } else { chosen };
    let department = asked.department.as_deref().map(DepartmentId::from);
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
            kind: asked.kind.as_deref().map(TicketKind::from),
            watcher: (asked.show == Show::Watched).then(|| reader.me().clone()),
        };
        tickets::list(store, filter, before, PAGE).await?
    };
    let (_, show, _) = Show::EACH.into_iter().find(|(each, _, _)| *each == asked.show).unwrap_or(Show::EACH[0]);
    let full = rows.len() >= PAGE as usize;
    let last = |row: &TicketRow| if asked.show == Show::Pressing { row.promised_at.unwrap_or_default() } else { row.changed_at };
    let more = rows.last().filter(|_| full).map(|row| format!("/tickets?{}&before={}.{}", asked.kept(show), last(row).0, row.id));
    let lines = rows.iter().map(|row| line(&say, row)).collect();
    let tabs = Show::EACH.into_iter().map(|(each, value, key)| Tab { value, text: say.t(key), here: each == asked.show }).collect();
    let rules = &reader.catalog().tickets;
    let is = |chosen: &Option<String>, id: &str| chosen.as_deref() == Some(id);
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage {
        states: TicketState::ALL
            .map(|each| (each.word().to_owned(), capital(&state_text(&say, each)), state == Some(each)))
            .into_iter()
            .collect(),
        departments: rules
            .departments
            .keys()
            .map(|id| (id.to_string(), department_text(&say, id), is(&asked.department, id.as_str())))
            .collect(),
        kinds: rules.kinds.keys().map(|id| (id.to_string(), kind_text(&say, id), is(&asked.kind, id.as_str()))).collect(),
        agents: reader
            .catalog()
            .agents
            .values()
            .filter(|agent| !agent.always_available)
            .map(|agent| (agent.id.to_string(), agent.name.clone(), is(&asked.assignee, agent.id.as_str())))
            .collect(),
        filtered: asked.state.is_some() || asked.department.is_some() || asked.kind.is_some() || asked.assignee.is_some(),
        frame,
        tabs,
        show,
        lines,
        more,
        page: reader.page,
    }))
}

impl Asked {
    /// The same list again.
    fn kept(&self, show: &str) -> String {
        let each = [("state", &self.state), ("department", &self.department), ("kind", &self.kind), ("assignee", &self.assignee)];
        let plain = |value: &str| value.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect::<String>();
        let kept = each.into_iter().filter_map(|(name, value)| Some(format!("&{name}={}", plain(value.as_deref()?))));
        format!("show={show}{}", kept.collect::<String>())
    }
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
