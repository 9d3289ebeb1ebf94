//! What happened to a ticket, in words: the same for its own trail and for the person's timeline.

use crate::desk::fact::{ApprovalFact, ClockKind, ClockNow, TicketFact};
use crate::desk::id::{DepartmentId, TicketKind};
use crate::desk::input::{Source, TicketChange, TicketState};
use crate::desk::ticket::spec::KindSpec;
use crate::web::inbox::say::{Given, Piece, Say};

/// A state as the house calls it.
pub fn state_text(say: &Say, state: impl Given<TicketState>) -> String {
    let state = state.given();
    let own = say.catalog.tickets.states.get(&state).map(|titles| titles.say(say.lang.code())).filter(|name| !name.is_empty());
    own.map_or_else(
        || {
            say.t(match state {
                TicketState::New => "desk.ticket.new",
                TicketState::Assigned => "ticket.assigned",
                TicketState::Open => "desk.ticket.open",
                TicketState::Pending => "desk.ticket.pending",
                TicketState::Resolved => "desk.ticket.resolved",
                TicketState::Closed => "desk.ticket.closed",
                TicketState::Reopened => "ticket.reopened",
            })
        },
        str::to_owned,
    )
}

pub fn department_text(say: &Say, id: &DepartmentId) -> String {
    let name = say.catalog.tickets.departments.get(id).map_or("", |spec| spec.name.say(say.lang.code()));
    if name.is_empty() { id.to_string() } else { name.to_owned() }
}

pub fn kind_spec<'s>(say: &'s Say, id: Option<&TicketKind>) -> Option<&'s KindSpec> {
    say.catalog.tickets.kinds.get(id?)
}

pub fn kind_text(say: &Say, id: &TicketKind) -> String {
    let title = kind_spec(say, Some(id)).map_or("", |spec| spec.title.say(say.lang.code()));
    if title.is_empty() { id.to_string() } else { title.to_owned() }
}

/// A field's title; its name where no kind has it any more.
pub fn field_text(say: &Say, name: &str) -> String {
    let fields = say.catalog.tickets.kinds.values().flat_map(|kind| &kind.fields);
    fields.into_iter().find(|field| field.name == name).map_or(name, |field| field.title.say(say.lang.code())).to_owned()
}

/// A value as people read it: of a choice its title.
pub fn value_text(say: &Say, name: &str, value: &str) -> String {
    let mut fields = say.catalog.tickets.kinds.values().flat_map(|kind| &kind.fields).filter(|field| field.name == name);
    let option = fields.find_map(|field| field.options.iter().find(|(id, _)| id == value));
    option.map_or(value, |(_, title)| title.say(say.lang.code())).to_owned()
}

pub fn clock_text(say: &Say, clock: ClockKind) -> String {
    say.t(match clock {
        ClockKind::First => "ticket.clock.first",
        ClockKind::Next => "ticket.clock.next",
        ClockKind::Resolution => "ticket.clock.resolution",
        ClockKind::Due => "ticket.clock.due",
    })
}

pub fn ticket_link(id: impl std::fmt::Display) -> Piece {
    Piece::Link { href: format!("/tickets/{id}"), text: format!("#{id}") }
}

/// What changed on a ticket, as one line.
pub fn change_pieces(say: &Say, by: &str, change: &TicketChange) -> Vec<Piece> {
    let by = Piece::Strong(by.to_string());
    let line = |key: &str, value: Piece| say.pieces(&format!("ticket.trail.{key}"), &[("by", by.clone()), ("value", value)]);
    let strong = |text: &str| Piece::Strong(text.to_owned());
    let nothing = || Piece::Text(String::new());
    match change {
        TicketChange::State(state) => {
            say.pieces("desk.ticket.changed_state", &[("by", by), ("state", Piece::Chip(state_text(say, *state)))])
        }
        TicketChange::Priority(priority) => {
            let text = format!("P{priority}");
            let chip = if *priority == 1 { Piece::Bad(text) } else { Piece::Chip(text) };
            say.pieces("desk.ticket.changed_priority", &[("by", by), ("priority", chip)])
        }
        TicketChange::Assignee(Some(agent)) => {
            say.pieces("desk.ticket.changed_assignee", &[("by", by), ("agent", Piece::Strong(say.agent(agent)))])
        }
        TicketChange::Assignee(None) => say.pieces("desk.ticket.unassigned", &[("by", by)]),
        TicketChange::Subject(subject) => {
            say.pieces("desk.ticket.changed_subject", &[("by", by), ("subject", Piece::Strong(subject.clone()))])
        }
        TicketChange::Comment(_) => say.pieces("desk.ticket.commented", &[("by", by)]),
        TicketChange::Department { to, .. } => line("department", Piece::Chip(department_text(say, to))),
        TicketChange::Kind(Some(kind)) => line("kind", Piece::Chip(kind_text(say, kind))),
        TicketChange::Kind(None) => line("no_kind", nothing()),
        TicketChange::Field { name, value } => field_pieces(say, by, name, value),
        TicketChange::Due(Some(at)) => line("due", Piece::Strong(say.when(*at))),
        TicketChange::Due(None) => line("no_due", nothing()),
        TicketChange::Watch { agent, on } => line(if *on { "watched" } else { "unwatched" }, Piece::Strong(say.agent(agent))),
        TicketChange::Check { item, on } => line(if *on { "checked" } else { "unchecked" }, strong(&format!("{}", item + 1))),
        TicketChange::AddItem(text) => line("item", strong(text)),
        TicketChange::Related { ticket, on } => line(if *on { "related" } else { "unrelated" }, ticket_link(ticket)),
        TicketChange::Parent(Some(parent)) => line("parent", ticket_link(parent)),
        TicketChange::Parent(None) => line("no_parent", nothing()),
        TicketChange::Attach(file) => line("attached", strong(&file.name)),
        TicketChange::Quiet(quiet) => line(if *quiet { "quiet" } else { "loud" }, nothing()),
        TicketChange::Contact(work) => say.pieces("desk.ticket.linked", &[("work", crate::web::inbox::load::work_link(say, work))]),
    }
}

