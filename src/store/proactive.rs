//! Messages that the house sends of its own accord: what became of them, and the ways to a customer.

use super::messages::{delivery_from, measure};
use super::persons::brief_of;
use super::values::{all, first, maybe_word_at, word_at};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::{Delivery, Reach, Recipient};
use crate::desk::person::{Consent, Identity, PersonBrief, Who};
use crate::desk::window::Measure;
use rusqlite::{Connection, Row};

statements! {
    GET = "SELECT p.id, p.asker, p.key, p.digest, p.state, p.why, p.until_at, p.at, p.channel, p.person, m.delivery, m.failure
        FROM proactive p LEFT JOIN message m ON m.id = p.message WHERE p.id = ?1";
    BY_KEY = "SELECT p.id, p.asker, p.key, p.digest, p.state, p.why, p.until_at, p.at, p.channel, p.person, m.delivery, m.failure
        FROM proactive p LEFT JOIN message m ON m.id = p.message WHERE p.asker = ?1 AND p.key = ?2";
    OF_PERSON = "SELECT id, kind, namespace, value FROM identity WHERE person = ?1 ORDER BY id LIMIT 200";
    NAMED = "SELECT kind, namespace, value, person FROM identity WHERE kind = ?1 AND value = ?2 AND namespace = coalesce(?3, namespace)
        ORDER BY id LIMIT 20";
    KEY_BETWEEN = "SELECT 1 FROM proactive WHERE asker = ?1 AND key BETWEEN ?2 AND ?3";
    WAYS = "SELECT i.kind, i.namespace, i.value, i.opted_out_at, i.unreachable, c.channel, max(c.last_at) AS used_at,
            (SELECT max(coalesce(m.sent_at, m.at)) FROM message m JOIN conversation o ON o.id = m.conversation
                WHERE o.person = ?1 AND o.channel = c.channel AND o.kind = i.kind AND o.namespace = i.namespace AND o.value = i.value
                AND m.kind = 'in' AND m.measure IS NOT '') AS heard,
            (SELECT m.measure FROM message m JOIN conversation o ON o.id = m.conversation
                WHERE o.person = ?1 AND o.channel = c.channel AND o.kind = i.kind AND o.namespace = i.namespace AND o.value = i.value
                AND m.kind = 'in' AND m.measure IS NOT '' ORDER BY m.id DESC LIMIT 1) AS measure,
            (SELECT coalesce(sum(m.parts), 0) FROM message m JOIN conversation o ON o.id = m.conversation
                WHERE o.person = ?1 AND o.channel = c.channel AND o.kind = i.kind AND o.namespace = i.namespace AND o.value = i.value
                AND m.kind IN ('out', 'auto', 'elsewhere') AND m.at > coalesce((SELECT max(n.at) FROM message n
                    JOIN conversation p ON p.id = n.conversation WHERE p.person = ?1 AND p.channel = c.channel AND p.kind = i.kind
                    AND p.namespace = i.namespace AND p.value = i.value AND n.kind = 'in' AND n.measure IS NOT ''), 0)) AS answers
        FROM identity i JOIN conversation c ON c.person = ?1 AND c.kind = i.kind AND c.namespace = i.namespace AND c.value = i.value
        WHERE i.person = ?1 GROUP BY i.id, c.channel";
    UNUSED = "SELECT kind, namespace, value, opted_out_at, unreachable, NULL AS channel, NULL AS used_at, NULL AS heard, NULL AS measure, 0 AS answers
        FROM identity WHERE person = ?1 ORDER BY id LIMIT 200";
    CONSENT = "SELECT consent FROM person WHERE id = ?1";
    OFFERED = "SELECT max(sent_at) FROM proactive WHERE person = ?1 AND purpose = 'offer'";
}

/// One message that was asked for, and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct ProactiveRow {
    pub id: ProactiveId,
    /// Who asked: the name of a token, or a rule.
    pub asker: String,
    pub key: String,
    pub digest: String,
    /// `queued`, `sent` or `refused`.
    pub state: String,
    /// Why it waits, or was refused.
    pub why: Option<String>,
    pub until: Option<At>,
    pub at: At,
    pub channel: Option<ChannelId>,
    pub person: Option<PersonId>,
    /// Of the message that it became.
    pub delivery: Option<Delivery>,
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    Person(PersonId),
    /// One who has any of these; without a namespace, wherever the value has a meaning.
    Identities(Vec<(String, Option<String>, String)>),
}

/// Whether there is somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Recipient(Box<Recipient>),
    Nobody,
    /// The identities belong to different people.
    Several,
}

