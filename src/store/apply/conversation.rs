//! Rows of facts about conversations and their messages.

use crate::desk::callback::link::covered;
use crate::desk::fact::ConversationFact;
use crate::desk::id::*;
use crate::desk::input::{Body, Change, Delivery, Extra};
use crate::desk::person::Identity;
use crate::desk::same::Proof;
use crate::desk::window::Measure;
use crate::store::messages::MessageKind;
use crate::store::values::{change, first, run, word};
use crate::store::{StoreError, late_files, notices, persons};
use rusqlite::Connection;

statements! {
    OPEN = "INSERT INTO conversation (id, person, channel, kind, namespace, value, page, state, opened_at, last_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8, ?8)";
    CONTACT = "UPDATE person SET contact_at = max(contact_at, ?2) WHERE id = ?1";
    // What comes late stands before what was written after it.
    RECEIVE = "INSERT INTO message (id, person, conversation, channel, external_id, kind, text, files, extra, at, sent_at, seq, measure)
        VALUES (?1, ?2, ?3, ?4, ?5, 'in', ?6, ?7, ?8,
            coalesce((SELECT min(at) - 1 FROM message WHERE conversation = ?3 AND kind = 'in' AND (sent_at, seq) > (?10, ?11)), ?9), ?10, ?11,
            ?12)";
    RECEIVED = "UPDATE conversation SET last_at = ?2, last_line = ?3, last_by = 'customer', unread = unread + 1, customer_left_at = NULL
        WHERE id = ?1";
    EDIT = "UPDATE message SET text = ?2, changed = 'edited' WHERE id = ?1 AND kind IN ('in', 'elsewhere')";
    FROM = "SELECT kind, namespace, value FROM conversation WHERE id = ?1";
    RECALL = "UPDATE message SET text = '', files = NULL, extra = NULL, changed = 'recalled' WHERE id = ?1 AND kind IN ('in', 'elsewhere')";
    QUEUE = "INSERT INTO message (id, person, conversation, channel, kind, agent, text, files, extra, at, delivery, key, parts)
        VALUES (?1, ?2, ?3, (SELECT channel FROM conversation WHERE id = ?3), ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10, ?11)";
    AMEND = "INSERT INTO amendment (id, message, conversation, agent, text, at, delivery) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued')";
    AMENDED = "UPDATE amendment SET delivery = ?2, failure = ?3 WHERE id = ?1 AND delivery = 'queued'";
    WAS = "UPDATE amendment SET (was, was_files, was_extra) = (SELECT text, files, extra FROM message WHERE id = ?2) WHERE id = ?1";
    EDIT_OURS = "UPDATE message SET text = ?2, changed = 'edited' WHERE id = ?1 AND kind = 'out'";
    RECALL_OURS = "UPDATE message SET text = '', files = NULL, extra = NULL, changed = 'recalled' WHERE id = ?1 AND kind = 'out'";
    // What was said last is what lists show.
    AMEND_LINE = "UPDATE conversation SET last_line = ?3 WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND id > ?2 AND kind <> 'note')";
    QUEUED = "UPDATE conversation SET last_at = ?2, last_line = ?3, last_by = ?4, unread = CASE ?4 WHEN 'agent' THEN 0 ELSE unread END
        WHERE id = ?1";
    ELSEWHERE = "INSERT INTO message (id, person, conversation, channel, external_id, kind, text, files, extra, at, sent_at, seq)
        VALUES (?1, ?2, ?3, ?4, ?5, 'elsewhere', ?6, ?7, ?8, ?9, ?10, ?11)";
    // Who waited has their answer; the conversation stays in the list of those that nobody has.
    ANSWERED = "UPDATE conversation SET last_at = ?2, last_line = ?3, last_by = 'agent', unread = 0,
        state = CASE WHEN ?4 AND state IN ('waiting', 'offered') THEN 'open' ELSE state END WHERE id = ?1";
    LINK_FILE = "INSERT INTO message_file (file, message) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    // The words stand in the order in which they come; none is part of another.
    DELIVER = "UPDATE message SET delivery = ?2, failure = ?3 WHERE id = ?1
        AND instr('queued,unknown,sent,delivered,read,failed', delivery) < instr('queued,unknown,sent,delivered,read,failed', ?2)";
    READ_BY_AGENT = "UPDATE conversation SET read_by_agent = max(read_by_agent, ?2),
        unread = (SELECT count(*) FROM message WHERE conversation = ?1 AND id > max(read_by_agent, ?2) AND kind = 'in') WHERE id = ?1";
    READ_BY_CUSTOMER = "UPDATE conversation SET read_by_customer = max(read_by_customer, ?2) WHERE id = ?1";
    LEAVE = "UPDATE conversation SET customer_left_at = ?2 WHERE id = ?1";
    RETURN = "UPDATE conversation SET customer_left_at = NULL WHERE id = ?1";
    ABANDON = "UPDATE conversation SET state = 'resolved', resolved_at = ?2, abandoned_at = ?2, waited_ms = coalesce(waited_ms, ?3) WHERE id = ?1";
    SNOOZE = "UPDATE conversation SET state = 'snoozed', snoozed_until = ?2 WHERE id = ?1";
    WAKE = "UPDATE conversation SET state = 'open', snoozed_until = NULL WHERE id = ?1";
    RESOLVE = "UPDATE conversation SET state = 'resolved', resolved_at = ?2, resolved_by = ?3, disposition = ?4, unread = 0 WHERE id = ?1";
}

