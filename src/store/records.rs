//! What the firm's own system says of customers: one record each, and their orders. A record belongs to whoever has it as an identity, so that
//! it goes with them when people are joined or parted.

use super::persons::{UNSIGNED, prove_of};
use super::values::{all, first, run};
use super::viewer::{SENSITIVE, Viewer, shown};
use super::{Store, StoreError, search};
use crate::desk::id::*;
use crate::desk::person::{Identity, plain_name};
use crate::desk::same::Proof;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

statements! {
    ASKED = "SELECT at FROM record_asked WHERE person = ?1";
    ASK = "INSERT INTO record_asked (person, at) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET at = excluded.at";
    PERSON = "SELECT name, language, tier, company FROM person WHERE id = ?1 AND merged_into IS NULL";
    IDENTITIES = "SELECT kind, namespace, value, proof IS NOT NULL AS proven FROM identity
        WHERE person = ?1 AND kind NOT IN ('webchat', 'anonymous', 'agent') AND namespace <> ?2 ORDER BY id LIMIT 50";
    KEEP = "INSERT INTO record (id, body, at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET body = excluded.body, at = excluded.at";
    WHOSE = "SELECT person FROM identity WHERE kind = 'record' AND namespace = '' AND value = ?1";
    RECORDS = "SELECT r.id, r.body, r.at FROM identity i JOIN record r ON r.id = i.value WHERE i.person = ?1 AND i.kind = 'record'
        ORDER BY r.at DESC LIMIT 3";
    FILL = "UPDATE person SET language = coalesce(language, ?2), tier = coalesce(?3, tier), company = iif(company = '', ?4, company),
        name = iif(?5 <> '' AND (name = '' OR EXISTS (SELECT 1 FROM identity WHERE person = ?1 AND value = person.name)), ?5, name) WHERE id = ?1";
    ORDER = "INSERT INTO purchase (record, number, at, title, state, amount, url) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (record, number) DO UPDATE SET at = excluded.at, title = excluded.title, state = excluded.state,
        amount = excluded.amount, url = excluded.url";
    ORDERS = "SELECT o.number, o.at, o.title, o.state, o.amount, o.url FROM identity i JOIN purchase o ON o.record = i.value
        WHERE i.person = ?1 AND i.kind = 'record' ORDER BY o.at DESC LIMIT ?2";
    TAKE = "INSERT INTO record_event (id, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    FORGET = "DELETE FROM record_event WHERE at < ?1";
    FIRST = "SELECT kind, namespace, value FROM identity WHERE person = ?1 AND kind <> 'record' ORDER BY id LIMIT 1";
    CLUE = "INSERT INTO clue (what, kind, namespace, value, other_kind, other_namespace, other_value, at)
        VALUES ('record', ?1, ?2, ?3, 'record', '', ?4, ?5) ON CONFLICT DO NOTHING";
}

/// Orders and facts taken of one answer; longest texts, characters.
const MOST_ORDERS: usize = 200;
const MOST_FACTS: usize = 20;
const LONGEST: usize = 300;
/// An event is known again for so long, ms.
const EVENTS_MS: i64 = 7 * 24 * 3_600_000;

/// What the system answers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Told {
    pub customer: Option<Customer>,
    pub orders: Vec<Order>,
}

/// A customer there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// By which the system knows them.
    pub id: String,
    pub name: String,
    /// One of the configuration's tiers.
    pub tier: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    pub company: String,
    /// Shows them there.
    pub url: String,
    pub facts: Vec<Said>,
}

/// One thing worth knowing: `{"label": "Points", "value": "1,240"}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    pub label: String,
    pub value: String,
    /// Agents see its end alone.
    pub sensitive: bool,
}

/// Something that was bought.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    pub number: String,
    /// When it was ordered, ms since 1970.
    pub at: i64,
    pub title: String,
    pub state: String,
    pub amount: String,
    pub url: String,
}

/// What the system tells by itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Customer { customer: Customer },
    Order { record: String, order: Order },
}

/// Whom to ask about.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub name: String,
    pub language: Option<String>,
    /// And whether somebody vouches for it.
    pub identities: Vec<(Identity, bool)>,
}

/// A record as a viewer may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: String,
    pub url: String,
    pub facts: Vec<(String, String)>,
    pub at: At,
}

/// Who is to be asked about now; `None` for somebody who was asked about not long ago, or has nothing to be known by.
pub async fn to_ask(store: &Store, person: PersonId, now: At, cache_ms: i64) -> Result<Option<Known>, StoreError> {
    store
        .write(move |conn| {
            let asked: Option<At> = first(conn, ASKED, [person], |row| row.get(0))?;
            if asked.is_some_and(|at| now.since(at) < cache_ms) {
                return Ok(None);
            }
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>("name")?, row.get::<_, Option<String>>("language")?));
            let Some((name, language)) = first(conn, PERSON, [person], read)? else { return Ok(None) };
            let identities = all(conn, IDENTITIES, (person, UNSIGNED), |row| {
                let identity = Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? };
                Ok((identity, row.get("proven")?))
            })?;
            if identities.is_empty() {
                return Ok(None);
            }
            run(conn, ASK, (person, now))?;
            Ok(Some(Known { name, language, identities }))
        })
        .await
}

