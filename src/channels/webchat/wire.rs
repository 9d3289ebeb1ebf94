//! What a visitor's page and we say to each other: JSON, the same over the WebSocket and over plain requests.

use crate::channels::taps;
use crate::desk::id::{At, FileId, MessageId};
use crate::desk::input::Extra;
use crate::store::messages::Changed;
use crate::switchboard::ArrowAt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From the page.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VisitorSays {
    /// First on a socket: proves who the visitor is.
    Hello { token: String },
    /// `key` is the page's own name for the message; said again after a lost connection, it changes nothing.
    Message {
        key: String,
        #[serde(default)]
        text: String,
        #[serde(default)]
        files: Vec<FileId>,
        /// Address of the page the visitor is on.
        page: Option<String>,
        /// They have tapped one of the choices of a question.
        #[serde(default)]
        chosen: Option<Chosen>,
    },
    /// Whether we are still there; answered by `pong`.
    Ping,
    /// `preview` is the text so far; agents see it while it is written.
    Typing { on: bool, preview: Option<String> },
    /// Messages up to this one have arrived on the page.
    Got { upto: MessageId },
    /// Messages up to this one have been shown.
    Read { upto: MessageId },
    /// The visitor ended the chat.
    Leave,
    /// How content the visitor was with the conversation: 1 to 5, or 0 to 10 where that is asked.
    Rate {
        score: u8,
        #[serde(default)]
        comment: String,
    },
    /// The visitor looks at this page of the site, and has agreed that we see it. `key` names one showing of it.
    Visit {
        key: String,
        url: String,
        #[serde(default)]
        title: String,
        /// For so long now.
        #[serde(default)]
        seconds: u32,
        #[serde(default)]
        cart: Option<Cart>,
    },
    /// They have agreed no more.
    Forget,
    /// They take an invitation, or will not.
    Invited { id: i64, accepted: bool },
    /// The visitor points at something in a picture of their call.
    Arrow { at: ArrowAt },
    /// The visitor hangs up, or will not be called (`declines`).
    HangUp {
        #[serde(default)]
        declines: bool,
    },
}

/// Which question, and which of its choices, from 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    pub question: MessageId,
    pub number: u16,
}

/// What is in the cart of the site, as its page says.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cart {
    /// What it is worth, in the site's own money.
    pub value: f64,
    #[serde(default)]
    pub items: u32,
}

/// To the page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorHears {
    /// All a page needs to draw itself. `history` is oldest first; to a poll, only what is newer than what its page has.
    Welcome {
        history: Vec<Line>,
        agent: Option<String>,
        /// Whether there is a chat that has not ended.
        open: bool,
        /// Agents have seen messages up to this one.
        read: Option<MessageId>,
        /// The last chat is over, and may be rated.
        rate: bool,
        /// What is asked about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        survey: Option<Question>,
    },
    Message {
        line: Line,
    },
    /// A message of the house has other words, or is taken back: the line in place of the one that the page has.
    Changed {
        line: Line,
    },
    /// Our answer to `Message { key }`: it is on disk.
    Recorded {
        key: String,
        id: MessageId,
    },
    /// Our answer to `Message { key }`: it is not, and why: `too_long`, `empty`, `too_many`, `bad_file`, `busy`.
    Refused {
        key: String,
        code: &'static str,
    },
    Pong,
    Typing {
        on: bool,
    },
    /// Agents have seen messages up to this one.
    Read {
        upto: MessageId,
    },
    /// Place in the queue and estimated wait; both unknown once somebody serves the visitor.
    Waiting {
        position: Option<u32>,
        estimate_s: Option<u32>,
    },
    /// Other channels of the house that do not work, each by its name in each language; none: all work.
    Outages {
        names: Vec<BTreeMap<String, String>>,
    },
    /// Somebody serves the visitor now.
    Joined {
        agent: String,
    },
    /// Where the visitor's call stands.
    Call {
        call: CallShown,
    },
    /// Somebody points at something in a picture of the visitor's call.
    Arrow {
        at: ArrowAt,
    },
    /// Ends an answer to a poll: sent back with the next one, it tells what its page knows.
    State {
        state: String,
    },
    /// Nobody does any more; writing again opens the chat again.
    Ended {
        /// It may be rated.
        rate: bool,
        /// What is asked about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        survey: Option<Question>,
    },
    /// Somebody of the house offers to talk.
    Invite {
        id: i64,
        /// By language.
        text: BTreeMap<String, String>,
    },
    /// Our answer to `Rate`: it is on disk.
    Rated {
        score: u8,
    },
    /// The token is not ours or too old: the page must ask for a new one.
    Unknown,
}