/// One, as whoever asked may know of it.
pub async fn get(store: &Store, id: ProactiveId) -> Result<Option<ProactiveRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [id], proactive_row)).await
}

/// The one that was asked for under this key.
pub async fn by_key(store: &Store, asker: &str, key: &str) -> Result<Option<ProactiveRow>, StoreError> {
    let (asker, key) = (asker.to_owned(), key.to_owned());
    store.read(move |conn| first(conn, BY_KEY, (asker, key), proactive_row)).await
}

/// Whether something was asked for under a key of this range.
pub async fn has_key_between(store: &Store, asker: &str, from: String, to: String) -> Result<bool, StoreError> {
    let asker = asker.to_owned();
    let found = store.read(move |conn| first(conn, KEY_BETWEEN, (asker, from, to), |_| Ok(()))).await?;
    Ok(found.is_some())
}

/// The customer with all ways to them. Somebody unknown is found by a telephone number or an address alone.
pub async fn recipient(store: &Store, to: To) -> Result<Found, StoreError> {
    store
        .read(move |conn| match to {
            To::Person(person) => of_person(conn, person),
            To::Identities(named) => of_identities(conn, &named),
        })
        .await
}

fn of_identities(conn: &Connection, named: &[(String, Option<String>, String)]) -> Result<Found, StoreError> {
    let mut people: Vec<PersonId> = Vec::new();
    for (kind, namespace, value) in named {
        people.extend(all(conn, NAMED, (kind, value, namespace), |row| row.get::<_, PersonId>("person"))?);
    }
    people.sort_unstable();
    people.dedup();
    match people.as_slice() {
        [] => {}
        [person] => return of_person(conn, *person),
        _ => return Ok(Found::Several),
    }
    let plain = named.iter().filter(|(kind, namespace, _)| namespace.is_none() && matches!(kind.as_str(), "phone" | "email"));
    let identities = plain.map(|(kind, _, value)| Identity { kind: kind.clone(), namespace: String::new(), value: value.clone() });
    let ways: Vec<Reach> = identities.map(unused).collect();
    let Some(identity) = ways.first().map(|way| way.identity.clone()) else { return Ok(Found::Nobody) };
    let who = Who { identity, display: None, person: None };
    Ok(Found::Recipient(Box::new(Recipient { who, consent: Consent::Unknown, offered_at: None, ways })))
}

fn of_person(conn: &Connection, person: PersonId) -> Result<Found, StoreError> {
    let identities = all(conn, OF_PERSON, [person], identity_at)?;
    let Some(identity) = identities.into_iter().next() else { return Ok(Found::Nobody) };
    // What holds of one identity alone stands with each of them.
    let brief = brief_of(conn, &identity)?.map(|brief| PersonBrief { opted_out: false, unreachable: None, ..brief });
    let mut ways = all(conn, WAYS, [person], reach_row)?;
    ways.extend(all(conn, UNUSED, [person], reach_row)?);
    let consent = first(conn, CONSENT, [person], |row| word_at(row, "consent"))?.unwrap_or_default();
    let offered_at = first(conn, OFFERED, [person], |row| row.get::<_, Option<At>>(0))?.flatten();
    let who = Who { identity, display: None, person: brief };
    Ok(Found::Recipient(Box::new(Recipient { who, consent, offered_at, ways })))
}

fn unused(identity: Identity) -> Reach {
    Reach { identity, channel: None, used_at: None, heard_at: None, answers: 0, narrow: None, opted_out: false, unreachable: None }
}

fn identity_at(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? })
}

fn reach_row(row: &Row<'_>) -> rusqlite::Result<Reach> {
    let Measure { at, answers, narrow } = measure(row)?;
    Ok(Reach {
        identity: identity_at(row)?,
        channel: row.get("channel")?,
        used_at: row.get("used_at")?,
        heard_at: at,
        answers,
        narrow,
        opted_out: row.get::<_, Option<At>>("opted_out_at")?.is_some(),
        unreachable: maybe_word_at(row, "unreachable")?,
    })
}

fn proactive_row(row: &Row<'_>) -> rusqlite::Result<ProactiveRow> {
    let (delivery, failure): (Option<String>, Option<String>) = (row.get("delivery")?, row.get("failure")?);
    Ok(ProactiveRow {
        id: row.get("id")?,
        asker: row.get("asker")?,
        key: row.get("key")?,
        digest: row.get("digest")?,
        state: row.get("state")?,
        why: row.get("why")?,
        until: row.get("until_at")?,
        at: row.get("at")?,
        channel: row.get("channel")?,
        person: row.get("person")?,
        delivery: delivery.map(|word| delivery_from(&word, failure)),
    })
}
