//! A letter of ours. Its Message-ID is made of the piece's key, so that it is known before anything is sent; answers find their conversation by
//! it, by the References, by the address they go to (`plus`), or by Outlook's thread.

use super::address;
use super::hear::conversation;
use super::letter::ids;
use super::smtp::Envelope;
use super::{Email, buttons, flat};
use crate::channels::platform::{Piece, Trouble};
use crate::desk::id::At;
use crate::desk::input::{Extra, Mail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

/// Older letters that are named: the first, and the latest (RFC 5322 sets no bound, servers do).
const MOST_REFERENCES: usize = 20;
/// Between 1601, where Windows begins to count, and 1970; in 100 ns.
const EPOCH_100NS: i64 = 116_444_736_000_000_000;

/// What is handed over.
#[derive(Debug)]
pub(super) struct Built {
    pub envelope: Envelope,
    pub letter: Vec<u8>,
    pub id: String,
    /// By which answers name the conversation.
    pub threads: Vec<String>,
}

/// A file with its bytes.
pub(super) struct Enclosed {
    pub name: String,
    pub mime: String,
    pub bytes: Vec<u8>,
}

pub(super) fn build(email: &Email, piece: &Piece, files: Vec<Enclosed>, now: At) -> Result<Built, Trouble> {
    let none = Mail::default();
    let mail = match &piece.extra {
        Some(Extra::Mail(mail)) => mail,
        _ => &none,
    };
    let no_address = || Trouble::Refused(format!("`{}` is no address", flat(&piece.to.value)));
    let customer = address::normal(&piece.to.value).ok_or_else(no_address)?;
    let from = sender(email, mail, &piece.answers.threads);
    let cc = copies(email, &mail.cc, &[&customer]);
    let openly: Vec<&str> = std::iter::once(customer.as_str()).chain(cc.iter().map(String::as_str)).collect();
    let bcc = copies(email, &mail.bcc, &openly);
    let id = email.marks.message_id(&piece.key);
    let (local, _) = from.split_once('@').unwrap_or((&from, ""));
    let bounce = email.plus.then(|| email.marks.bounce(&piece.key, local)).flatten();
    let envelope_from = match bounce {
        // Whoever answers this by itself answers nobody (RFC 3834 §3.3); only a server of the firm's own lets that through.
        Some(_) if mail.automatic => String::new(),
        Some(bounce) => address::extended(&from, &bounce),
        None => from.clone(),
    };
    let everybody: Vec<&str> = openly.iter().copied().chain(bcc.iter().map(String::as_str)).collect();
    let envelope = envelope(&envelope_from, &everybody, email.marks.signed(&piece.key)).ok_or_else(no_address)?;
    let mut letter = MessageBuilder::new()
        .from(named(email.name.as_deref(), &from))
        .to(Address::from(customer.as_str()))
        .subject(subject(email, piece, mail))
        .date(Date::new(now.0.div_euclid(1_000)))
        .header("Message-ID", Raw::new(id.clone()));
    if !cc.is_empty() {
        letter = letter.cc(Address::new_list(cc.iter().map(|address| Address::from(address.as_str())).collect()));
    }
    if email.plus {
        let back = address::extended(&from, &email.marks.conversation(piece.conversation));
        letter = letter.reply_to(named(email.name.as_deref(), &back));
    }
    let newest = piece.answers.newest.as_ref().and_then(|(key, _)| ids(key).into_iter().next());
    let references = references(piece, newest.as_deref());
    if let Some(newest) = newest.as_ref().or(references.last()) {
        letter = letter.header("In-Reply-To", Raw::new(newest.clone()));
    }
    if !references.is_empty() {
        letter = letter.header("References", Raw::new(references.join("\r\n ")));
    }
    letter = letter
        .header("Thread-Index", Raw::new(thread_index(email, piece, now)))
        .header("X-Hubline", Raw::new(email.marks.signed(&piece.key)));
    if mail.automatic {
        let how = if newest.is_some() { "auto-replied" } else { "auto-generated" };
        letter = letter.header("Auto-Submitted", Raw::new(how)).header("X-Auto-Response-Suppress", Raw::new("All"));
    }
    letter = letter.text_body(text(email, piece, mail));
    if !mail.buttons.is_empty() {
        letter = letter.html_body(buttons::html(&piece.text, &mail.buttons));
    }
    for file in files {
        let part = MimePart::new(flat(&file.mime), file.bytes).attachment(flat(&file.name));
        letter.attachments.get_or_insert_with(Vec::new).push(part);
    }
    let letter = letter.write_to_vec().map_err(|error| Trouble::Refused(error.to_string()))?;
    let threads = vec![id.clone(), conversation(piece.conversation.0)];
    Ok(Built { envelope, letter, id, threads })
}

/// The address that the agent has chosen, or the one that the customer wrote to last, if it is one of ours.
fn sender(email: &Email, mail: &Mail, threads: &[String]) -> String {
    let chosen = mail.from.rsplit_once('<').map_or(mail.from.as_str(), |(_, address)| address.trim_end_matches('>'));
    let chosen = address::normal(chosen).and_then(|address| email.own.which(&address).map(str::to_owned));
    let via = || threads.iter().rev().find_map(|name| email.own.which(name.strip_prefix("via:")?.split(' ').next()?).map(str::to_owned));
    chosen.or_else(via).unwrap_or_else(|| email.own.first().to_owned())
}

/// Each once, without those who get it anyway, and without ourselves.
fn copies(email: &Email, named: &[String], known: &[&str]) -> Vec<String> {
    let bare = |text: &String| text.rsplit_once('<').map_or(text.as_str(), |(_, address)| address.trim_end_matches('>')).to_owned();
    let mut all: Vec<String> = Vec::new();
    for address in named.iter().filter_map(|text| address::normal(&bare(text))) {
        if !known.contains(&address.as_str()) && email.own.which(&address).is_none() && !all.contains(&address) {
            all.push(address);
        }
    }
    all.truncate(50);
    all
}

fn envelope(from: &str, to: &[&str], id: String) -> Option<Envelope> {
    let mut utf8 = false;
    let mut plain = |address: &str| {
        let (address, beyond) = address::envelope(address)?;
        utf8 |= beyond;
        Some(address)
    };
    let from = if from.is_empty() { String::new() } else { plain(from)? };
    let to = to.iter().copied().map(&mut plain).collect::<Option<Vec<String>>>()?;
    Some(Envelope { from, to, id, utf8 })
}

fn named<'a>(name: Option<&'a str>, address: &str) -> Address<'a> {
    Address::new_address(name, address.to_owned())
}