/// What a window asks when a chat is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// `csat`: 1 to 5; `nps`: 0 to 10.
    pub kind: &'static str,
    /// Why is asked too.
    pub comment: bool,
    /// By language.
    pub question: BTreeMap<String, String>,
    pub thanks: BTreeMap<String, String>,
    pub worst: BTreeMap<String, String>,
    pub best: BTreeMap<String, String>,
}

impl Question {
    pub(super) fn takes(&self, score: u8) -> bool {
        if self.kind == "nps" { score <= 10 } else { (1..=5).contains(&score) }
    }
}

/// A call as its visitor may see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum CallShown {
    /// An agent calls.
    Rings {
        agent: String,
        /// With their camera on.
        video: bool,
    },
    /// Prompts, music, or the queue; the place and the estimate once there are any.
    Waiting {
        position: Option<u32>,
        estimate_s: Option<u32>,
    },
    Talking {
        agent: String,
        held: bool,
    },
    Over {
        /// Where the visitor says how it was, if that is asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        survey: Option<String>,
    },
}

/// One message as a visitor may see it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub id: MessageId,
    pub from: From,
    /// The name that the visitor's own page gave the message just now, so that it knows it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The agent's shown name.
    pub name: Option<String>,
    pub text: String,
    pub files: Vec<File>,
    /// What of it is more than words. `text` says a link or a place, too; of choices, the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The house has given it other words, or taken it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
    pub at: At,
}

/// A card as a page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Card {
    /// To be tapped; said back as `chosen`.
    Choices { choices: Vec<String> },
    /// `picture` is an address, or empty.
    Link { title: String, about: String, url: String, picture: String },
    /// In degrees.
    Place { name: String, address: String, latitude: f64, longitude: f64 },
}

impl Card {
    pub(super) fn of(extra: Option<Extra>) -> Option<Card> {
        Some(match extra? {
            Extra::Choices { options } => Card::Choices { choices: options },
            Extra::Link { url, title, about, picture } => Card::Link { title, about, url, picture },
            Extra::Place { latitude, longitude, label, address } => {
                Card::Place { name: label, address, latitude: taps::degrees(latitude), longitude: taps::degrees(longitude) }
            }
            _ => return None,
        })
    }
}

/// A file as a page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub mime: String,
    pub bytes: u64,
    /// Where to read it, for a day.
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Visitor,
    Agent,
    System,
}

/// The answer to `POST /chat/{channel}/session`.
#[derive(Debug, Serialize)]
pub struct Session {
    pub token: String,
    pub title: String,
    pub greeting: Option<String>,
    pub accent: Option<String>,
    pub files: bool,
    pub calls: bool,
    pub video: bool,
    /// What is said and shown in calls may be recorded.
    pub records: bool,
    /// The help centre may be searched.
    pub help: bool,
    /// Chats may be rated when they are over.
    pub rating: bool,
    /// There is a relay: asked for by `POST /chat/{channel}/call/relays`.
    pub relays: bool,
    pub max_file: u64,
    /// Of a video.
    pub max_video: u64,
    pub max_text: usize,
    pub language: String,
}
