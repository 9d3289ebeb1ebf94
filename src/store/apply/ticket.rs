//! Rows of facts about tickets: the head, its values and lists, the trail, the contacts that belong to it.

use crate::desk::fact::{ApprovalFact, Beginning, ClockKind, ClockNow, TicketFact};
use crate::desk::id::*;
use crate::desk::input::{Source, TicketChange, TicketState};
use crate::store::values::{change, first, run, word, work_columns};
use crate::store::{StoreError, notices};
use rusqlite::Connection;

statements! {
    OPEN = "INSERT INTO ticket (id, person, subject, state, priority, queue, opened_by, opened_at, changed_at, kind, department, source,
        parent, follows, quiet) VALUES (?1, ?2, ?3, 'new', ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    LINK = "INSERT INTO ticket_link (ticket, work_kind, work, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    COUNTED = "UPDATE ticket SET contacts = contacts + 1, repeats = repeats + (first_resolved_at IS NOT NULL) WHERE id = ?1";
    UNLINK = "DELETE FROM ticket_link WHERE ticket = ?1 AND work_kind = ?2 AND work = ?3";
    UNCOUNTED = "UPDATE ticket SET contacts = max(contacts - 1, 0) WHERE id = ?1";
    TRAIL = "INSERT INTO ticket_trail (ticket, at, by, field, was, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    BEFORE = "SELECT state, CAST(priority AS TEXT) AS priority, assignee, subject, department, kind, CAST(parent AS TEXT) AS parent
        FROM ticket WHERE id = ?1";
    TOUCH = "UPDATE ticket SET changed_at = ?2 WHERE id = ?1";
    STATE = "UPDATE ticket SET state = ?2, resolved_at = CASE WHEN ?3 THEN coalesce(resolved_at, ?4) END,
        first_resolved_at = coalesce(first_resolved_at, CASE WHEN ?2 = 'resolved' THEN ?4 END),
        reopened = reopened + (?2 = 'reopened') WHERE id = ?1";
    PRIORITY = "UPDATE ticket SET priority = ?2 WHERE id = ?1";
    ASSIGNEE = "UPDATE ticket SET assignee = ?2 WHERE id = ?1";
    SUBJECT = "UPDATE ticket SET subject = ?2 WHERE id = ?1";
    DEPARTMENT = "UPDATE ticket SET department = ?2 WHERE id = ?1";
    KIND = "UPDATE ticket SET kind = ?2 WHERE id = ?1";
    PARENT = "UPDATE ticket SET parent = ?2 WHERE id = ?1";
    QUIET = "UPDATE ticket SET quiet = ?2 WHERE id = ?1";
    APPROVAL = "UPDATE ticket SET approval = ?2 WHERE id = ?1";
    FIELD_WAS = "SELECT value FROM ticket_field WHERE ticket = ?1 AND name = ?2";
    FIELD = "INSERT INTO ticket_field (ticket, name, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (ticket, name) DO UPDATE SET value = excluded.value";
    NO_FIELD = "DELETE FROM ticket_field WHERE ticket = ?1 AND name = ?2";
    WATCH = "INSERT INTO ticket_watcher (ticket, agent) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    UNWATCH = "DELETE FROM ticket_watcher WHERE ticket = ?1 AND agent = ?2";
    ITEM = "INSERT INTO ticket_item (ticket, place, text)
        VALUES (?1, (SELECT coalesce(max(place) + 1, 0) FROM ticket_item WHERE ticket = ?1), ?2)";
    ITEM_TEXT = "SELECT text FROM ticket_item WHERE ticket = ?1 AND place = ?2";
    CHECK = "UPDATE ticket_item SET done_by = ?3, done_at = ?4 WHERE ticket = ?1 AND place = ?2";
    RELATE = "INSERT INTO ticket_related (ticket, other) VALUES (?1, ?2), (?2, ?1) ON CONFLICT DO NOTHING";
    UNRELATE = "DELETE FROM ticket_related WHERE (ticket = ?1 AND other = ?2) OR (ticket = ?2 AND other = ?1)";
    ATTACH = "INSERT INTO ticket_file (ticket, file, name, bytes, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    CLOCK = "INSERT INTO ticket_clock (ticket, clock, state, until, late, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (ticket, clock) DO UPDATE SET state = excluded.state, until = coalesce(excluded.until, until),
            late = max(late, excluded.late), at = excluded.at";
    NO_CLOCK = "DELETE FROM ticket_clock WHERE ticket = ?1 AND clock = ?2";
    PROMISED = "UPDATE ticket SET promised_at = (SELECT min(until) FROM ticket_clock
            WHERE ticket = ?1 AND state IN ('runs', 'at_risk', 'late')),
        risk = (SELECT CASE WHEN max(state = 'late') THEN 'late' WHEN max(state = 'at_risk') THEN 'at_risk' END FROM ticket_clock
            WHERE ticket = ?1) WHERE id = ?1";
    STOPPED = "UPDATE ticket_clock SET state = 'met' WHERE ticket = ?1 AND state IN ('runs', 'at_risk', 'late', 'paused')";
    MERGED = "UPDATE ticket SET state = 'closed', merged_into = ?2, promised_at = NULL, risk = NULL, changed_at = ?3 WHERE id = ?1";
    MERGED_LINKS = "INSERT INTO ticket_link (ticket, work_kind, work, at) SELECT ?2, work_kind, work, at FROM ticket_link WHERE ticket = ?1
        ON CONFLICT DO NOTHING";
    MERGED_WATCHERS = "INSERT INTO ticket_watcher (ticket, agent) SELECT ?2, agent FROM ticket_watcher WHERE ticket = ?1 ON CONFLICT DO NOTHING";
    MERGED_FILES = "INSERT INTO ticket_file (ticket, file, name, bytes, by, at) SELECT ?2, file, name, bytes, by, at FROM ticket_file
        WHERE ticket = ?1 ON CONFLICT DO NOTHING";
    MERGED_CHILDREN = "UPDATE ticket SET parent = ?2 WHERE parent = ?1 AND state != 'closed'";
    RECOUNT = "UPDATE ticket SET contacts = (SELECT count(*) FROM ticket_link WHERE ticket = ?1) WHERE id = ?1";
}

