//! `GET /tickets/{id}`: the ticket's story on the line, its fields on the right, comments beneath.

use super::fields::{FieldView, fields};
use super::list::{Due, due};
use super::phrase::{clock_text, department_text, kind_spec, kind_text};
use super::{time, trail};
use crate::desk::fact::ClockKind;
use crate::desk::id::{AgentId, TicketId, Work};
use crate::desk::input::TicketState;
use crate::store::forms;
use crate::store::tickets::{self, ClockRow, Ticket, TicketRow, ToldRow};
use crate::store::viewer::Role;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::{self, ticket_line, work_link};
use crate::web::inbox::phrase::state_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render;
use crate::web::inbox::say::{Html, Piece, Say, capital};
use crate::web::inbox::view::{TicketLine, Timeline};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;

/// One thing that was promised.
struct Clock {
    name: String,
    /// `good`, `warn`, `bad` or nothing.
    tone: &'static str,
    glyph: &'static str,
    text: String,
    /// Counts down to this moment.
    until: Option<i64>,
}

/// One point of the checklist.
struct Item {
    place: usize,
    text: String,
    done: bool,
    by: String,
}

/// One other ticket.
struct Other {
    id: u64,
    subject: String,
    state: String,
    person: String,
}

struct File {
    id: u64,
    name: String,
    size: String,
}

/// What the customer was told.
struct Told {
    channel: String,
    text: String,
    bad: bool,
}

/// Something to choose: value, words, chosen.
type Choices = Vec<(String, String, bool)>;

/// `templates/tickets/show.html`
#[derive(Template)]
#[template(path = "tickets/show.html")]
struct TicketPage {
    page: Page,
    frame: Frame,
    ticket: TicketLine,
    person: u64,
    state: String,
    /// `new`, `open`, … for which buttons stand above.
    word: &'static str,
    opened: String,
    department: Option<String>,
    kind: Option<String>,
    due: Option<Due>,
    trail: Html,
    states: Choices,
    agents: Choices,
    departments: Choices,
    kinds: Choices,
    priorities: Vec<(u8, String, bool)>,
    fields: Vec<FieldView>,
    due_field: String,
    clocks: Vec<Clock>,
    items: Vec<Item>,
    /// `asked`, `granted`, `denied` or nothing.
    approval: String,
    may_approve: bool,
    links: Vec<(String, String, String, String)>,
    files: Vec<File>,
    watchers: Vec<String>,
    watching: bool,
    parent: Option<u64>,
    follows: Option<u64>,
    merged_into: Option<u64>,
    children: Vec<Other>,
    open_children: usize,
    related: Vec<Other>,
    told: Vec<Told>,
    quiet: bool,
    forms: Vec<Html>,
    panel: Html,
}

pub async fn show(reader: Reader, Path(id): Path<u64>) -> Result<Response, WebError> {
    let say = reader.say();
    // Ids that no row can have are not even looked up.
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    let whole = tickets::get(&reader.state.store, TicketId(id)).await?.ok_or(WebError::NotFound)?;
    let panel = load::panel(&reader, whole.ticket.person).await?.unwrap_or_default();
    let mut kept = Vec::new();
    for form in forms::of_ticket(&reader.state.store, &reader.viewer, whole.ticket.id).await? {
        kept.push(render::form(&say, &load::form_box(&reader, &say, form).await?));
    }
    let frame = Frame::load(&reader).await?;
    Ok(html(&made(&reader, &say, whole, frame, kept, render::person(&say, &panel))))
}

