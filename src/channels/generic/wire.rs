//! What is said between us and the program, as JSON. `docs/channel.md` says it in words.

use serde::{Deserialize, Serialize};

/// What the program tells us.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// A customer wrote; or, with `echo`, the firm did, with another tool.
    Message {
        /// The platform's; the same message told twice is one.
        id: String,
        from: Person,
        #[serde(default)]
        text: String,
        #[serde(default)]
        media: Vec<TheirMedia>,
        #[serde(default)]
        place: Option<Place>,
        /// `voice` or `picture`; another one is kept by its name.
        #[serde(default)]
        kind: Option<String>,
        /// Milliseconds since 1970 UTC.
        #[serde(default)]
        at: Option<i64>,
        /// The platform's own order.
        #[serde(default)]
        seq: i64,
        #[serde(default)]
        automatic: bool,
        #[serde(default)]
        echo: bool,
        /// A button of ours was tapped.
        #[serde(default)]
        chosen: Option<Chosen>,
    },
    Edited {
        id: String,
        from: Person,
        text: String,
    },
    Recalled {
        id: String,
        from: Person,
    },
    /// How far one of ours has come.
    Receipt {
        /// Ours, or the one that the program gave it.
        id: String,
        state: ReceiptState,
        #[serde(default)]
        reason: Option<String>,
    },
    /// The customer has read everything up to then.
    Read {
        from: Person,
        at: i64,
    },
    Typing {
        from: Person,
    },
    /// The customer will not hear from us any more.
    Unreachable {
        from: Person,
    },
    /// A kind that we do not know yet.
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    /// Numbers and addresses that the platform has proven.
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    /// BCP 47.
    #[serde(default)]
    pub language: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TheirMedia {
    #[serde(default)]
    pub name: String,
    /// Where it is; or
    #[serde(default)]
    pub url: Option<String>,
    /// what it is, in base64.
    #[serde(default)]
    pub data: Option<String>,
}

/// In degrees.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default)]
    pub label: String,
}

/// Which of the choices of a question of ours, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Chosen {
    pub question: u64,
    pub number: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    Sent,
    Delivered,
    Read,
    Failed,
    Unknown,
}

/// What we tell the program.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tell<'a> {
    Message {
        /// Ours; also `webhook-id`, and the same at each try.
        id: &'a str,
        to: &'a str,
        conversation: u64,
        text: &'a str,
        /// From 1.
        part: u32,
        parts: u32,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        media: Vec<OurMedia<'a>>,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        choices: &'a [String],
        /// What `chosen` names when one of them is tapped.
        #[serde(skip_serializing_if = "Option::is_none")]
        question: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        card: Option<Box<Card<'a>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        template: Option<Template<'a>>,
        /// The platform's id of the customer's newest message.
        #[serde(skip_serializing_if = "Option::is_none")]
        answers: Option<&'a str>,
    },
    /// A message of ours has other words now.
    Edit {
        id: &'a str,
        to: &'a str,
        conversation: u64,
        messages: Vec<OurMessage<'a>>,
        text: &'a str,
    },
    /// A message of ours shall be seen no more, neither by the customer.
    Recall {
        id: &'a str,
        to: &'a str,
        conversation: u64,
        messages: Vec<OurMessage<'a>>,
    },
    Typing {
        to: &'a str,
    },
    Read {
        to: &'a str,
    },
    /// Nothing has happened; we want to know whether you are there.
    Ping,
}

/// One that was sent, by our name and, if it gave one, the program's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OurMessage<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yours: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OurMedia<'a> {
    pub name: &'a str,
    pub mime: &'a str,
    /// base64.
    pub data: String,
}

/// What is more than words; `text` says the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Card<'a> {
    Link {
        title: &'a str,
        about: &'a str,
        url: &'a str,
        /// Empty: none.
        picture: &'a str,
    },
    /// In degrees.
    Place { name: &'a str, address: &'a str, latitude: f64, longitude: f64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template<'a> {
    pub name: &'a str,
    pub language: &'a str,
    pub variables: &'a [String],
}

/// The answer to a message: 2xx.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Taken {
    pub id: Option<String>,
}

/// Any other.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refused {
    pub error: String,
    /// `window_closed`, `blocked`, `quota`, `down` or none of them.
    pub code: String,
}