/// What a message tells of its writer: a letter that their domain has signed proves the address, and what they write may lead to somebody.
fn tells(conn: &Connection, at: At, id: ConversationId, message: MessageId, body: &Body) -> Result<(), StoreError> {
    let read = |row: &rusqlite::Row<'_>| Ok(Identity { kind: row.get(0)?, namespace: row.get(1)?, value: row.get(2)? });
    let Some(from) = first(conn, FROM, [id], read)? else { return Ok(()) };
    match &body.extra {
        Some(Extra::Mail(mail)) if mail.signed == Some(true) => persons::prove(conn, &from, Proof::Dkim, at)?,
        Some(Extra::Mail(mail)) if mail.automatic => return Ok(()),
        _ => {}
    }
    persons::heard(conn, &from, message, &body.text, at)
}

/// Characters of a message that lists show.
const LINE: usize = 200;

pub(super) fn rows(conn: &Connection, at: At, id: ConversationId, fact: &ConversationFact) -> Result<(), StoreError> {
    match fact {
        ConversationFact::Opened { person, channel, identity, page } => {
            run(conn, OPEN, (id, person, channel, &identity.kind, &identity.namespace, &identity.value, page, at))?;
            change(conn, CONTACT, (person, at), "person")
        }
        ConversationFact::Received { message, person, channel, external_id, body, sent, seq, measure } => {
            let (files, extra) = (files_json(body)?, extra_json(body)?);
            let measure = measure.as_ref().map(measure_json).transpose()?;
            run(conn, RECEIVE, (message, person, id, channel, external_id, &body.text, files, extra, at, sent, seq, measure))?;
            change(conn, RECEIVED, (id, at, line(body)), "conversation")?;
            run(conn, CONTACT, (person, at))?;
            tells(conn, at, id, *message, body)?;
            notices::tell_followers(conn, at, *person, Some(&Work::Conversation(id)), None, &line(body))?;
            link_files(conn, *message, body)
        }
        ConversationFact::Elsewhere { message, person, channel, external_id, body, sent, seq, settles } => {
            let files = files_json(body)?;
            run(conn, ELSEWHERE, (message, person, id, channel, external_id, &body.text, files, extra_json(body)?, at, sent, seq))?;
            change(conn, ANSWERED, (id, at, line(body), settles), "conversation")?;
            run(conn, CONTACT, (person, at))?;
            link_files(conn, *message, body)
        }
        // What it was stays in the log.
        ConversationFact::Changed { message, person: _, change: to } => {
            match to {
                Change::Edited(text) => change(conn, EDIT, (message, text), "message")?,
                Change::Recalled => change(conn, RECALL, [message], "message")?,
            }
            amend_line(conn, id, *message, to)
        }
        ConversationFact::FileCame { late, message, person: _, file, instead } => late_files::fill(conn, *late, *message, file, instead),
        ConversationFact::Amending { amendment, message, person: _, by, change } => {
            run(conn, AMEND, (amendment, message, id, by, words(change), at)).map(drop)
        }
        ConversationFact::Amended { amendment, message, person: _, change: to, state } => {
            let failure = if let Delivery::Failed { reason } = state { Some(reason) } else { None };
            let known = run(conn, AMENDED, (amendment, word(state), failure))? > 0;
            if !known || matches!(state, Delivery::Unknown | Delivery::Failed { .. }) {
                return Ok(());
            }
            run(conn, WAS, (amendment, message))?;
            match to {
                Change::Edited(text) => change(conn, EDIT_OURS, (message, text), "message")?,
                Change::Recalled => change(conn, RECALL_OURS, [message], "message")?,
            }
            amend_line(conn, id, *message, to)
        }
        ConversationFact::Queued { message, person, by, body, key, parts } => {
            let (kind, last_by) = match by {
                Some(_) => (MessageKind::Out, "agent"),
                None => (MessageKind::Auto, "house"),
            };
            let files = files_json(body)?;
            let extra = extra_json(body)?;
            run(conn, QUEUE, (message, person, id, kind.as_str(), by, &body.text, files, extra, at, key, parts))?;
            change(conn, QUEUED, (id, at, line(body), last_by), "conversation")?;
            link_files(conn, *message, body)
        }
        ConversationFact::Delivery { message, state } => {
            let failure = match state {
                Delivery::Failed { reason } => Some(reason),
                _ => None,
            };
            // A state that comes late changes nothing.
            run(conn, DELIVER, (message, word(state), failure)).map(drop)
        }
        ConversationFact::ReadByAgent { by: _, upto } => change(conn, READ_BY_AGENT, (id, upto), "conversation"),
        ConversationFact::ReadByCustomer { upto } => change(conn, READ_BY_CUSTOMER, (id, upto), "conversation"),
        ConversationFact::CustomerLeft => change(conn, LEAVE, (id, at), "conversation"),
        // In the log alone.
        ConversationFact::Continued { .. } | ConversationFact::OpeningUnsent { .. } => Ok(()),
        ConversationFact::CustomerBack => change(conn, RETURN, [id], "conversation"),
        ConversationFact::Abandoned { person: _, queue: _, waited_ms } => change(conn, ABANDON, (id, at, waited_ms), "conversation"),
        ConversationFact::Snoozed { by: _, until } => change(conn, SNOOZE, (id, until), "conversation"),
        ConversationFact::Woken { why: _ } => change(conn, WAKE, [id], "conversation"),
        ConversationFact::Resolved { by, disposition } => change(conn, RESOLVE, (id, at, by, disposition), "conversation"),
    }
}