/// Keeps an answer. Gives the identity by which the person is known there from now on; `None` when the record is somebody else's, which is then
/// a clue and no more.
pub async fn keep(store: &Store, person: PersonId, told: Told, at: At) -> Result<Option<Identity>, StoreError> {
    store
        .write(move |conn| {
            let Some(customer) = told.customer.filter(|customer| !customer.id.is_empty()) else { return Ok(None) };
            let customer = clean(customer);
            keep_record(conn, &customer, at)?;
            for order in told.orders.into_iter().take(MOST_ORDERS) {
                keep_order(conn, &customer.id, order)?;
            }
            let identity = Identity { kind: "record".into(), namespace: String::new(), value: customer.id.clone() };
            match first(conn, WHOSE, [&customer.id], |row| row.get::<_, PersonId>(0))? {
                Some(other) if other != person => {
                    let read = |row: &rusqlite::Row<'_>| Ok(Identity { kind: row.get(0)?, namespace: row.get(1)?, value: row.get(2)? });
                    if let Some(own) = first(conn, FIRST, [person], read)? {
                        run(conn, CLUE, (&own.kind, &own.namespace, &own.value, &customer.id, at))?;
                    }
                    Ok(None)
                }
                _ => {
                    fill(conn, person, &customer)?;
                    prove_of(conn, person, &identity, Proof::Platform, at)?;
                    Ok(Some(identity))
                }
            }
        })
        .await
}

/// Takes what the system tells by itself, once. Gives whose record it is, when somebody here has it.
pub async fn take(store: &Store, id: String, event: Event, at: At) -> Result<Option<(PersonId, Identity)>, StoreError> {
    store
        .write(move |conn| {
            run(conn, FORGET, [at.after(-EVENTS_MS)])?;
            if run(conn, TAKE, (&id, at))? == 0 {
                return Ok(None);
            }
            let record = match event {
                Event::Customer { customer } => {
                    let customer = clean(customer);
                    keep_record(conn, &customer, at)?;
                    if let Some(person) = first(conn, WHOSE, [&customer.id], |row| row.get::<_, PersonId>(0))? {
                        fill(conn, person, &customer)?;
                    }
                    customer.id
                }
                Event::Order { record, order } => {
                    let record = short(&record);
                    keep_order(conn, &record, order)?;
                    record
                }
            };
            let person = first(conn, WHOSE, [&record], |row| row.get::<_, PersonId>(0))?;
            Ok(person.map(|person| (person, Identity { kind: "record".into(), namespace: String::new(), value: record })))
        })
        .await
}

/// What is known there of a customer.
pub async fn of(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Vec<Record>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            all(conn, RECORDS, [person], |row| {
                let customer: Customer = serde_json::from_str(&row.get::<_, String>("body")?).unwrap_or_default();
                let fact = |fact: Said| {
                    let value = if fact.sensitive { shown(&viewer, SENSITIVE, &fact.value) } else { fact.value };
                    (fact.label, value)
                };
                Ok(Record {
                    id: row.get("id")?,
                    url: customer.url,
                    facts: customer.facts.into_iter().map(fact).collect(),
                    at: row.get("at")?,
                })
            })
        })
        .await
}

/// Their newest orders.
pub async fn orders(store: &Store, person: PersonId, limit: u32) -> Result<Vec<Order>, StoreError> {
    store
        .read(move |conn| {
            all(conn, ORDERS, (person, limit), |row| {
                Ok(Order {
                    number: row.get("number")?,
                    at: row.get("at")?,
                    title: row.get("title")?,
                    state: row.get("state")?,
                    amount: row.get("amount")?,
                    url: row.get("url")?,
                })
            })
        })
        .await
}

fn keep_record(conn: &Connection, customer: &Customer, at: At) -> Result<(), StoreError> {
    run(conn, KEEP, (&customer.id, serde_json::to_string(customer)?, at)).map(drop)
}

fn keep_order(conn: &Connection, record: &str, order: Order) -> Result<(), StoreError> {
    let Order { number, at, title, state, amount, url } = order;
    if number.is_empty() {
        return Ok(());
    }
    let texts = [&number, &title, &state, &amount, &url].map(|text| short(text));
    run(conn, ORDER, (record, &texts[0], at, &texts[1], &texts[2], &texts[3], &texts[4])).map(drop)
}

/// What we do not know of them yet; the tier is the system's to say.
fn fill(conn: &Connection, person: PersonId, customer: &Customer) -> Result<(), StoreError> {
    run(conn, FILL, (person, &customer.language, &customer.tier, &customer.company, &customer.name))?;
    search::index_person(conn, person)
}

fn short(text: &str) -> String {
    plain_name(text, LONGEST)
}

fn clean(customer: Customer) -> Customer {
    let fact = |fact: Said| Said { label: short(&fact.label), value: short(&fact.value), sensitive: fact.sensitive };
    Customer {
        id: short(&customer.id),
        name: short(&customer.name),
        tier: customer.tier.map(|tier| short(&tier)).filter(|tier| !tier.is_empty()),
        language: customer.language.map(|tag| short(&tag)).filter(|tag| !tag.is_empty() && tag.len() <= 35),
        company: short(&customer.company),
        url: short(&customer.url),
        facts: customer.facts.into_iter().take(MOST_FACTS).map(fact).collect(),
    }
}
