//! The way into the firm's own system beside a contact (screen-pop): `[crm] open`, filled with what is known of the contact.

use crate::desk::id::{PersonId, Work};
use crate::desk::input::{Direction, PAGE};
use crate::store::calls::CallRow;
use crate::store::conversations::ConversationRow;
use crate::store::{StoreError, persons};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render::work_path;
use crate::web::inbox::view::Pop;

/// What is known of a contact.
#[derive(Debug, Clone)]
pub struct Known {
    pub work: Option<Work>,
    pub person: PersonId,
    pub name: String,
    /// The number that calls, or is called. Empty: the first one that is known of the customer.
    pub number: String,
    /// `in` or `out`.
    pub direction: &'static str,
    pub queue: String,
    pub channel: String,
}

impl Known {
    /// `None` for a call among colleagues.
    pub fn of_call(call: &CallRow) -> Option<Known> {
        let (number, direction) = match call.direction {
            Direction::Inbound => (&call.caller, "in"),
            Direction::Outbound => (&call.dialled, "out"),
            Direction::Internal => return None,
        };
        // Who calls from a page, or is called there, has no number.
        let page = call.trunk.as_str() == PAGE;
        Some(Known {
            work: Some(Work::Call(call.id)),
            person: call.person,
            name: call.person_name.clone(),
            number: if page { String::new() } else { number.clone() },
            direction,
            queue: call.queue.as_ref().map(ToString::to_string).unwrap_or_default(),
            channel: if page { PAGE.to_owned() } else { "phone".to_owned() },
        })
    }

    /// Nothing goes on with them.
    pub fn of_person(person: PersonId, name: String) -> Known {
        let nothing = String::new;
        Known { work: None, person, name, number: nothing(), direction: "", queue: nothing(), channel: nothing() }
    }

    pub fn of_conversation(row: &ConversationRow) -> Known {
        Known {
            work: Some(Work::Conversation(row.id)),
            person: row.person,
            name: row.person_name.clone(),
            number: String::new(),
            direction: "in",
            queue: row.queue.as_ref().map(ToString::to_string).unwrap_or_default(),
            channel: row.channel.to_string(),
        }
    }
}

/// The link; `None` where the house has no such system, or it could not tell who it is. `mine`: it opens by itself where the house says so.
pub async fn pop(reader: &Reader, known: Known, mine: bool) -> Result<Option<Pop>, StoreError> {
    let crm = &reader.loaded.config.crm;
    let Some(open) = &crm.open else { return Ok(None) };
    let identities = persons::identities(&reader.state.store, &reader.viewer, known.person).await?;
    let first = |kind: &str| identities.iter().find(|one| one.kind == kind).map(|one| one.value.clone()).unwrap_or_default();
    let (record, email) = (first("record"), first("email"));
    let phone = if known.number.is_empty() { first("phone") } else { known.number };
    let number = |of: fn(Work) -> Option<u64>| known.work.and_then(of).map(|id| id.to_string()).unwrap_or_default();
    let (call, conversation) = (number(call), number(conversation));
    let (person, agent) = (known.person.to_string(), reader.me().to_string());
    let value = |place: &str| match place {
        "record" => record.as_str(),
        "phone" => phone.as_str(),
        "email" => email.as_str(),
        "name" => known.name.as_str(),
        "person" => person.as_str(),
        "call" => call.as_str(),
        "conversation" => conversation.as_str(),
        "direction" => known.direction,
        "queue" => known.queue.as_str(),
        "channel" => known.channel.as_str(),
        "agent" => agent.as_str(),
        _ => "",
    };
    let path = known.work.map(|work| work_path(&work)).unwrap_or_default();
    let by_itself = mine && crm.opens_by_itself() && !path.is_empty();
    Ok(address(open.get_ref(), value).map(|href| Pop { href, work: path, by_itself }))
}

fn call(work: Work) -> Option<u64> {
    if let Work::Call(id) = work { Some(id.0) } else { None }
}

fn conversation(work: Work) -> Option<u64> {
    if let Work::Conversation(id) = work { Some(id.0) } else { None }
}

/// The pattern with its places filled, each percent-encoded (RFC 3986 §2.1), so that no value becomes another part of the address. `None`
/// where the pattern asks who the customer is and nothing is known of that, and for what is no web address.
pub fn address<'v>(pattern: &str, value: impl Fn(&str) -> &'v str) -> Option<String> {
    if !pattern.starts_with("https://") && !pattern.starts_with("http://") {
        return None;
    }
    let (mut filled, mut rest) = (String::new(), pattern);
    let (mut asked, mut known) = (false, false);
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        let text = value(place);
        if matches!(place, "record" | "phone" | "email") {
            (asked, known) = (true, known || !text.is_empty());
        }
        filled.push_str(before);
        filled.extend(text.bytes().map(plain_byte));
        rest = after;
    }
    filled.push_str(rest);
    (known || !asked).then_some(filled)
}

fn plain_byte(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn values_stay_values() {
        let value = |place: &str| match place {
            "phone" => "+4915112345678",
            "name" => "A&b=c#/../\"><svg onload=x>{phone}\u{202e}",
            _ => "",
        };
        let pattern = "https://crm.example/pop?n={phone}&who={name}&id={record}";
        let filled =
            "https://crm.example/pop?n=%2B4915112345678&who=A%26b%3Dc%23%2F..%2F%22%3E%3Csvg%20onload%3Dx%3E%7Bphone%7D%E2%80%AE&id=";
        assert_eq!(address(pattern, value).as_deref(), Some(filled));
        assert_eq!(address("https://crm.example/{record}", value), None, "nothing says who it is");
        assert_eq!(address("https://crm.example/{name}", value).map(|address| address.len() > 30), Some(true));
        for no in ["javascript:alert({phone})", "/inbox", "https://crm.example/{phone"] {
            assert_eq!(address(no, value), None, "{no}");
        }
    }
}
