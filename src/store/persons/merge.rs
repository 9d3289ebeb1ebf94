//! Two people who become one, and two again: every row that was one's moves to the other, and the merge remembers which, so that nothing
//! is lost either way.

use super::tags_of;
use crate::desk::id::*;
use crate::desk::person::{Consent, Identity};
use crate::desk::same::{Belongings, MergeWhy};
use crate::store::values::{all, change, first, run, word, word_at};
use crate::store::{Store, StoreError};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

statements! {
    INTO = "SELECT merged_into FROM person WHERE id = ?1";
    MERGES = "SELECT m.id, m.person, m.other, m.by, m.at, m.why, m.moved, m.before, p.name FROM merge m JOIN person p ON p.id = m.other
        WHERE m.person = ?1 AND m.undone_at IS NULL ORDER BY m.id DESC";
    MERGE = "SELECT m.id, m.person, m.other, m.by, m.at, m.why, m.moved, m.before, p.name FROM merge m JOIN person p ON p.id = m.other
        WHERE m.person = ?1 AND m.other = ?2 AND m.undone_at IS NULL ORDER BY m.id DESC LIMIT 1";
    IDENTITIES = "SELECT kind, namespace, value FROM identity WHERE person = ?1 ORDER BY kind, namespace, value";
    CALLS = "SELECT id FROM call WHERE person = ?1 ORDER BY id";
    CONVERSATIONS = "SELECT id FROM conversation WHERE person = ?1 ORDER BY id";
    CALLBACKS = "SELECT id FROM callback WHERE person = ?1 ORDER BY id";
    TICKETS = "SELECT id FROM ticket WHERE person = ?1 ORDER BY id";
    FORMS = "SELECT id FROM form WHERE person = ?1 ORDER BY id";
    SURVEYS = "SELECT id FROM survey WHERE person = ?1 ORDER BY id";
    PROACTIVES = "SELECT id FROM proactive WHERE person = ?1 ORDER BY id";
    NOTES = "SELECT id FROM message WHERE person = ?1 AND conversation IS NULL AND call IS NULL ORDER BY id";
    // What has come since by the identities that go back, and what hangs on it.
    CONVERSATIONS_SINCE = "SELECT c.id FROM conversation c, json_each(?2) i WHERE c.person = ?1 AND c.kind = i.value ->> 'kind'
        AND c.namespace = i.value ->> 'namespace' AND c.value = i.value ->> 'value'";
    CALLS_SINCE = "SELECT c.id FROM call c, json_each(?2) i WHERE c.person = ?1 AND i.value ->> 'kind' = 'phone'
        AND i.value ->> 'value' = CASE c.direction WHEN 'outbound' THEN c.dialled ELSE c.caller END";
    CALLBACKS_SINCE = "SELECT b.id FROM callback b WHERE b.person = ?1 AND (b.call IN (SELECT value FROM json_each(?2))
        OR b.voicemail IN (SELECT value FROM json_each(?3)))";
    TICKETS_SINCE = "SELECT t.id FROM ticket t WHERE t.person = ?1 AND t.opened_at >= ?4
        AND EXISTS (SELECT 1 FROM ticket_link l WHERE l.ticket = t.id)
        AND NOT EXISTS (SELECT 1 FROM ticket_link l WHERE l.ticket = t.id AND NOT (
            (l.work_kind = 'call' AND l.work IN (SELECT value FROM json_each(?2)))
            OR (l.work_kind = 'conversation' AND l.work IN (SELECT value FROM json_each(?3)))))";
    FORMS_SINCE = "SELECT f.id FROM form f WHERE f.person = ?1 AND f.conversation IN (SELECT value FROM json_each(?2))";
    SURVEYS_SINCE = "SELECT s.id FROM survey s WHERE s.person = ?1 AND (s.work_kind = 'call' AND s.work IN (SELECT value FROM json_each(?2))
        OR s.work_kind = 'conversation' AND s.work IN (SELECT value FROM json_each(?3)))";
    MOVE_IDENTITIES = "UPDATE identity SET person = ?2 WHERE person = ?1";
    MOVE_CALLS = "UPDATE call SET person = ?2 WHERE person = ?1";
    MOVE_CONVERSATIONS = "UPDATE conversation SET person = ?2 WHERE person = ?1";
    MOVE_CALLBACKS = "UPDATE callback SET person = ?2 WHERE person = ?1";
    MOVE_TICKETS = "UPDATE ticket SET person = ?2 WHERE person = ?1";
    MOVE_FORMS = "UPDATE form SET person = ?2 WHERE person = ?1";
    MOVE_SURVEYS = "UPDATE survey SET person = ?2 WHERE person = ?1";
    // Whoever follows one of them follows both, also when they are parted again.
    FOLLOW_BOTH = "INSERT INTO follower (person, agent, at) SELECT ?2, agent, at FROM follower WHERE person = ?1 ON CONFLICT DO NOTHING";
    MOVE_PROACTIVES = "UPDATE proactive SET person = ?2 WHERE person = ?1";
    MOVE_MESSAGES = "UPDATE message SET person = ?2 WHERE person = ?1";
    MOVE_EVENTS = "UPDATE event SET person = ?2 WHERE person = ?1 AND shown = 1";
    BACK_IDENTITIES = "UPDATE identity SET person = ?2 WHERE person = ?1 AND EXISTS (SELECT 1 FROM json_each(?3) i
        WHERE identity.kind = i.value ->> 'kind' AND identity.namespace = i.value ->> 'namespace' AND identity.value = i.value ->> 'value')";
    BACK_CALLS = "UPDATE call SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_CONVERSATIONS = "UPDATE conversation SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_CALLBACKS = "UPDATE callback SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_TICKETS = "UPDATE ticket SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_FORMS = "UPDATE form SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_SURVEYS = "UPDATE survey SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_PROACTIVES = "UPDATE proactive SET person = ?2 WHERE person = ?1 AND id IN (SELECT value FROM json_each(?3))";
    BACK_MESSAGES = "UPDATE message SET person = ?2 WHERE person = ?1 AND (conversation IN (SELECT value FROM json_each(?3))
        OR call IN (SELECT value FROM json_each(?4)) OR id IN (SELECT value FROM json_each(?5)))";
    // A line stands with what it is about; what a rule did of no contact, with the ticket or with what was told of them.
    // Whoever had become the other before goes with them.
    BACK_EVENTS = "WITH RECURSIVE them (id) AS (SELECT ?2 UNION SELECT p.id FROM person p JOIN them ON p.merged_into = them.id)
        UPDATE event SET person = ?2 WHERE person = ?1 AND shown = 1
        AND (subject IN (SELECT 'person/' || id FROM them)
            OR subject IN (SELECT value FROM json_each(?3)) OR work IN (SELECT value FROM json_each(?3))
            OR kind IN ('rule.did', 'rule.refused') AND work IS NULL AND (
                'ticket/' || coalesce(json ->> '$.rule[1].did.subject.ticket', json ->> '$.rule[1].refused.subject.ticket')
                    IN (SELECT value FROM json_each(?3))
                OR coalesce(json ->> '$.rule[1].did.subject.told', json ->> '$.rule[1].refused.subject.told')
                    IN (SELECT t.id FROM told t JOIN them ON t.person = them.id)))";
    BECOME = "UPDATE person SET merged_into = ?2 WHERE id = ?1";
    FIELDS = "SELECT tier, language, dedicated_agent, last_agent, company, about, blocked, consent, consent_by, consent_at, contact_at
        FROM person WHERE id = ?1";
    SET_FIELDS = "UPDATE person SET tier = ?2, language = ?3, dedicated_agent = ?4, last_agent = ?5, company = ?6, about = ?7, blocked = ?8,
        consent = ?9, consent_by = ?10, consent_at = ?11, contact_at = ?12 WHERE id = ?1";
    ADD_TAG = "INSERT INTO tag (person, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    REMOVE_TAG = "DELETE FROM tag WHERE person = ?1 AND name = ?2";
    REMEMBER = "INSERT INTO merge (person, other, by, at, why, moved, before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UNDONE = "UPDATE merge SET undone_at = ?2, undone_by = ?3 WHERE id = ?1";
    KEEP_APART = "INSERT INTO kept_apart (one, other, by, at) VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4) ON CONFLICT DO NOTHING";
}

