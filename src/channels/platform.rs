//! The contract between the house and a platform. A connector says what it can carry, hears (by hook or by poll), reads what it heard,
//! fetches what was attached, and sends one piece at a time. All that platforms have in common is `post/`: raw events kept before they are
//! acknowledged, read once and in order, messages sent in order and at most once, retries, rates, health.
//!
//! ```text
//!  platform ──hook, poll──▶ Raw ──kept, acknowledged──▶ read ──Heard──▶ fetch ──Input──▶ desk
//!  platform ◀──send, a piece at a time──── Piece ◀──split by the channel's Traits──── Outbound ◀── desk
//! ```

use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::{Change, Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};
use crate::desk::traits::{Traits, Window};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use crate::desk::template::{Approval, Template, Variable};

/// One account of a platform. Its methods never decide, never store and never wait for the desk.
pub trait Platform: Send + Sync + 'static {
    fn traits(&self) -> &Traits;

    /// A request to `/hooks/{channel}`: verified by its raw bytes, in constant time, before anything of it is decoded. What it brings is kept
    /// before `Hooked::answer` is given.
    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        let _ = request;
        Err(HookRefused { status: StatusCode::NOT_FOUND, why: "this channel is not called" })
    }

    /// Whether `poll` is how it hears.
    fn polls(&self) -> bool {
        false
    }

    /// What is new after this cursor, an opaque text of the connector's own; `None` at the very first. May wait until there is something,
    /// a minute at most. What it gave is kept, and only then asked past: the next call with its cursor is the acknowledgement.
    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        let _ = cursor;
        Box::pin(async { Ok(Polled { events: Vec::new(), cursor: None, wait: Duration::from_secs(3_600) }) })
    }

    /// What was kept as its cursor, told before anything else is asked of it: what `poll` renews is needed at once.
    fn recall(&self, cursor: &str) {
        let _ = cursor;
    }

    /// What a kept event means. Pure: a restart reads the same event again and must find the same.
    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable>;

    /// Who wrote a letter and to whom, for channels with threads: one letter may come to several mailboxes of a house.
    fn head(&self, raw: &[u8]) -> Option<Head> {
        let _ = raw;
        None
    }

    /// Whether this is an address of its own.
    fn owns(&self, address: &str) -> bool {
        let _ = address;
        false
    }

    /// The bytes of something that was attached elsewhere; at once, because its address expires.
    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        let _ = media;
        Box::pin(async { Err(Trouble::Refused("this channel carries no files".into())) })
    }

    /// Who a customer is who writes for the first time, as far as the platform tells.
    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        let _ = who;
        Box::pin(async { None })
    }

    /// One try to hand one piece over. Never retries by itself, except once with a fresh token.
    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>>;

    /// One try to give a message that the platform has other words, or to take it back; for channels whose `Traits::edit` and `recall` say so.
    /// Done twice it is done once, so that it is tried again where the answer was lost.
    fn amend<'a>(&'a self, amend: &'a Amend) -> BoxFuture<'a, Result<(), Trouble>> {
        let _ = amend;
        Box::pin(async { Err(Trouble::Refused("what is written on this channel stays as it is".into())) })
    }

    /// Shows the customer what the agent does; whether it arrives is of no consequence.
    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        let _ = (to, signal);
        Box::pin(async {})
    }

    /// The texts that the platform has approved beforehand, or not yet; for channels whose `Traits::templates` says so.
    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>, Trouble>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Whether everything that it needs works: token, rights, what the platform knows of our address. For the heartbeat, `hubline check
    /// --live` and the page of channels. Whether we can be reached at all, `reached.rs` asks for all platforms.
    fn probe(&self) -> BoxFuture<'_, Vec<Probe>>;

    /// How often the heartbeat may ask `probe`: rarely where that costs the platform, or the house, more than some small requests.
    fn probe_every(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// What the platform's console calls the place where our address is entered; `None`: it never calls us.
    fn called(&self) -> Option<&'static str> {
        None
    }
}

/// What came to our public address for a channel.
pub struct HookRequest<'a> {
    pub method: &'a Method,
    /// As the platform was told to call it, with scheme, host and query: some sign it.
    pub url: &'a str,
    /// Undecoded, without the question mark.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
    pub from: IpAddr,
    pub now: At,
}