fn made(reader: &Reader, say: &Say, whole: Ticket, frame: Frame, forms: Vec<Html>, panel: Html) -> TicketPage {
    let Ticket { ticket, trail, links, fields: values, watchers, items, files, clocks, related, children, told } = whole;
    let entries = trail.iter().filter_map(|row| trail::entry(say, row)).collect();
    let timeline = Timeline { person: None, events: render::place(say, entries, None), older: None };
    let rules = &reader.catalog().tickets;
    let team = ticket.department.as_ref().and_then(|id| rules.departments.get(id)).map(|department| &department.agents);
    let mut agents: Vec<_> = reader.catalog().agents.values().filter(|agent| !agent.always_available).collect();
    // Whoever works in its department comes first.
    agents.sort_by_key(|agent| (!team.is_some_and(|team| team.contains(&agent.id)), agent.name.clone()));
    let spec = kind_spec(say, ticket.kind.as_ref());
    let approvers = spec.and_then(|spec| spec.approval.as_ref());
    let supervises = reader.viewer.role >= Role::Supervisor;
    let may_approve = approvers.is_some_and(|spec| if spec.by.is_empty() { supervises } else { spec.by.contains(reader.me()) });
    let words = [(1, "desk.ticket.urgent"), (2, "desk.ticket.high"), (3, "desk.ticket.normal"), (4, "desk.ticket.low")];
    TicketPage {
        ticket: ticket_line(say, &ticket),
        person: ticket.person.0,
        state: capital(&state_text(say, ticket.state)),
        word: ticket.state.word(),
        opened: say.when(ticket.opened_at),
        department: ticket.department.as_ref().map(|department| department_text(say, department)),
        kind: ticket.kind.as_ref().map(|kind| kind_text(say, kind)),
        due: due(say, &ticket),
        trail: render::timeline(say, &timeline),
        states: states(say, ticket.state),
        agents: agents
            .into_iter()
            .map(|agent| (agent.id.to_string(), agent.name.clone(), ticket.assignee.as_ref() == Some(&agent.id)))
            .collect(),
        departments: rules
            .departments
            .keys()
            .map(|id| (id.to_string(), department_text(say, id), ticket.department.as_ref() == Some(id)))
            .collect(),
        kinds: rules.kinds.keys().map(|id| (id.to_string(), kind_text(say, id), ticket.kind.as_ref() == Some(id))).collect(),
        priorities: words.into_iter().map(|(p, key)| (p, say.t(key), p == ticket.priority)).collect(),
        fields: fields(say, ticket.kind.as_ref(), &values),
        due_field: clocks
            .iter()
            .find(|clock| clock.clock == ClockKind::Due)
            .and_then(|clock| clock.until)
            .map(|at| time::write(at, &rules.zone))
            .unwrap_or_default(),
        clocks: clocks.iter().map(|row| clock(say, row)).collect(),
        items: items
            .into_iter()
            .enumerate()
            .map(|(place, item)| Item {
                place,
                text: item.text,
                done: item.done.is_some(),
                by: item.done.map(|(by, at)| done_by(say, by.as_ref(), say.when(at))).unwrap_or_default(),
            })
            .collect(),
        approval: ticket.approval.clone().unwrap_or_default(),
        may_approve,
        links: links.iter().map(|(work, at)| link(say, work, say.when(*at))).collect(),
        files: files.into_iter().map(|file| File { id: file.id.0, name: file.name, size: size(file.bytes) }).collect(),
        watching: watchers.contains(reader.me()),
        watchers: watchers.iter().map(|agent| say.agent(agent)).collect(),
        parent: ticket.parent.map(|id| id.0),
        follows: ticket.follows.map(|id| id.0),
        merged_into: ticket.merged_into.map(|id| id.0),
        open_children: children.iter().filter(|child| child.state.is_open()).count(),
        children: children.iter().map(|row| other(say, row)).collect(),
        related: related.iter().map(|row| other(say, row)).collect(),
        told: told.iter().map(|row| self::told(reader, say, row)).collect(),
        quiet: ticket.quiet,
        forms,
        panel,
        frame,
        page: reader.page.clone(),
    }
}

/// The states that it may go to, and the one that it has.
fn states(say: &Say, now: TicketState) -> Choices {
    use TicketState::*;
    let next: &[TicketState] = match now {
        New => &[New, Open, Pending, Resolved, Closed],
        Assigned => &[Assigned, Open, Pending, Resolved, Closed],
        Reopened => &[Reopened, Open, Pending, Resolved, Closed],
        Open => &[Open, Pending, Resolved, Closed],
        Pending => &[Pending, Open, Resolved, Closed],
        Resolved => &[Resolved, Reopened, Closed],
        Closed => &[Closed],
    };
    next.iter().map(|state| (state.word().to_owned(), capital(&state_text(say, *state)), *state == now)).collect()
}

fn clock(say: &Say, row: &ClockRow) -> Clock {
    let when = row.until.map(|at| say.when(at)).unwrap_or_default();
    let (tone, glyph, text, until) = match row.state.as_str() {
        "runs" => ("", "clock", when, row.until),
        "at_risk" => ("warn", "clock", when, row.until),
        "late" => ("bad", "alert", say.with("ticket.late_since", &[("time", &when)]), None),
        "paused" => ("", "pause", say.t("ticket.paused"), None),
        _ if row.late => ("bad", "check", say.t("ticket.met_late"), None),
        _ => ("good", "check", say.t("ticket.met"), None),
    };
    Clock { name: clock_text(say, row.clock), tone, glyph, text, until: until.map(|at| at.0) }
}

fn done_by(say: &Say, by: Option<&AgentId>, when: String) -> String {
    let by = by.map_or_else(|| say.t("desk.system"), |by| say.agent(by));
    format!("{by} · {when}")
}

fn other(say: &Say, row: &TicketRow) -> Other {
    Other { id: row.id.0, subject: row.subject.clone(), state: capital(&state_text(say, row.state)), person: row.person_name.clone() }
}

fn told(reader: &Reader, say: &Say, row: &ToldRow) -> Told {
    let kind = row.channel.as_ref().and_then(|id| reader.catalog().channels.get(id)).map(|spec| spec.kind.clone());
    let channel = kind.map_or_else(|| say.t("ticket.told.nowhere"), |kind| say.channel(&kind));
    let (state, bad) = match (row.state.as_str(), row.delivery.as_deref()) {
        ("sent", Some("failed")) | ("refused", _) => ("refused", true),
        ("sent", Some("delivered" | "read")) => ("arrived", false),
        ("sent", _) => ("sent", false),
        _ => ("waits", false),
    };
    let why = row.why.as_deref().filter(|_| row.state == "refused").map(|why| say.t(format!("ticket.told.{why}")));
    let text = [Some(say.t(format!("ticket.told.{state}"))), why, Some(say.when(row.at))].into_iter().flatten();
    Told { channel, text: text.collect::<Vec<_>>().join(" · "), bad }
}

fn link(say: &Say, work: &Work, when: String) -> (String, String, String, String) {
    let (glyph, value) = match work {
        Work::Call(id) => ("phone", format!("call/{id}")),
        Work::Conversation(id) => ("webchat", format!("conversation/{id}")),
        Work::Callback(_) => ("callback", String::new()),
    };
    match work_link(say, work) {
        Piece::Link { href, text } => (glyph.into(), href, format!("{text} · {when}"), value),
        _ => (glyph.into(), String::new(), when, value),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}