/// What stands in the trail: field, before, after.
type Line = (&'static str, Option<String>, Option<String>);

pub(super) fn rows(conn: &Connection, at: At, id: TicketId, fact: &TicketFact) -> Result<(), StoreError> {
    match fact {
        TicketFact::Opened { person, subject, work, queue, priority, by, with } => {
            let Beginning { kind, department, parent, follows, quiet, .. } = with.as_ref();
            let source = source_word(&with.source);
            run(
                conn,
                OPEN,
                rusqlite::params![id, person, subject, priority, queue, by, at, kind, department, source, parent, follows, quiet],
            )?;
            for (name, value) in &with.fields {
                run(conn, FIELD, (id, name, value))?;
            }
            for item in &with.checklist {
                run(conn, ITEM, (id, item))?;
            }
            let elsewhere = Some(source).filter(|source| source != "house");
            trail(conn, at, id, by.as_ref(), ("opened", elsewhere, Some(subject.clone())))?;
            notices::tell_followers_of_ticket(conn, at, id, by.as_ref())?;
            work.as_ref().map_or(Ok(()), |work| link(conn, at, id, work))
        }
        TicketFact::Linked { work } => {
            link(conn, at, id, work)?;
            trail(conn, at, id, None, ("linked", None, Some(work_word(work))))?;
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::Changed { by, change: what } => {
            changed(conn, at, id, by.as_ref(), what)?;
            match what {
                TicketChange::State(TicketState::Resolved | TicketState::Reopened) => {
                    notices::tell_followers_of_ticket(conn, at, id, by.as_ref())?;
                    notices::ticket_taken(conn, at, id)?;
                }
                TicketChange::Assignee(Some(_)) | TicketChange::Department { .. } | TicketChange::State(TicketState::Closed) => {
                    notices::ticket_taken(conn, at, id)?;
                }
                _ => {}
            }
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::Clock { clock, now } => self::clock(conn, at, id, *clock, *now),
        TicketFact::Approval(fact) => {
            let (state, by, value) = match fact {
                ApprovalFact::Asked => ("asked", None, None),
                ApprovalFact::Granted { by } => ("granted", by.as_ref(), None),
                ApprovalFact::Denied { by, reason } => ("denied", Some(by), Some(reason.clone())),
            };
            change(conn, APPROVAL, (id, state), "ticket")?;
            trail(conn, at, id, by, ("approval", value, Some(state.into())))?;
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::Merged { into, by } => {
            for statement in [MERGED_LINKS, MERGED_WATCHERS, MERGED_FILES, MERGED_CHILDREN] {
                run(conn, statement, (id, into))?;
            }
            run(conn, RECOUNT, [into])?;
            run(conn, STOPPED, [id])?;
            change(conn, MERGED, (id, into, at), "ticket")?;
            trail(conn, at, id, Some(by), ("merged", None, Some(into.to_string())))?;
            notices::ticket_taken(conn, at, id)?;
            trail(conn, at, *into, Some(by), ("absorbed", None, Some(id.to_string())))?;
            change(conn, TOUCH, (into, at), "ticket")
        }
        TicketFact::Split { to, works, by } => {
            for work in works {
                let (kind, number) = work_columns(work);
                if run(conn, UNLINK, (id, kind, number))? > 0 {
                    run(conn, UNCOUNTED, [id])?;
                }
                link(conn, at, *to, work)?;
            }
            trail(conn, at, id, Some(by), ("split", None, Some(to.to_string())))?;
            trail(conn, at, *to, Some(by), ("split_from", None, Some(id.to_string())))?;
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::NotSolved { text } => {
            trail(conn, at, id, None, ("not_solved", None, Some(text.clone()).filter(|text| !text.is_empty())))?;
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::Notified { agents, news, by, text } => notices::of_ticket(conn, at, id, agents, (*news, by.as_ref(), text)),
    }
}

fn changed(conn: &Connection, at: At, id: TicketId, by: Option<&AgentId>, what: &TicketChange) -> Result<(), StoreError> {
    let before = |column: &'static str| -> Result<Option<String>, StoreError> {
        first(conn, BEFORE, [id], |row| row.get(column))?.ok_or_else(|| StoreError::Missing("ticket".into()))
    };
    let line = match what {
        TicketChange::State(new) => {
            let was = before("state")?;
            let done = matches!(new, TicketState::Resolved | TicketState::Closed);
            run(conn, STATE, (id, word(new), done, at))?;
            if *new == TicketState::Closed {
                run(conn, STOPPED, [id])?;
                run(conn, PROMISED, [id])?;
            }
            ("state", was, Some(word(new)))
        }
        TicketChange::Priority(new) => {
            let was = before("priority")?;
            run(conn, PRIORITY, (id, new))?;
            ("priority", was, Some(new.to_string()))
        }
        TicketChange::Assignee(new) => {
            let was = before("assignee")?;
            run(conn, ASSIGNEE, (id, new))?;
            ("assignee", was, new.as_ref().map(ToString::to_string))
        }
        TicketChange::Subject(new) => {
            let was = before("subject")?;
            run(conn, SUBJECT, (id, new))?;
            ("subject", was, Some(new.clone()))
        }
        TicketChange::Comment(text) => ("comment", None, Some(text.clone())),
        TicketChange::Department { to, note } => {
            let was = before("department")?;
            run(conn, DEPARTMENT, (id, to))?;
            trail(conn, at, id, by, ("department", was, Some(to.to_string())))?;
            match note.is_empty() {
                true => return Ok(()),
                false => ("handover", None, Some(note.clone())),
            }
        }
        TicketChange::Kind(new) => {
            let was = before("kind")?;
            run(conn, KIND, (id, new))?;
            ("kind", was, new.as_ref().map(ToString::to_string))
        }
        TicketChange::Field { name, value } => {
            let was: Option<String> = first(conn, FIELD_WAS, (id, name), |row| row.get(0))?;
            match value.is_empty() {
                true => run(conn, NO_FIELD, (id, name))?,
                false => run(conn, FIELD, (id, name, value))?,
            };
            ("field", was.map(|was| format!("{name}={was}")), Some(format!("{name}={value}")))
        }
        TicketChange::Due(new) => ("due", None, new.map(|at| at.0.to_string())),
        TicketChange::Watch { agent, on } => {
            run(conn, if *on { WATCH } else { UNWATCH }, (id, agent))?;
            (if *on { "watched" } else { "unwatched" }, None, Some(agent.to_string()))
        }
        TicketChange::Check { item, on } => {
            run(conn, CHECK, (id, item, by.filter(|_| *on), on.then_some(at)))?;
            let text = first(conn, ITEM_TEXT, (id, item), |row| row.get(0))?;
            (if *on { "checked" } else { "unchecked" }, None, text)
        }
        TicketChange::AddItem(text) => {
            run(conn, ITEM, (id, text))?;
            ("item", None, Some(text.clone()))
        }
        TicketChange::Related { ticket, on } => {
            run(conn, if *on { RELATE } else { UNRELATE }, (id, ticket))?;
            (if *on { "related" } else { "unrelated" }, None, Some(ticket.to_string()))
        }
        TicketChange::Parent(new) => {
            let was = before("parent")?;
            run(conn, PARENT, (id, new))?;
            ("parent", was, new.map(|parent| parent.to_string()))
        }
        TicketChange::Attach(file) => {
            run(conn, ATTACH, (id, file.id, &file.name, i64::try_from(file.bytes).unwrap_or(i64::MAX), by, at))?;
            ("attached", None, Some(file.name.clone()))
        }
        TicketChange::Quiet(quiet) => {
            run(conn, QUIET, (id, quiet))?;
            ("quiet", None, Some(quiet.to_string()))
        }
        TicketChange::Contact(work) => {
            link(conn, at, id, work)?;
            ("linked", None, Some(work_word(work)))
        }
    };
    trail(conn, at, id, by, line)
}

fn clock(conn: &Connection, at: At, id: TicketId, clock: ClockKind, now: ClockNow) -> Result<(), StoreError> {
    let (until, late) = match now {
        ClockNow::Runs { until } => (Some(until), false),
        ClockNow::Late => (None, true),
        ClockNow::Paused | ClockNow::Met | ClockNow::AtRisk | ClockNow::Off => (None, false),
    };
    match now {
        ClockNow::Off => run(conn, NO_CLOCK, (id, word(&clock)))?,
        _ => run(conn, CLOCK, (id, word(&clock), word(&now), until, late, at))?,
    };
    if now == ClockNow::Late {
        trail(conn, at, id, None, ("late", None, Some(word(&clock))))?;
    }
    change(conn, PROMISED, [id], "ticket")
}

fn source_word(source: &Source) -> String {
    match source {
        Source::House => "house".into(),
        Source::Keyword => "keyword".into(),
        Source::Flow(flow) => format!("flow/{flow}"),
        Source::Rule(rule) => format!("rule/{rule}"),
        Source::Bot(bot) => format!("bot/{bot}"),
    }
}

fn work_word(work: &Work) -> String {
    let (kind, number) = work_columns(work);
    format!("{kind}/{}", number.0)
}

fn trail(conn: &Connection, at: At, id: TicketId, by: Option<&AgentId>, (field, was, value): Line) -> Result<(), StoreError> {
    run(conn, TRAIL, (id, at, by, field, was, value))?;
    Ok(())
}

fn link(conn: &Connection, at: At, id: TicketId, work: &Work) -> Result<(), StoreError> {
    let (kind, number) = work_columns(work);
    if run(conn, LINK, (id, kind, number, at))? > 0 {
        run(conn, COUNTED, [id])?;
    }
    Ok(())
}