/// Lists show what was said last as it is now.
fn amend_line(conn: &Connection, id: ConversationId, message: MessageId, to: &Change) -> Result<(), StoreError> {
    run(conn, AMEND_LINE, (id, message, line(&Body::text(words(to).unwrap_or_default())))).map(drop)
}

/// What a message says from then on; `None`: nothing.
fn words(change: &Change) -> Option<&str> {
    match change {
        Change::Edited(text) => Some(text),
        Change::Recalled => None,
    }
}

fn link_files(conn: &Connection, message: MessageId, body: &Body) -> Result<(), StoreError> {
    let letter = match &body.extra {
        Some(Extra::Mail(mail)) => mail.html,
        _ => None,
    };
    body.files.iter().map(|file| file.id).chain(letter).try_for_each(|file| run(conn, LINK_FILE, (file, message)).map(drop))
}

fn files_json(body: &Body) -> Result<Option<String>, StoreError> {
    if body.files.is_empty() { Ok(None) } else { Ok(Some(serde_json::to_string(&body.files)?)) }
}

/// Empty where nothing is open.
fn measure_json(measure: &Measure) -> Result<String, StoreError> {
    if measure.at.is_none() { Ok(String::new()) } else { Ok(serde_json::to_string(measure)?) }
}

fn extra_json(body: &Body) -> Result<Option<String>, StoreError> {
    body.extra.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::from)
}

fn line(body: &Body) -> String {
    let text = match (body.text.trim(), body.files.first()) {
        ("", Some(file)) => file.name.as_str(),
        (text, _) => text,
    };
    covered(text).chars().take(LINE).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
