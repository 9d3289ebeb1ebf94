//! A ticket's trail as the timeline shows it. Lines of a newer version, of which this one knows nothing, are left out.

use super::phrase::{clock_text, department_text, field_pieces, kind_text, state_text, ticket_link};
use crate::desk::fact::ClockKind;
use crate::desk::id::{AgentId, At, CallId, CallbackId, ConversationId, DepartmentId, TicketKind, Work};
use crate::desk::input::TicketState;
use crate::store::tickets::TrailRow;
use crate::web::inbox::load::work_link;
use crate::web::inbox::say::{Piece, Say, capital};
use crate::web::inbox::view::{Entry, What};

pub fn entry(say: &Say, row: &TrailRow) -> Option<Entry> {
    let by = capital(&row.by.as_ref().map_or_else(|| say.t("desk.system"), |by| say.agent(by)));
    let id = format!("trail-{}", row.id);
    if let "comment" | "handover" = row.field.as_str() {
        let what = What::Note { by, text: row.value.clone().unwrap_or_default() };
        return Some(Entry { id, at: row.at, glyph: "note", label: say.t("desk.note"), what });
    }
    let pieces = pieces(say, row, by)?;
    let glyph = if row.field == "linked" { "link" } else { "ticket" };
    Some(Entry { id, at: row.at, glyph, label: say.t("desk.ticket.title"), what: What::Line { pieces, more: Vec::new() } })
}

fn pieces(say: &Say, row: &TrailRow, by: String) -> Option<Vec<Piece>> {
    let value = row.value.as_deref().unwrap_or_default();
    let by = Piece::Strong(by);
    let line = |key: &str, value: Piece| say.pieces(&format!("ticket.trail.{key}"), &[("by", by.clone()), ("value", value)]);
    let (strong, nothing) = (|text: &str| Piece::Strong(text.to_owned()), || Piece::Text(String::new()));
    let desk = |key: &str, name: &str, value: Piece| say.pieces(&format!("desk.ticket.{key}"), &[("by", by.clone()), (name, value)]);
    Some(match row.field.as_str() {
        "opened" => opened(say, row, by),
        "linked" => desk("linked", "work", work(say, value)),
        "state" => desk("changed_state", "state", Piece::Chip(state_text(say, TicketState::of(value)?))),
        "priority" if value == "1" => desk("changed_priority", "priority", Piece::Bad("P1".into())),
        "priority" => desk("changed_priority", "priority", Piece::Chip(format!("P{value}"))),
        "assignee" if value.is_empty() => desk("unassigned", "agent", nothing()),
        "assignee" => desk("changed_assignee", "agent", Piece::Strong(say.agent(&AgentId::from(value)))),
        "subject" => desk("changed_subject", "subject", strong(value)),
        "department" => line("department", Piece::Chip(department_text(say, &DepartmentId::from(value)))),
        "kind" if value.is_empty() => line("no_kind", nothing()),
        "kind" => line("kind", Piece::Chip(kind_text(say, &TicketKind::from(value)))),
        "field" => {
            let (name, value) = value.split_once('=')?;
            field_pieces(say, by, name, value)
        }
        "due" if value.is_empty() => line("no_due", nothing()),
        "due" => line("due", Piece::Strong(say.when(At(value.parse().ok()?)))),
        "watched" | "unwatched" => line(&row.field, Piece::Strong(say.agent(&AgentId::from(value)))),
        "checked" | "unchecked" | "item" | "attached" => line(&row.field, strong(value)),
        "related" | "unrelated" | "merged" | "absorbed" | "split" | "split_from" => line(&row.field, ticket_link(value)),
        "parent" if value.is_empty() => line("no_parent", nothing()),
        "parent" => line("parent", ticket_link(value)),
        "quiet" => line(if value == "true" { "quiet" } else { "loud" }, nothing()),
        "approval" => match (value, &row.by) {
            ("asked", _) => line("asked", nothing()),
            ("granted", None) => line("granted_auto", nothing()),
            ("granted", Some(_)) => line("granted", nothing()),
            ("denied", _) => line("denied", strong(row.was.as_deref().unwrap_or_default())),
            _ => return None,
        },
        "late" => line("late", strong(&clock_text(say, clock(value)?))),
        "not_solved" if value.is_empty() => line("not_solved_plain", nothing()),
        "not_solved" => line("not_solved", Piece::Text(value.to_owned())),
        _ => return None,
    })
}

fn opened(say: &Say, row: &TrailRow, by: Piece) -> Vec<Piece> {
    if row.by.is_some() {
        return say.pieces("desk.ticket.opened_line", &[("by", by)]);
    }
    let (kind, name) = row.was.as_deref().and_then(|source| source.split_once('/')).unwrap_or((row.was.as_deref().unwrap_or("house"), ""));
    let key = match kind {
        "keyword" => "ticket.source_keyword",
        "flow" => "ticket.source_flow",
        "rule" => "ticket.source_rule",
        "bot" => "ticket.source_bot",
        _ => "desk.ticket.opened_auto",
    };
    say.pieces(key, &[("name", Piece::Strong(name.to_owned()))])
}

fn clock(word: &str) -> Option<ClockKind> {
    serde_json::from_value(word.into()).ok()
}

fn work(say: &Say, value: &str) -> Piece {
    let work = value.split_once(['/', ' ']).and_then(|(kind, id)| {
        let id = id.parse().ok()?;
        match kind {
            "call" => Some(Work::Call(CallId(id))),
            "conversation" => Some(Work::Conversation(ConversationId(id))),
            "callback" => Some(Work::Callback(CallbackId(id))),
            _ => None,
        }
    });
    work.map_or_else(|| Piece::Text(value.to_owned()), |work| work_link(say, &work))
}
