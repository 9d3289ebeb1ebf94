//! What a letter means to the desk: a message with the names of its thread, the fate of one of ours, or nothing.
//!
//! Names of threads. Our own Message-IDs carry a code and are names as they stand: whoever holds one had the letter. Other people's ids are
//! names only together with somebody who took part (`<id> address`), so that answers of different people to one newsletter are different
//! conversations, and nobody gets into one by quoting an id. A conversation is also known by our plus-address (`+c12`), by the thread of
//! Outlook (`ti:`, its GUID and who wrote). Two names are not looked for but carried: the address of ours that was written to (`via:`), from which
//! answers go, and the whole index of Outlook's (`index:`), which an answer continues.

use super::address::{self, Mailbox};
use super::bounce::{self, Fate};
use super::letter::Letter;
use super::marks::Extension;
use super::raw::Fetched;
use super::{Email, PAGE, automatic, signed};
use crate::channels::platform::{Head, Heard, Media, MediaAt, OfOurs, Sender, Unreadable, Wrote};
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra, Mail};
use crate::desk::person::{Identity, Unreachable};
use sha2::{Digest, Sha256};

/// Ids of older letters, and people, that become names.
const MOST_OLDER: usize = 20;
const MOST_PEOPLE: usize = 10;
/// Clocks may differ so much, and letters be so long on their way.
const MINUTE_MS: i64 = 60_000;
const LATEST_MS: i64 = 2 * 24 * 3_600_000;
/// Longest name; platforms' ids are bounded, too.
const LONGEST_NAME: usize = 500;

pub(super) fn read(email: &Email, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let (fetched, bytes) = Fetched::split(raw);
    let letter = Letter::read(bytes, fetched.cut.is_some()).map_err(|error| Unreadable(error.to_string()))?;
    if is_marked(email, &letter) && letter.report.is_none() && email.own.which(&letter.from.address).is_some() {
        // One of ours that came back: a copy to ourselves, a list, a loop. One of another mailbox of the house is a letter.
        return Ok(Vec::new());
    }
    let arrived = arrived_at(&letter);
    let extensions = arrived.iter().filter(|address| email.own.which(address).is_some()).filter_map(|address| address::extension(address));
    if let Some(bounced) = bounce::read(&letter, &email.marks, extensions) {
        return Ok(reported(email, &letter, &fetched, bounced));
    }
    let (from, from_us) = writer(email, &letter);
    let message = wrote(email, letter, &fetched, &arrived, from, from_us);
    Ok(vec![message])
}

/// Whether this house wrote it: it carries a code that nobody else can make.
fn is_marked(email: &Email, letter: &Letter) -> bool {
    [letter.id.as_deref(), letter.head("x-hubline")].into_iter().flatten().any(|mark| email.marks.key_of(mark).is_some())
}

pub(super) fn head(email: &Email, raw: &[u8]) -> Option<Head> {
    let (_, bytes) = Fetched::split(raw);
    // What stands below the heads is not looked at.
    let letter = Letter::read(&[super::letter::split(bytes).0, b"\r\n\r\n"].concat(), true).ok()?;
    let ours = is_marked(email, &letter);
    let to = letter.to.into_iter().chain(letter.cc).map(|mailbox| mailbox.address).collect();
    Some(Head { from: letter.from.address, to, ours })
}

/// Every address by which it can have come here.
fn arrived_at(letter: &Letter) -> Vec<String> {
    const HEADS: &[&str] = &["delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-envelope-to", "x-forwarded-to"];
    let named = HEADS.iter().flat_map(|name| letter.heads(name)).filter_map(|value| address::normal(value.trim().trim_matches(['<', '>'])));
    let mut all: Vec<String> = named.chain(letter.to.iter().chain(&letter.cc).map(|mailbox| mailbox.address.clone())).collect();
    all.dedup();
    all
}

/// Whom an answer goes to, and whether the letter pretends to come from ourselves. Forms on web sites write from our own address.
fn writer(email: &Email, letter: &Letter) -> (Mailbox, bool) {
    let is_own = |mailbox: &Mailbox| email.own.which(&mailbox.address).is_some();
    match &letter.reply_to {
        Some(reply_to) if !is_own(reply_to) => {
            let name = reply_to.name.clone().or_else(|| letter.from.name.clone().filter(|_| !is_own(&letter.from)));
            (Mailbox { name, address: reply_to.address.clone() }, false)
        }
        _ => (letter.from.clone(), is_own(&letter.from)),
    }
}

fn wrote(email: &Email, letter: Letter, fetched: &Fetched, arrived: &[String], from: Mailbox, from_us: bool) -> Heard {
    let automatic = from_us || automatic::why(&letter).is_some();
    let results = letter.heads("authentication-results").map(str::to_owned).collect::<Vec<_>>();
    let signed = email.trusted.as_deref().and_then(|trusted| signed::by(results.iter().map(String::as_str), trusted, &letter.from.address));
    let threads = names(email, &letter, arrived, &from);
    let key = key(&letter);
    let mut text = letter.said.text;
    if let Some(bytes) = fetched.cut {
        text.push_str(&format!("\n\n✂ {:.1} MB", bytes as f64 / 1e6));
    }
    let extra = Mail {
        subject: letter.subject,
        from: letter.from.shown(),
        to: letter.to.iter().map(Mailbox::shown).collect(),
        cc: letter.cc.iter().map(Mailbox::shown).collect(),
        bcc: Vec::new(),
        html: None,
        quoted: letter.said.quoted,
        signed,
        automatic,
        buttons: Vec::new(),
    };
    let here = |name: String, bytes: Vec<u8>| Media { name, at: MediaAt::Here(bytes.into()) };
    let page = letter.page.map(|page| here(PAGE.to_owned(), page.into_bytes()));
    let media = page.into_iter().chain(letter.files.into_iter().map(|file| here(file.name, file.bytes))).collect();
    let sender = Sender { identity: identity(&from.address), name: from.name, also: Vec::new(), language: None };
    let sent = sent(letter.date, fetched.at);
    Heard::Message(Wrote {
        key,
        from: sender,
        text: text.trim().to_owned(),
        extra: Some(Extra::Mail(Box::new(extra))),
        media,
        sent,
        seq: 0,
        threads,
        automatic,
        window: None,
    })
}