/// Somebody who has become the person shown, and can be parted from them again.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRow {
    pub other: PersonId,
    pub name: String,
    pub by: AgentId,
    pub at: At,
}

/// What of a person a merge fills from the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Fields {
    tier: Option<TierId>,
    language: Option<String>,
    dedicated: Option<AgentId>,
    last: Option<AgentId>,
    company: String,
    about: String,
    blocked: bool,
    consent: Consent,
    consent_by: Option<AgentId>,
    consent_at: Option<At>,
    contact_at: At,
}

/// What a merge has changed of the one who stayed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Before {
    was: Option<Fields>,
    became: Option<Fields>,
    /// Tags and fields that came from the other.
    tags: Vec<String>,
    #[serde(default)]
    fields: Vec<(String, String)>,
}

struct Kept {
    id: i64,
    row: MergeRow,
    moved: Belongings,
    before: Before,
}

/// Who this person is by now; `None` when there never was such a person.
pub async fn living(store: &Store, person: PersonId) -> Result<Option<PersonId>, StoreError> {
    store.read(move |conn| living_of(conn, person)).await
}

/// Everything that would go along.
pub async fn belongings(store: &Store, person: PersonId) -> Result<Belongings, StoreError> {
    store.read(move |conn| belongings_of(conn, person)).await
}

