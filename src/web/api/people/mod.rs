//! Customers, as programs read them.

mod list;
mod show;

pub use list::{__path_list, list};
pub use show::{__path_show, show};

use crate::store::listing::Known;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    id: u64,
    name: String,
    company: String,
    tier: Option<String>,
    /// BCP 47.
    language: Option<String>,
    tags: Vec<String>,
    identities: Vec<Identity>,
    /// What they have agreed to: `unknown`, `offers`, `service_only` or `nothing`.
    consent: &'static str,
    /// The firm takes no contacts of theirs.
    blocked: bool,
    /// The agent who is theirs.
    dedicated_agent: Option<String>,
    /// Who served them last.
    last_agent: Option<String>,
    /// Whoever has this number is that customer now, and everything of theirs is that customer's.
    merged_into: Option<u64>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The last contact in either direction.
    #[schema(format = DateTime)]
    contact_at: String,
}

/// One way by which a customer is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// `phone`, `email`, `webchat`, `whatsapp`, …
    pub kind: String,
    /// Where the value has a meaning; empty: everywhere.
    pub namespace: String,
    pub value: String,
}

impl From<Known> for Person {
    fn from(known: Known) -> Person {
        let Known { person, identities, tags, merged_into } = known;
        let identities = identities.into_iter().map(|row| Identity { kind: row.kind, namespace: row.namespace, value: row.value });
        Person {
            id: person.id.0,
            name: person.name,
            company: person.company,
            tier: person.tier.map(|tier| tier.to_string()),
            language: person.language,
            tags,
            identities: identities.collect(),
            consent: person.consent.word(),
            blocked: person.blocked,
            dedicated_agent: person.dedicated_agent.map(|agent| agent.to_string()),
            last_agent: person.last_agent.map(|agent| agent.to_string()),
            merged_into: merged_into.map(|person| person.0),
            created_at: moment(person.created_at),
            contact_at: moment(person.contact_at),
        }
    }
}
