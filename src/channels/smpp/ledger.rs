//! What must outlive a restart of what was heard but is not yet a message: parts of long texts that wait for the others, and messages whose
//! acknowledgement the message centre perhaps never got. All of it is the cursor of `poll`, so it is on disk before anything is
//! acknowledged.
//!
//! SMPP gives a received message no name. A message that is told again because our answer was lost looks exactly like a customer who says
//! "yes" twice. So it counts as told again only if the connection broke after the same bytes were heard, before the message centre showed
//! that it had our answer, and if it comes within a while of the next bind. What a customer wrote later settles what they wrote before: their
//! messages are told in order.

use super::long;
use super::pdu::ShortMessage;
use crate::channels::platform::Raw;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most texts that wait for parts, and most messages in doubt; the oldest go first.
const GATHERED: usize = 500;
const DOUBTED: usize = 2_000;

/// The cursor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Counts what was given to the pipeline; the cursor that comes back says what it has.
    pub batch: u64,
    doubts: Vec<Doubt>,
    gathered: Vec<Gathered>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Doubt {
    digest: String,
    from: String,
    /// Place in the order of this process; 0 for those of an earlier one.
    #[serde(skip)]
    nth: u64,
    #[serde(skip)]
    session: u64,
}

/// Parts of one text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Gathered {
    name: String,
    from: String,
    to: String,
    reference: u16,
    total: u8,
    /// When the first of them came, ms.
    since: i64,
    /// Their bodies, in hexadecimal.
    parts: BTreeMap<u8, String>,
}

/// A `deliver_sm` as the link heard it.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// From 1, in the order of this process.
    pub nth: u64,
    /// The connection, from 1.
    pub session: u64,
    pub sequence: u32,
    pub command: u32,
    pub body: Vec<u8>,
    pub at: i64,
}

/// The raw event that is kept: everything that one text came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub name: String,
    pub at: i64,
    /// Of how many; more than there are `pdus` where some never came.
    pub total: u8,
    /// Number of the part and the body in hexadecimal.
    pub pdus: BTreeMap<u8, String>,
}

impl Ledger {
    /// Of a cursor that the pipeline kept; one that cannot be read is an empty one.
    pub fn load(cursor: Option<&str>) -> Ledger {
        cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default()
    }

    pub fn cursor(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The message centre has every answer of this connection up to this one. Gives whether that settles anything.
    pub fn confirmed(&mut self, session: u64, nth: u64) -> bool {
        let before = self.doubts.len();
        // 0 stands for connections of an earlier process: nothing is known of them.
        self.doubts.retain(|doubt| session == 0 || doubt.session != session || doubt.nth > nth);
        self.doubts.len() < before
    }

    /// So long after the bind of this connection, what earlier ones left in doubt will not be told again.
    pub fn settle(&mut self, session: u64) -> bool {
        let before = self.doubts.len();
        self.doubts.retain(|doubt| doubt.session == session);
        self.doubts.len() < before
    }

    /// One more was heard. Gives the event, once there is a whole one; `None` for a part among others and for what was told again.
    pub fn hear(&mut self, heard: &Incoming) -> Option<Raw> {
        // What cannot be read is kept as it is; `read` will say so.
        let parsed = ShortMessage::read(&heard.body).ok();
        let sender = parsed.as_ref().map_or_else(String::new, |message| message.source.digits.clone());
        let digest = digest(&heard.body);
        let again = self.doubts.iter().position(|doubt| doubt.session != heard.session && doubt.digest == digest);
        let mut place = 0;
        self.doubts.retain(|doubt| {
            place += 1;
            doubt.session == heard.session || doubt.from != sender || again.is_some_and(|again| place > again)
        });
        let told = self.doubts.iter_mut().find(|doubt| doubt.session != heard.session && doubt.digest == digest);
        if let (Some(_), Some(doubt)) = (again, told) {
            (doubt.nth, doubt.session) = (heard.nth, heard.session);
            return None;
        }
        let name = format!("{digest}-{}-{}", heard.at, heard.nth);
        self.doubts.push(Doubt { digest, from: sender, nth: heard.nth, session: heard.session });
        if self.doubts.len() > DOUBTED {
            self.doubts.remove(0);
        }
        let body = hex::encode(&heard.body);
        let Some((message, part)) = parsed.and_then(|message| long::content(&message).part.map(|part| (message, part))) else {
            return Some(event(Kept { name, at: heard.at, total: 1, pdus: BTreeMap::from([(1, body)]) }));
        };
        let (from, to) = (message.source.digits, message.destination.digits);
        let same = |g: &Gathered| g.from == from && g.to == to && g.reference == part.reference && g.total == part.total;
        let at = self.gathered.iter().position(same).unwrap_or(self.gathered.len());
        if at == self.gathered.len() {
            let (reference, total) = (part.reference, part.total);
            self.gathered.push(Gathered { name, from, to, reference, total, since: heard.at, parts: BTreeMap::new() });
        }
        let gathered = self.gathered.get_mut(at)?;
        gathered.parts.entry(part.number).or_insert(body);
        if gathered.parts.len() == usize::from(gathered.total) {
            return Some(self.gathered.remove(at).event());
        }
        (self.gathered.len() > GATHERED).then(|| self.gathered.remove(0).event())
    }

    /// Texts whose missing parts are waited for no longer.
    pub fn expired(&mut self, now: i64, patience_ms: i64) -> Vec<Raw> {
        let (late, waiting) = std::mem::take(&mut self.gathered).into_iter().partition(|g: &Gathered| g.since + patience_ms <= now);
        self.gathered = waiting;
        let late: Vec<Gathered> = late;
        late.into_iter().map(Gathered::event).collect()
    }

    /// When [`Ledger::expired`] has something, ms.
    pub fn next_expiry(&self, patience_ms: i64) -> Option<i64> {
        self.gathered.iter().map(|gathered| gathered.since + patience_ms).min()
    }
}

impl Gathered {
    fn event(self) -> Raw {
        event(Kept { name: self.name, at: self.since, total: self.total, pdus: self.parts })
    }
}

fn event(kept: Kept) -> Raw {
    let body = serde_json::to_vec(&kept).unwrap_or_default();
    Raw { key: kept.name, body }
}

fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body)).chars().take(24).collect()
}
