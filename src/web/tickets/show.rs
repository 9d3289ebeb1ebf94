//! `GET /tickets/{id}`: the ticket's story on the line, its fields on the right, comments beneath.

use super::list::states;
use crate::desk::id::{AgentId, TicketId, Work};
use crate::desk::input::{TicketChange, TicketState};
use crate::store::forms;
use crate::store::tickets::{self, Ticket, TrailRow};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::{self, ticket_line, work_link};
use crate::web::inbox::phrase::{change_pieces, state_text};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render;
use crate::web::inbox::say::{Html, Piece, Say, capital};
use crate::web::inbox::view::{Entry, TicketLine, Timeline, What};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;

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
    trail: Html,
    states: Vec<(&'static str, String, bool)>,
    agents: Vec<(String, String, bool)>,
    priorities: Vec<(u8, String, bool)>,
    links: Vec<(String, String, String)>,
    forms: Vec<Html>,
    panel: Html,
}

pub async fn show(reader: Reader, Path(id): Path<u64>) -> Result<Response, WebError> {
    let say = reader.say();
    let Ticket { ticket, trail, links } = tickets::get(&reader.state.store, TicketId(id)).await?.ok_or(WebError::NotFound)?;
    let entries = trail.iter().filter_map(|row| entry(&say, row)).collect();
    let timeline = Timeline { person: None, events: render::place(&say, entries, None), older: None };
    let agents = reader
        .catalog()
        .agents
        .values()
        .map(|agent| (agent.id.to_string(), agent.name.clone(), ticket.assignee.as_ref() == Some(&agent.id)));
    let word = states().find(|(state, _)| *state == ticket.state).map_or("new", |(_, word)| word);
    let priorities = [(1, "desk.ticket.urgent"), (2, "desk.ticket.high"), (3, "desk.ticket.normal"), (4, "desk.ticket.low")];
    let panel = load::panel(&reader, ticket.person).await?.unwrap_or_default();
    let mut kept = Vec::new();
    for form in forms::of_ticket(&reader.state.store, &reader.viewer, ticket.id).await? {
        kept.push(render::form(&say, &load::form_box(&reader, &say, form).await?));
    }
    let made = TicketPage {
        forms: kept,
        ticket: ticket_line(&say, &ticket),
        person: ticket.person.0,
        state: capital(&state_text(&say, ticket.state)),
        word,
        opened: say.when(ticket.opened_at),
        trail: render::timeline(&say, &timeline),
        states: states().map(|(state, word)| (word, capital(&state_text(&say, state)), state == ticket.state)).collect(),
        agents: agents.collect(),
        priorities: priorities.into_iter().map(|(p, key)| (p, say.t(key), p == ticket.priority)).collect(),
        links: links.iter().map(|(work, at)| link(&say, work, say.when(*at))).collect(),
        panel: render::person(&say, &panel),
        frame: Frame::load(&reader).await?,
        page: reader.page.clone(),
    };
    Ok(html(&made))
}

fn link(say: &Say, work: &Work, when: String) -> (String, String, String) {
    let glyph = match work {
        Work::Call(_) => "phone",
        Work::Conversation(_) => "webchat",
        Work::Callback(_) => "callback",
    };
    match work_link(say, work) {
        Piece::Link { href, text } => (glyph.into(), href, format!("{text} · {when}")),
        _ => (glyph.into(), String::new(), when),
    }
}

fn entry(say: &Say, row: &TrailRow) -> Option<Entry> {
    let by = capital(&row.by.as_ref().map_or_else(|| say.t("desk.system"), |by| say.agent(by)));
    let id = format!("trail-{}", row.id);
    let value = row.value.as_deref().unwrap_or_default();
    if row.field == "comment" {
        let what = What::Note { by, text: value.to_owned() };
        return Some(Entry { id, at: row.at, glyph: "note", label: say.t("desk.note"), what });
    }
    let pieces = match row.field.as_str() {
        "opened" if row.by.is_none() => say.pieces("desk.ticket.opened_auto", &[]),
        "opened" => say.pieces("desk.ticket.opened_line", &[("by", Piece::Strong(by))]),
        "linked" => say.pieces("desk.ticket.linked", &[("work", work_piece(say, value))]),
        field => change_pieces(say, &by, &change(field, value)?),
    };
    let glyph = if row.field == "linked" { "link" } else { "ticket" };
    Some(Entry { id, at: row.at, glyph, label: say.t("desk.ticket.title"), what: What::Line { pieces, more: Vec::new() } })
}

fn work_piece(say: &Say, value: &str) -> Piece {
    let work = value.split_once(['/', ' ']).and_then(|(kind, id)| {
        let id = id.parse().ok()?;
        match kind {
            "call" => Some(Work::Call(crate::desk::id::CallId(id))),
            "conversation" => Some(Work::Conversation(crate::desk::id::ConversationId(id))),
            _ => None,
        }
    });
    work.map_or_else(|| Piece::Text(value.to_owned()), |work| work_link(say, &work))
}

/// A trail line's value back as the change it was; unknown fields of a newer version are not shown.
fn change(field: &str, value: &str) -> Option<TicketChange> {
    match field {
        "state" => states().find(|(_, word)| *word == value).map(|(state, _): (TicketState, _)| TicketChange::State(state)),
        "priority" => value.parse().ok().map(TicketChange::Priority),
        "assignee" => Some(TicketChange::Assignee((!value.is_empty()).then(|| AgentId::from(value)))),
        "subject" => Some(TicketChange::Subject(value.to_owned())),
        _ => None,
    }
}