pub fn field_pieces(say: &Say, by: Piece, name: &str, value: &str) -> Vec<Piece> {
    let field = Piece::Text(field_text(say, name));
    match value.is_empty() {
        true => say.pieces("ticket.trail.no_field", &[("by", by), ("field", field)]),
        false => {
            let value = Piece::Strong(value_text(say, name, value));
            say.pieces("ticket.trail.field", &[("by", by), ("field", field), ("value", value)])
        }
    }
}

/// A fact about a ticket as a line of its person's timeline; `None` where the ticket's own page says enough.
pub fn fact_pieces(say: &Say, id: u64, fact: &TicketFact) -> Option<Vec<Piece>> {
    let link = ticket_link(id);
    let who = |by: &Option<crate::desk::id::AgentId>| by.as_ref().map_or_else(|| say.t("desk.system"), |by| say.agent(by));
    let after = |pieces: Vec<Piece>| [vec![link.clone(), Piece::Text(" ".into())], pieces].concat();
    let line = |key: &str, by: Piece, value: Piece| after(say.pieces(&format!("ticket.trail.{key}"), &[("by", by), ("value", value)]));
    let strong = |text: String| Piece::Strong(text);
    Some(match fact {
        TicketFact::Opened { subject, by: Some(by), .. } => say.pieces(
            "desk.line.ticket_opened",
            &[("ticket", link), ("by", Piece::Strong(say.agent(by))), ("subject", Piece::Text(subject.clone()))],
        ),
        TicketFact::Opened { subject, by: None, with, .. } => {
            let (key, name) = match &with.source {
                Source::House | Source::Keyword => ("desk.line.ticket_auto", String::new()),
                Source::Flow(flow) => {
                    ("ticket.line_flow", say.catalog.flows.get(flow).map_or_else(|| flow.to_string(), |f| f.name.clone()))
                }
                Source::Rule(rule) => ("ticket.line_rule", rule.clone()),
                Source::Bot(bot) => ("ticket.line_bot", bot.clone()),
            };
            say.pieces(key, &[("ticket", link), ("name", strong(name)), ("subject", Piece::Text(subject.clone()))])
        }
        TicketFact::Linked { .. } => say.pieces("desk.line.ticket_linked", &[("ticket", link)]),
        TicketFact::Changed { change: TicketChange::Comment(_), .. } => return None,
        TicketFact::Changed { by, change } => after(change_pieces(say, &who(by), change)),
        TicketFact::Clock { clock, now: ClockNow::Late } => {
            say.pieces("ticket.line_late", &[("ticket", link), ("clock", strong(clock_text(say, *clock)))])
        }
        TicketFact::Clock { .. } => return None,
        TicketFact::Approval(ApprovalFact::Asked) => after(say.pieces("ticket.trail.asked", &[])),
        TicketFact::Approval(ApprovalFact::Granted { by: None }) => after(say.pieces("ticket.trail.granted_auto", &[])),
        TicketFact::Approval(ApprovalFact::Granted { by }) => line("granted", strong(who(by)), Piece::Text(String::new())),
        TicketFact::Approval(ApprovalFact::Denied { by, reason }) => line("denied", strong(say.agent(by)), Piece::Text(reason.clone())),
        TicketFact::Merged { into, by } => line("merged", strong(say.agent(by)), ticket_link(into)),
        TicketFact::Split { to, by, .. } => line("split", strong(say.agent(by)), ticket_link(to)),
        TicketFact::NotSolved { text } if text.is_empty() => after(say.pieces("ticket.trail.not_solved_plain", &[])),
        TicketFact::NotSolved { text } => line("not_solved", Piece::Text(String::new()), Piece::Text(text.clone())),
        TicketFact::Notified { .. } => return None,
    })
}