/// Those who have become this person, the last one first.
pub async fn merges(store: &Store, person: PersonId) -> Result<Vec<MergeRow>, StoreError> {
    store.read(move |conn| merges_of(conn, person)).await
}

/// What goes back to `other` when they are parted from `person`; `None` when they are not one.
pub async fn returning(store: &Store, person: PersonId, other: PersonId) -> Result<Option<Belongings>, StoreError> {
    store
        .read(move |conn| {
            let Some(kept) = first(conn, MERGE, (person, other), kept)? else { return Ok(None) };
            since(conn, person, kept.row.at, kept.moved).map(Some)
        })
        .await
}

pub(in crate::store) fn living_of(conn: &Connection, person: PersonId) -> Result<Option<PersonId>, StoreError> {
    let mut living = person;
    loop {
        match first(conn, INTO, [living], |row| row.get::<_, Option<PersonId>>(0))? {
            None => return Ok(None),
            Some(None) => return Ok(Some(living)),
            // Whoever has become somebody never becomes anybody else before they are parted: this comes to an end.
            Some(Some(into)) => living = into,
        }
    }
}

pub(super) fn merges_of(conn: &Connection, person: PersonId) -> Result<Vec<MergeRow>, StoreError> {
    Ok(all(conn, MERGES, [person], kept)?.into_iter().map(|kept| kept.row).collect())
}

fn belongings_of(conn: &Connection, person: PersonId) -> Result<Belongings, StoreError> {
    Ok(Belongings {
        identities: all(conn, IDENTITIES, [person], identity_at)?,
        calls: all(conn, CALLS, [person], |row| row.get(0))?,
        conversations: all(conn, CONVERSATIONS, [person], |row| row.get(0))?,
        callbacks: all(conn, CALLBACKS, [person], |row| row.get(0))?,
        tickets: all(conn, TICKETS, [person], |row| row.get(0))?,
        forms: all(conn, FORMS, [person], |row| row.get(0))?,
        surveys: all(conn, SURVEYS, [person], |row| row.get(0))?,
        proactives: all(conn, PROACTIVES, [person], |row| row.get(0))?,
        notes: all(conn, NOTES, [person], |row| row.get(0))?,
    })
}

/// What was brought, and what has come since by the same identities.
fn since(conn: &Connection, person: PersonId, merged: At, mut back: Belongings) -> Result<Belongings, StoreError> {
    let identities = serde_json::to_string(&back.identities)?;
    add(&mut back.conversations, all(conn, CONVERSATIONS_SINCE, (person, &identities), |row| row.get(0))?);
    add(&mut back.calls, all(conn, CALLS_SINCE, (person, &identities), |row| row.get(0))?);
    let (calls, conversations) = (serde_json::to_string(&back.calls)?, serde_json::to_string(&back.conversations)?);
    add(&mut back.callbacks, all(conn, CALLBACKS_SINCE, (person, &calls, &conversations), |row| row.get(0))?);
    add(&mut back.tickets, all(conn, TICKETS_SINCE, (person, &calls, &conversations, merged), |row| row.get(0))?);
    add(&mut back.surveys, all(conn, SURVEYS_SINCE, (person, &calls, &conversations), |row| row.get(0))?);
    add(&mut back.forms, all(conn, FORMS_SINCE, (person, &conversations), |row| row.get(0))?);
    Ok(back)
}