/// What a request brought.
#[derive(Debug, Default)]
pub struct Hooked {
    /// To be kept before it is answered.
    pub events: Vec<Raw>,
    pub answer: HookAnswer,
    /// The request only said that there is something: poll now.
    pub poll: bool,
}

/// What the platform wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAnswer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Bytes,
}

impl Default for HookAnswer {
    fn default() -> HookAnswer {
        HookAnswer { status: StatusCode::OK, content_type: "text/plain; charset=utf-8", body: Bytes::new() }
    }
}

/// Why a request is not believed. `why` goes to the log, never to whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRefused {
    pub status: StatusCode,
    pub why: &'static str,
}

/// One event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The same event told again has the same key; unique in the channel.
    pub key: String,
    pub body: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Polled {
    pub events: Vec<Raw>,
    /// `None`: as before.
    pub cursor: Option<String>,
    /// How long nothing needs to be asked; zero: at once.
    pub wait: Duration,
}

/// What an event means.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Message(Wrote),
    /// The firm wrote with another tool of the platform's; kept in the story, never sent.
    Echo(Wrote),
    /// A message of the customer's is different now.
    Edited {
        key: String,
        from: Identity,
        text: String,
    },
    /// A message of the customer's shall be seen no more, or one that was sent to them elsewhere.
    Recalled {
        key: String,
        from: Identity,
    },
    Receipt {
        of: OfOurs,
        state: Delivery,
    },
    Typing {
        from: Identity,
    },
    /// The customer will not hear from us any more: blocked, unfollowed, deleted.
    Unreachable {
        who: Identity,
        why: Unreachable,
    },
}

/// A message as a platform tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrote {
    /// The platform's id; unique in the channel.
    pub key: String,
    pub from: Sender,
    pub text: String,
    pub extra: Option<Extra>,
    pub media: Vec<Media>,
    pub sent: At,
    /// The platform's own order among messages of the same moment; 0 where it tells none.
    pub seq: i64,
    /// Names of the thread that it answers, nearest first, for channels with threads. A conversation is known by each of them.
    pub threads: Vec<String>,
    /// Written by a machine (out of office, delivery report): kept, answered by nobody, ringing nobody.
    pub automatic: bool,
    /// What the platform lets be answered to it, where that is less than to a message: a tap on a menu, a scan.
    pub window: Option<Window>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    pub identity: Identity,
    pub name: Option<String>,
    /// By what else the platform proves that they are known: a union id, the number of an account.
    pub also: Vec<Identity>,
    /// BCP 47.
    pub language: Option<String>,
}

/// Something attached.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    pub name: String,
    pub at: MediaAt,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MediaAt {
    /// Where `Platform::fetch` finds it.
    Elsewhere(String),
    /// It came with the event.
    Here(Bytes),
}

/// The head of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub from: String,
    /// In the order in which they stand there, copies after the others.
    pub to: Vec<String>,
    /// This house wrote it, by whichever of its mailboxes.
    pub ours: bool,
}

/// Which of our messages is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfOurs {
    /// By the platform's id, perhaps told before the answer to our own request.
    External(String),
    /// By the key that we gave it.
    Key(String),
    /// Everything sent to this customer up to then.
    UpTo { to: Identity, at: At },
}

/// An event that cannot be understood: kept, shown as such to whoever looks, never told again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: Bytes,
    /// Better than the one in the event, where the platform tells it.
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    pub name: Option<String>,
    pub also: Vec<Identity>,
    pub language: Option<String>,
}

/// What goes to the platform in one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub message: MessageId,
    /// From 0.
    pub part: u32,
    pub parts: u32,
    pub conversation: ConversationId,
    pub to: Identity,
    /// `[0-9a-z-]`, up to 32 bytes, the same at each try, different for each piece of this house: the idempotency key.
    pub key: String,
    pub text: String,
    pub files: Vec<LocalFile>,
    pub extra: Option<Extra>,
    pub answers: Answers,
}

/// What shall become of a message of ours that the platform has.
#[derive(Debug, Clone, PartialEq)]
pub struct Amend {
    /// As of a piece: the idempotency key.
    pub key: String,
    pub to: Identity,
    pub conversation: ConversationId,
    /// In the order in which they were sent; words that are edited are the first.
    pub pieces: Vec<SentPiece>,
    pub change: Change,
    /// The words stand under a file.
    pub caption: bool,
    /// It was tried before, and may have been done then.
    pub again: bool,
}

