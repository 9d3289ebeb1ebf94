//! What makes identities one person: proofs, by which they are joined at once; clues, which only an agent may believe; and what belongs to
//! a person, so that two who were joined can be parted again.

use super::id::*;
use super::person::Identity;
use serde::{Deserialize, Serialize};

/// How it is known that an identity is its person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The carrier or the platform vouches: a full telephone number, an account there.
    Platform,
    /// The domain of the address has signed a letter from it (DKIM).
    Dkim,
    /// The id that an open platform gives a customer over all accounts of the firm.
    Union,
    /// The firm's own site or app has signed who is there.
    Account,
    /// Whoever holds another identity of theirs has opened a link that was sent there.
    Link,
    /// An agent has confirmed it.
    Agent,
    /// It stands in a list of the firm's own.
    List,
}

/// Why two known people may be one. None of it proves anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clue {
    /// The platform names an identity of the other's.
    Platform,
    /// The same browser, signed in and not.
    Browser,
    /// The page of the firm's site names the other's number or address, unsigned.
    Page,
    /// The same record in the firm's own system.
    Record,
    /// The same address, in a letter that nobody has signed.
    Unsigned,
    /// One has written the other's number or address.
    Said,
    /// The same name in the same firm.
    Name,
}

/// Why an agent joins two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeWhy {
    /// By their own hand.
    Chosen,
    Suggested(Clue),
}

/// Everything that belongs to a person and goes with them. Messages go with their conversation or call; `notes` belong to neither.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Belongings {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<CallbackId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<TicketId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<FormId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proactives: Vec<ProactiveId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub surveys: Vec<SurveyId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<MessageId>,
}

/// Adds what is not there yet, and keeps the order.
pub(super) fn join<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

impl Proof {
    /// Before lists were told from hands, everybody who was entered came from one.
    pub(super) fn listed() -> Proof {
        Proof::List
    }
}

impl Identity {
    /// What an identity of this kind proves by being heard at all. A letter's sender proves nothing by itself, nor does a browser.
    pub fn proof(&self) -> Option<Proof> {
        match self.kind.as_str() {
            "phone" => self.value.starts_with('+').then_some(Proof::Platform),
            "user" => Some(Proof::Account),
            "wechat_union" => Some(Proof::Union),
            "email" | "webchat" | "sip" | "anonymous" | "agent" => None,
            _ => Some(Proof::Platform),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_somebody_vouches_for_is_proven() {
        let proof = |kind: &str, value: &str| Identity { kind: kind.into(), namespace: String::new(), value: value.into() }.proof();
        assert_eq!(proof("phone", "+8613800138000"), Some(Proof::Platform));
        assert_eq!(proof("phone", "4711"), None, "a short number is nobody's alone");
        assert_eq!(proof("user", "10023"), Some(Proof::Account));
        assert_eq!(proof("wechat_union", "u1"), Some(Proof::Union));
        assert_eq!(proof("wechat", "o1"), Some(Proof::Platform));
        assert_eq!((proof("email", "a@b.example"), proof("webchat", "0f"), proof("anonymous", "7")), (None, None, None));
    }
}
