//! Customers: who they are, how they are known, and the card that is shown while they ring.

pub(super) mod blocked;
pub(super) mod card;
pub(super) mod edit;
pub(super) mod fields;
pub mod import;
pub(super) mod matter;
pub(super) mod merge;
pub(super) mod same;

pub use blocked::{BlockedRow, blocked};
pub(super) use blocked::{block_rows, enter_rows};
pub use card::{Card, CardConversation, CardTicket, Counts, card};
pub use edit::{Edit, edit, set_language, set_tags, set_tier};
pub(super) use edit::{insert_identity, prove, prove_of, remove_identity, tag_row, untag_row};
pub use fields::{fields, set_fields};
pub use matter::{Matter, Offered, Point, matter};
pub use merge::{MergeRow, belongings, living, merges, returning};
pub(super) use merge::{keep_apart_rows, living_of, merge_rows, unmerge_rows};
pub(super) use same::heard;
pub use same::{Suggestion, UNSIGNED, clue, suggestions};

use super::values::{all, first, maybe_word_at, word_at};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::person::{Consent, Identity, Kept, PersonBrief, Unreachable};
use crate::desk::rules::About;
use crate::desk::same::Proof;
use rusqlite::{Connection, Row};

statements! {
    BRIEF_BY_IDENTITY = "SELECT p.id, p.name, p.tier, p.language, p.dedicated_agent, p.last_agent, p.blocked, p.consent, i.opted_out_at, i.unreachable
        FROM identity i JOIN person p ON p.id = i.person WHERE i.kind = ?1 AND i.namespace = ?2 AND i.value = ?3";
    PERSON = "SELECT id, name, tier, language, dedicated_agent, last_agent, blocked, company, about, created_at, contact_at, consent, consent_by, consent_at
        FROM person WHERE id = ?1";
    RECENT = "SELECT id, name, tier, language, dedicated_agent, last_agent, blocked, company, about, created_at, contact_at, consent, consent_by, consent_at
        FROM person WHERE (contact_at, id) < (?1, ?2) AND merged_into IS NULL ORDER BY contact_at DESC, id DESC LIMIT ?3";
    IDENTITIES = "SELECT id, kind, namespace, value, proof FROM identity WHERE person = ?1 ORDER BY kind, id";
    IDENTITY = "SELECT kind, namespace, value FROM identity WHERE person = ?1 AND id = ?2";
    UNREACHABLE = "SELECT i.unreachable FROM conversation c
        JOIN identity i ON i.kind = c.kind AND i.namespace = c.namespace AND i.value = c.value WHERE c.id = ?1";
    TAGS = "SELECT name FROM tag WHERE person = ?1 ORDER BY name";
    TAG_NAMES = "SELECT DISTINCT name FROM tag ORDER BY name LIMIT 500";
}

/// A customer as the lists and the right-hand pane show them.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    pub id: PersonId,
    pub name: String,
    pub tier: Option<TierId>,
    /// BCP 47.
    pub language: Option<String>,
    pub dedicated_agent: Option<AgentId>,
    pub last_agent: Option<AgentId>,
    pub blocked: bool,
    pub company: String,
    /// Free text about the customer; never leaves the house.
    pub about: String,
    pub created_at: At,
    /// The last contact in either direction.
    pub contact_at: At,
    /// What they have agreed to, and who wrote it down when.
    pub consent: Consent,
    pub consented: Option<(AgentId, At)>,
}

/// One way by which a customer is known. The value is as the viewer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    pub id: i64,
    pub kind: String,
    pub namespace: String,
    pub value: String,
    /// How it is known to be theirs; `None`: nobody vouches for it.
    pub proof: Option<Proof>,
}

/// What an edge tells the desk of the one who calls or writes; `None` when nobody is known by this identity.
pub async fn brief(store: &Store, identity: Identity) -> Result<Option<PersonBrief>, StoreError> {
    store.read(move |conn| brief_of(conn, &identity)).await
}

/// One customer.
pub async fn get(store: &Store, person: PersonId) -> Result<Option<PersonRow>, StoreError> {
    store.read(move |conn| person_of(conn, person)).await
}

/// Customers by last contact, newest first. `before` is the `(contact_at, id)` of the last one of the page before.
pub async fn recent(store: &Store, before: Option<(At, PersonId)>, limit: u32) -> Result<Vec<PersonRow>, StoreError> {
    let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    store.read(move |conn| all(conn, RECENT, (at, id, limit), person_row)).await
}