/// A piece that the platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPiece {
    /// The key that we gave it.
    pub key: String,
    /// The platform's id.
    pub id: Option<String>,
}

/// A file of ours that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    pub name: String,
    pub mime: String,
    pub bytes: u64,
    pub path: PathBuf,
}

/// To what a piece is the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// The platform's id of the customer's newest message in the conversation, and when they sent it.
    pub newest: Option<(String, At)>,
    /// Names of the thread, oldest first, for channels with threads.
    pub threads: Vec<String>,
    pub subject: Option<String>,
}

/// A piece that the platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Its ids of it, by which receipts name it; empty where it gives none.
    pub ids: Vec<String>,
    /// `Sent`, unless it says more.
    pub state: Delivery,
    /// Further names by which an answer will name the thread.
    pub threads: Vec<String>,
}

impl Handed {
    /// Taken under this id.
    pub fn sent(id: impl Into<String>) -> Handed {
        Handed { ids: vec![id.into()], state: Delivery::Sent, threads: Vec::new() }
    }
}

/// Why something did not work, in the words of what to do about it. The text is the platform's own, for the agent or the administrator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing was done: try again later.
    #[error("not now: {0}")]
    Retry(String),
    /// The platform says when.
    #[error("not before {0:?}")]
    RetryAfter(Duration),
    /// The same of this customer alone: one number has its own limits, a mailbox puts strangers off.
    #[error("nothing to this customer before {0:?}")]
    LaterForThem(Duration),
    /// The request was sent, the answer is lost: nobody knows.
    #[error("no answer: {0}")]
    Uncertain(String),
    /// The customer must write first, or a template be used.
    #[error("the reply window is closed")]
    WindowClosed,
    /// Nothing reaches the customer by this identity, until they write again: blocked, unfollowed, no such address. Theirs alone: what is only
    /// this message's is `Refused`.
    #[error("the customer cannot be reached: {0}")]
    Blocked(String),
    /// It would be refused again: stop.
    #[error("refused: {0}")]
    Refused(String),
    /// Nothing more today.
    #[error("the quota is used up: {0}")]
    Quota(String),
    /// No message at all can be sent or heard until somebody mends it: token, rights, address list.
    #[error("the channel is down: {0}")]
    Down(String),
}

impl Trouble {
    /// Its kind, a name below `channels.trouble` of the locales, and the platform's words.
    pub fn told(self) -> (&'static str, String) {
        match self {
            Trouble::Retry(why) => ("retry", why),
            Trouble::RetryAfter(wait) | Trouble::LaterForThem(wait) => ("later", format!("{} s", wait.as_secs())),
            Trouble::Uncertain(why) => ("uncertain", why),
            Trouble::WindowClosed => ("window", String::new()),
            Trouble::Blocked(why) => ("blocked", why),
            Trouble::Refused(why) => ("refused", why),
            Trouble::Quota(why) => ("quota", why),
            Trouble::Down(why) => ("down", why),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Typing,
    /// Everything so far was read; the platform's id of the newest is in the conversation.
    Read,
}

/// One thing that was tried, and what to do where it does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What was tried, a name below `channels.probe` of the locales.
    pub what: &'static str,
    pub found: Found,
    /// The platform's own name of the setting to look at, as its console shows it.
    pub setting: &'static str,
}

impl Probe {
    /// Perhaps somebody should see to it nevertheless.
    pub fn works(&self) -> bool {
        !matches!(self.found, Found::Bad(_))
    }
}

/// How a trial went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It works; what the platform said.
    Well(String),
    /// Nothing fails, but somebody should see to it.
    Odd(Odd),
    Bad(Trouble),
}

impl From<Result<String, Trouble>> for Found {
    fn from(result: Result<String, Trouble>) -> Found {
        result.map_or_else(Found::Bad, Found::Well)
    }
}

/// Why somebody should see to what does not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Odd {
    /// In so many days nothing will work any more, unless somebody gives the platform's permission anew.
    Ends { days: i64 },
    /// From here it cannot be seen, which says nothing of how it looks from outside.
    Unseen(String),
}

impl Odd {
    /// Its kind, a name below `channels.odd` of the locales, and what is to be known of it.
    pub fn told(self) -> (&'static str, String) {
        match self {
            Odd::Ends { days } => ("ends", days.to_string()),
            Odd::Unseen(why) => ("unseen", why),
        }
    }
}
