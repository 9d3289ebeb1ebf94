//! The places in texts of the house, such as `{name}`: what they are filled with for one customer and one writer. What nobody knows stays as it
//! is, to be filled by hand before it is sent.

use super::reader::Reader;
use super::targets::filled;
use crate::desk::id::{ConversationId, PersonId};
use crate::store::tickets::{self, Filter};
use crate::store::{StoreError, conversations, persons};

/// What can stand between the brackets, in the order in which forms list it; each is explained by `canned.places.<name>`.
pub const PLACES: &[&str] = &["name", "first_name", "agent", "site", "queue", "ticket", "today", "time"];

/// Values by name.
pub struct Places(Vec<(&'static str, String)>);

impl Places {
    pub async fn of(reader: &Reader, person: PersonId, conversation: Option<ConversationId>) -> Result<Places, StoreError> {
        let store = &reader.state.store;
        let say = reader.say();
        let name = persons::get(store, person).await?.map(|person| person.name).unwrap_or_default();
        let row = match conversation {
            Some(id) => conversations::get(store, &reader.viewer, id).await?.filter(|row| row.person == person),
            None => None,
        };
        let open = tickets::list(store, Filter { open: true, person: Some(person), ..Filter::default() }, None, 1).await?;
        let me = say.agent_name(reader.me());
        // A Chinese name has no first name to be called by.
        let first = name.split_whitespace().next().unwrap_or_default().to_owned();
        let mut values = vec![
            ("name", name.clone()),
            ("customer", name),
            ("first_name", first),
            ("agent", me.clone()),
            ("me", me),
            ("site", reader.page.site.clone()),
            ("queue", row.and_then(|row| row.queue).map(|queue| say.queue(&queue)).unwrap_or_default()),
            ("ticket", open.first().map(|ticket| format!("#{}", ticket.id)).unwrap_or_default()),
            ("today", say.day(reader.page.now)),
            ("time", say.clock(reader.page.now)),
        ];
        values.retain(|(_, value)| !value.is_empty());
        Ok(Places(values))
    }

    pub fn fill(&self, text: &str) -> String {
        let values: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        filled(text, &values)
    }
}