/// When its writer says that they wrote it, if the server got it soon after; else when the server got it.
fn sent(written: Option<i64>, arrived: Option<i64>) -> At {
    match (written, arrived) {
        (Some(written), Some(arrived)) if (-MINUTE_MS..=LATEST_MS).contains(&(arrived.saturating_sub(written))) => At(written.min(arrived)),
        (_, Some(arrived)) => At(arrived),
        (written, None) => At(written.unwrap_or_default()),
    }
}

/// The customer of this address.
pub(super) fn identity(address: &str) -> Identity {
    Identity { kind: "email".into(), namespace: String::new(), value: address.to_owned() }
}

/// The names of the thread, nearest first, and by which the letter itself is named later.
fn names(email: &Email, letter: &Letter, arrived: &[String], from: &Mailbox) -> Vec<String> {
    let mut names = Vec::new();
    for address in arrived.iter().filter(|address| email.own.which(address).is_some()) {
        if let Some(Extension::Conversation(number)) = address::extension(address).and_then(|extension| email.marks.extension(extension)) {
            names.push(conversation(number));
        }
    }
    for id in letter.answers.iter().take(MOST_OLDER) {
        names.push(if email.marks.key_of(id).is_some() { id.clone() } else { of(id, &from.address) });
    }
    if let Some(thread) = &letter.thread {
        let ours = email.marks.of_guid(&thread.guid).map(|id| conversation(id.0));
        names.push(ours.unwrap_or_else(|| format!("ti:{} {}", hex::encode(thread.guid), from.address)));
    }
    if let Some(id) = &letter.id {
        names.push(of(id, &from.address));
        let people = letter
            .to
            .iter()
            .chain(&letter.cc)
            .filter(|mailbox| email.own.which(&mailbox.address).is_none() && mailbox.address != from.address);
        names.extend(people.take(MOST_PEOPLE).map(|mailbox| of(id, &mailbox.address)));
        let via = arrived.iter().find_map(|address| email.own.which(address)).filter(|own| *own != email.own.first());
        names.extend(via.map(|via| format!("via:{via} {id}")));
        names.extend(letter.thread.as_ref().map(|thread| format!("index:{} {id}", hex::encode(&thread.index))));
    }
    names.retain(|name| name.len() <= LONGEST_NAME);
    let mut once = Vec::with_capacity(names.len());
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

pub(super) fn conversation(number: u64) -> String {
    format!("+c{number}")
}

pub(super) fn of(id: &str, address: &str) -> String {
    format!("{id} {address}")
}

/// The letter's own key: its Message-ID, and what tells it from another letter with the same one, which broken mailers write. That is what it says
/// and brings, not its bytes: on another way it may have been encoded anew, and its lines broken elsewhere.
fn key(letter: &Letter) -> String {
    let id = letter.id.as_deref().unwrap_or_default();
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(letter.head("date").unwrap_or_default().as_bytes());
    add(letter.from.address.as_bytes());
    for words in [&letter.said.text, &letter.said.quoted] {
        add(words.split_whitespace().collect::<Vec<_>>().join(" ").as_bytes());
    }
    letter.files.iter().for_each(|file| add(&file.bytes));
    format!("{id}#{}", hex::encode(hash.finalize()).get(..8).unwrap_or_default())
}

fn reported(email: &Email, letter: &Letter, fetched: &Fetched, bounced: bounce::Bounced) -> Vec<Heard> {
    let of = OfOurs::Key(bounced.key.clone());
    match bounced.fate {
        Fate::Failed { reason, gone } => {
            let who = bounced
                .recipient
                .filter(|_| gone)
                .map(|address| Heard::Unreachable { who: identity(&address), why: Unreachable::NoSuchAddress });
            std::iter::once(Heard::Receipt { of, state: Delivery::Failed { reason } }).chain(who).collect()
        }
        Fate::Delivered => vec![Heard::Receipt { of, state: Delivery::Delivered }],
        Fate::Complaint => vec![Heard::Receipt { of, state: Delivery::Delivered }],
        // Only to be known: in the story of the conversation, by the machine that says so.
        Fate::Delayed { reason } => {
            let from = bounced.recipient.unwrap_or_else(|| letter.from.address.clone());
            let extra = Mail { subject: letter.subject.clone(), from: letter.from.shown(), automatic: true, ..Mail::default() };
            let threads = vec![email.marks.message_id(&bounced.key)];
            let key = format!("{}#delayed-{}", letter.id.as_deref().unwrap_or_default(), bounced.key);
            let from = Sender { identity: identity(&from), name: None, also: Vec::new(), language: None };
            let sent = At(fetched.at.or(letter.date).unwrap_or_default());
            let extra = Some(Extra::Mail(Box::new(extra)));
            vec![Heard::Message(Wrote {
                key,
                from,
                text: reason,
                extra,
                media: Vec::new(),
                sent,
                seq: 0,
                threads,
                automatic: true,
                window: None,
            })]
        }
    }
}