/// How a customer is known.
pub async fn identities(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Vec<IdentityRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| identities_of(conn, &viewer, person)).await
}

/// One of a customer's identities in full, to dial or write to; never shown.
pub async fn identity(store: &Store, person: PersonId, id: i64) -> Result<Option<Identity>, StoreError> {
    let read = |row: &Row<'_>| Ok(Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? });
    store.read(move |conn| first(conn, IDENTITY, (person, id), read)).await
}

/// Why nothing reaches the customer of a conversation by it any more.
pub async fn unreachable(store: &Store, conversation: ConversationId) -> Result<Option<Unreachable>, StoreError> {
    let found = store.read(move |conn| first(conn, UNREACHABLE, [conversation], |row| maybe_word_at(row, "unreachable"))).await?;
    Ok(found.flatten())
}

/// The customer's tags in alphabetical order.
pub async fn tags(store: &Store, person: PersonId) -> Result<Vec<String>, StoreError> {
    store.read(move |conn| tags_of(conn, person)).await
}

/// Every tag in use, for suggestions.
pub async fn tag_names(store: &Store) -> Result<Vec<String>, StoreError> {
    store.read(|conn| all(conn, TAG_NAMES, [], |row| row.get(0))).await
}

pub(super) fn brief_of(conn: &Connection, identity: &Identity) -> Result<Option<PersonBrief>, StoreError> {
    let mut brief = first(conn, BRIEF_BY_IDENTITY, (&identity.kind, &identity.namespace, &identity.value), |row| {
        Ok(PersonBrief {
            id: row.get("id")?,
            name: row.get("name")?,
            tier: row.get("tier")?,
            language: row.get("language")?,
            tags: Vec::new(),
            dedicated: row.get("dedicated_agent")?,
            last_agent: row.get("last_agent")?,
            blocked: row.get("blocked")?,
            opted_out: row.get::<_, Option<At>>("opted_out_at")?.is_some(),
            kept: Kept { consent: word_at(row, "consent")?, fields: Default::default() },
            unreachable: maybe_word_at(row, "unreachable")?,
        })
    })?;
    if let Some(brief) = &mut brief {
        brief.tags = tags_of(conn, brief.id)?;
        brief.kept.fields = fields::all_of(conn, brief.id)?;
    }
    Ok(brief)
}

/// What rules ask of a customer, as it is by now.
pub async fn about(store: &Store, person: PersonId) -> Result<About, StoreError> {
    store
        .read(move |conn| {
            let row = person_of(conn, person)?;
            let (tier, language) = row.as_ref().map_or((None, None), |row| (row.tier.clone(), row.language.clone()));
            Ok(About {
                tier,
                language,
                tags: tags_of(conn, person)?.into_iter().collect(),
                fields: fields::all_of(conn, person)?,
                consent: row.map(|row| row.consent).unwrap_or_default(),
                ..About::default()
            })
        })
        .await
}

pub(super) fn person_of(conn: &Connection, person: PersonId) -> Result<Option<PersonRow>, StoreError> {
    first(conn, PERSON, [person], person_row)
}

pub(super) fn identities_of(conn: &Connection, viewer: &Viewer, person: PersonId) -> Result<Vec<IdentityRow>, StoreError> {
    all(conn, IDENTITIES, [person], |row| {
        let (kind, value): (String, String) = (row.get("kind")?, row.get("value")?);
        Ok(IdentityRow {
            id: row.get("id")?,
            namespace: row.get("namespace")?,
            value: shown(viewer, &kind, &value),
            proof: maybe_word_at(row, "proof")?,
            kind,
        })
    })
}

pub(super) fn tags_of(conn: &Connection, person: PersonId) -> Result<Vec<String>, StoreError> {
    all(conn, TAGS, [person], |row| row.get(0))
}

pub(super) fn person_row(row: &Row<'_>) -> rusqlite::Result<PersonRow> {
    Ok(PersonRow {
        id: row.get("id")?,
        name: row.get("name")?,
        tier: row.get("tier")?,
        language: row.get("language")?,
        dedicated_agent: row.get("dedicated_agent")?,
        last_agent: row.get("last_agent")?,
        blocked: row.get("blocked")?,
        company: row.get("company")?,
        about: row.get("about")?,
        created_at: row.get("created_at")?,
        contact_at: row.get("contact_at")?,
        consent: word_at(row, "consent")?,
        consented: row.get::<_, Option<AgentId>>("consent_by")?.zip(row.get("consent_at")?),
    })
}