/// The customer's subject with one `Re:`, in whatever language theirs has.
fn subject(email: &Email, piece: &Piece, mail: &Mail) -> String {
    let chosen = Some(flat(&mail.subject)).filter(|subject| !subject.is_empty());
    let theirs = piece.answers.subject.as_deref().map(flat).filter(|subject| !subject.is_empty());
    let first = || {
        let words: String = piece.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().chars().take(60).collect();
        flat(&words)
    };
    match (chosen, theirs) {
        (Some(subject), _) => subject,
        (None, Some(subject)) if piece.answers.newest.is_some() => format!("Re: {}", bare_subject(&subject)),
        (None, Some(subject)) => subject,
        (None, None) => email.subject.clone().unwrap_or_else(first),
    }
}

/// Without the signs of answering, however many and in whatever language.
pub(super) fn bare_subject(subject: &str) -> &str {
    const SIGNS: &[&str] = &["re", "aw", "sv", "vs", "antw", "回复", "回覆", "答复", "答覆", "res", "odp", "ynt", "回信"];
    let mut rest = subject.trim();
    while let Some((sign, after)) = rest.split_once([':', '：']) {
        // `Re[2]:` and `RE (3):` count their answers.
        let word = sign.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | ' ')).to_lowercase();
        if !SIGNS.contains(&word.as_str()) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Ids of the thread, oldest first, each once, the newest last.
fn references(piece: &Piece, newest: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in &piece.answers.threads {
        if let Some(id) = name.starts_with('<').then(|| ids(name).into_iter().next()).flatten().filter(|id| !all.contains(id)) {
            all.push(id);
        }
    }
    if let Some(newest) = newest {
        all.retain(|id| id != newest);
        all.push(newest.to_owned());
    }
    if all.len() > MOST_REFERENCES {
        let tail = all.split_off(all.len() - (MOST_REFERENCES - 1));
        all.truncate(1);
        all.extend(tail);
    }
    all
}

/// Outlook's index of this letter: the customer's, continued, or one that names the conversation.
fn thread_index(email: &Email, piece: &Piece, now: At) -> String {
    let theirs = piece.answers.threads.iter().rev().find_map(|name| hex::decode(name.strip_prefix("index:")?.split(' ').next()?).ok());
    let time = ticks(now);
    let index = match theirs.filter(|index| index.len() >= 22) {
        Some(index) => continued(index, time),
        None => {
            let upper = time.to_be_bytes();
            std::iter::once(&1).chain(upper.iter().skip(1).take(5)).chain(&email.marks.guid(piece.conversation)).copied().collect()
        }
    };
    STANDARD.encode(index)
}

/// 100 ns since 1601.
fn ticks(now: At) -> i64 {
    now.0.saturating_mul(10_000).saturating_add(EPOCH_100NS)
}

/// With the five bytes of one more answer: by one bit in which units its time counts from the first letter, 31 bits of that time, and a byte
/// that tells answers of one moment apart ([MS-OXOMSG] §2.2.1.3.1). An index that is repeated unchanged makes Outlook begin a thread anew.
fn continued(mut index: Vec<u8>, time: i64) -> Vec<u8> {
    let first = index.iter().take(6).fold(0_i64, |time, byte| (time << 8) | i64::from(*byte)) << 16;
    let since = time.saturating_sub(first).max(0);
    let (bit, units) = if since < 1 << 49 { (0_u32, since >> 18) } else { (1 << 31, since >> 23) };
    let units = u32::try_from(units & 0x7fff_ffff).unwrap_or(0x7fff_ffff);
    index.extend((bit | units).to_be_bytes());
    index.push((time >> 18).to_be_bytes().last().copied().unwrap_or_default());
    index
}

fn text(email: &Email, piece: &Piece, mail: &Mail) -> String {
    let signature = email.signature.as_deref().filter(|_| !mail.automatic && piece.part + 1 == piece.parts);
    let choices: String = mail.buttons.iter().map(|button| format!("\n{}\n{}\n", button.label, button.url)).collect();
    let mut body = match signature {
        Some(signature) => format!("{}\n\n-- \n{signature}\n", piece.text.trim_end()),
        None => format!("{}\n{choices}", piece.text.trim_end()),
    };
    if !mail.quoted.is_empty() && piece.part + 1 == piece.parts {
        body.push_str(&format!("\n{}\n", mail.quoted.trim_end()));
    }
    body.replace("\r\n", "\n").replace('\n', "\r\n")
}