fn add<T: Ord>(list: &mut Vec<T>, more: Vec<T>) {
    list.extend(more);
    list.sort();
    list.dedup();
}

/// `other` becomes `person`.
pub(in crate::store) fn merge_rows(
    conn: &Connection,
    at: At,
    (person, other): (PersonId, PersonId),
    by: &AgentId,
    why: &MergeWhy,
) -> Result<(), StoreError> {
    // As it is now, and not as it was when it was asked for: nothing stays behind.
    let moved = belongings_of(conn, other)?;
    let (was, theirs) = (fields(conn, person)?, fields(conn, other)?);
    let became = joined(&was, theirs);
    let own = tags_of(conn, person)?;
    let tags: Vec<String> = tags_of(conn, other)?.into_iter().filter(|tag| !own.contains(tag)).collect();
    for tag in &tags {
        run(conn, ADD_TAG, (person, tag))?;
    }
    set_fields(conn, person, &became)?;
    let came = super::fields::join(conn, person, other)?;
    let everything = [
        MOVE_IDENTITIES,
        MOVE_CALLS,
        MOVE_CONVERSATIONS,
        MOVE_CALLBACKS,
        MOVE_TICKETS,
        MOVE_FORMS,
        MOVE_SURVEYS,
        MOVE_PROACTIVES,
        FOLLOW_BOTH,
        MOVE_MESSAGES,
        MOVE_EVENTS,
    ];
    for statement in everything {
        run(conn, statement, (other, person))?;
    }
    run(conn, BECOME, (other, person))?;
    let before = serde_json::to_string(&Before { was: Some(was), became: Some(became), tags, fields: came })?;
    run(conn, REMEMBER, (person, other, by, at, serde_json::to_string(why)?, serde_json::to_string(&moved)?, before))?;
    Ok(())
}

/// They are two again.
pub(in crate::store) fn unmerge_rows(
    conn: &Connection,
    at: At,
    (person, other): (PersonId, PersonId),
    by: &AgentId,
    back: &Belongings,
) -> Result<(), StoreError> {
    let kept = first(conn, MERGE, (person, other), kept)?.ok_or_else(|| StoreError::Missing("merge".into()))?;
    let text = |ids: serde_json::Result<String>| ids.map_err(StoreError::from);
    let (calls, conversations) = (text(serde_json::to_string(&back.calls))?, text(serde_json::to_string(&back.conversations))?);
    let lists = [
        (BACK_IDENTITIES, text(serde_json::to_string(&back.identities))?),
        (BACK_CALLS, calls.clone()),
        (BACK_CONVERSATIONS, conversations.clone()),
        (BACK_CALLBACKS, text(serde_json::to_string(&back.callbacks))?),
        (BACK_TICKETS, text(serde_json::to_string(&back.tickets))?),
        (BACK_FORMS, text(serde_json::to_string(&back.forms))?),
        (BACK_SURVEYS, text(serde_json::to_string(&back.surveys))?),
        (BACK_PROACTIVES, text(serde_json::to_string(&back.proactives))?),
        (BACK_EVENTS, text(serde_json::to_string(&subjects(back)))?),
    ];
    for (statement, ids) in lists {
        run(conn, statement, (person, other, ids))?;
    }
    run(conn, BACK_MESSAGES, (person, other, conversations, calls, text(serde_json::to_string(&back.notes))?))?;
    run(conn, BECOME, (other, None::<PersonId>))?;
    for tag in &kept.before.tags {
        run(conn, REMOVE_TAG, (person, tag))?;
    }
    super::fields::part(conn, person, &kept.before.fields)?;
    if let (Some(was), Some(became)) = (kept.before.was, kept.before.became) {
        let now = fields(conn, person)?;
        set_fields(conn, person, &parted(now, was, became))?;
    }
    change(conn, UNDONE, (kept.id, at, by), "merge")
}

/// An agent knows that these are two.
pub(in crate::store) fn keep_apart_rows(conn: &Connection, at: At, one: PersonId, other: PersonId, by: &AgentId) -> Result<(), StoreError> {
    run(conn, KEEP_APART, (one, other, by, at)).map(drop)
}

/// What the one who stays lacks comes from the other; of what binds us, the stricter holds.
fn joined(own: &Fields, theirs: Fields) -> Fields {
    let stricter = theirs.consent > own.consent;
    let own = own.clone();
    let words = |own: String, theirs: String| if own.is_empty() { theirs } else { own };
    let (consent, consent_by, consent_at) =
        if stricter { (theirs.consent, theirs.consent_by, theirs.consent_at) } else { (own.consent, own.consent_by, own.consent_at) };
    Fields {
        tier: own.tier.or(theirs.tier),
        language: own.language.or(theirs.language),
        dedicated: own.dedicated.or(theirs.dedicated),
        last: if theirs.contact_at > own.contact_at { theirs.last.or(own.last) } else { own.last.or(theirs.last) },
        company: words(own.company, theirs.company),
        about: words(own.about, theirs.about),
        blocked: own.blocked || theirs.blocked,
        consent,
        consent_by,
        consent_at,
        contact_at: own.contact_at.max(theirs.contact_at),
    }
}

/// What nobody has changed since the merge is what it was before it.
fn parted(now: Fields, was: Fields, became: Fields) -> Fields {
    fn pick<T: PartialEq>(now: T, was: T, became: T) -> T {
        if now == became { was } else { now }
    }
    let consent = pick(
        (now.consent, now.consent_by, now.consent_at),
        (was.consent, was.consent_by, was.consent_at),
        (became.consent, became.consent_by, became.consent_at),
    );
    Fields {
        tier: pick(now.tier, was.tier, became.tier),
        language: pick(now.language, was.language, became.language),
        dedicated: pick(now.dedicated, was.dedicated, became.dedicated),
        last: pick(now.last, was.last, became.last),
        company: pick(now.company, was.company, became.company),
        about: pick(now.about, was.about, became.about),
        blocked: pick(now.blocked, was.blocked, became.blocked),
        consent: consent.0,
        consent_by: consent.1,
        consent_at: consent.2,
        contact_at: pick(now.contact_at, was.contact_at, became.contact_at),
    }
}

/// What the log names them by.
fn subjects(back: &Belongings) -> Vec<String> {
    let calls = back.calls.iter().map(|id| format!("call/{id}"));
    let conversations = back.conversations.iter().map(|id| format!("conversation/{id}"));
    let callbacks = back.callbacks.iter().map(|id| format!("callback/{id}"));
    let tickets = back.tickets.iter().map(|id| format!("ticket/{id}"));
    let forms = back.forms.iter().map(|id| format!("form/{id}"));
    let surveys = back.surveys.iter().map(|id| format!("survey/{id}"));
    calls.chain(conversations).chain(callbacks).chain(tickets).chain(forms).chain(surveys).collect()
}

fn fields(conn: &Connection, person: PersonId) -> Result<Fields, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(Fields {
            tier: row.get("tier")?,
            language: row.get("language")?,
            dedicated: row.get("dedicated_agent")?,
            last: row.get("last_agent")?,
            company: row.get("company")?,
            about: row.get("about")?,
            blocked: row.get("blocked")?,
            consent: word_at(row, "consent")?,
            consent_by: row.get("consent_by")?,
            consent_at: row.get("consent_at")?,
            contact_at: row.get("contact_at")?,
        })
    };
    first(conn, FIELDS, [person], read)?.ok_or_else(|| StoreError::Missing("person".into()))
}

fn set_fields(conn: &Connection, person: PersonId, fields: &Fields) -> Result<(), StoreError> {
    let Fields { tier, language, dedicated, last, company, about, blocked, consent, consent_by, consent_at, contact_at } = fields;
    let values = (person, tier, language, dedicated, last, company, about, blocked, word(consent), consent_by, consent_at, contact_at);
    change(conn, SET_FIELDS, values, "person")
}

fn identity_at(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? })
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let json = |column: &str| row.get::<_, String>(column);
    let unreadable = |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error));
    Ok(Kept {
        id: row.get("id")?,
        row: MergeRow { other: row.get("other")?, name: row.get("name")?, by: row.get("by")?, at: row.get("at")? },
        moved: serde_json::from_str(&json("moved")?).map_err(unreadable)?,
        before: serde_json::from_str(&json("before")?).map_err(unreadable)?,
    })
}
