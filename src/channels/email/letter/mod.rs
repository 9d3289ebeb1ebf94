//! A letter (RFC 5322, MIME) as it was meant: heads mended, the text that is read, the page that may be shown, what is attached. Everything
//! in it is a stranger's; whatever it is, reading it ends, and in time.

mod clean;
mod files;
mod flowed;
mod heads;
mod html;
mod lines;
#[cfg(test)]
mod tests;
mod tnef;

pub(super) use heads::split;
pub(super) use lines::Folded;
#[cfg(test)]
pub(super) use tests::fixture;

use super::address::{Mailbox, normal};
use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Parts that may stand within each other; a letter of somebody's has under ten. One with more is not taken apart.
const MOST_NESTED: usize = 200;
/// Ids of older letters that are looked at.
const MOST_IDS: usize = 100;
/// Longest Message-ID that is one.
const LONGEST_ID: usize = 250;
/// Longest Thread-Index that is continued, bytes: of 20 answers.
const LONGEST_INDEX: usize = 22 + 20 * 5;
/// Recipients that are kept.
const MOST_RECIPIENTS: usize = 50;
/// Characters of a text, of what is quoted, of a subject.
const LONGEST_TEXT: usize = 100_000;
const LONGEST_QUOTED: usize = 50_000;
const LONGEST_SUBJECT: usize = 500;

/// Outlook's index of a thread ([MS-OXOMSG] §2.2.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thread {
    pub guid: [u8; 16],
    /// All of it.
    pub index: Vec<u8>,
}

/// Something attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attached {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A letter, read.
#[derive(Debug, Default)]
pub(super) struct Letter {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub subject: String,
    /// With its brackets.
    pub id: Option<String>,
    /// Letters that it answers, the nearest first, each once.
    pub answers: Vec<String>,
    /// Outlook's Thread-Index.
    pub thread: Option<Thread>,
    /// Milliseconds since 1970, as its writer says.
    pub date: Option<i64>,
    /// Lower case, without parameters.
    pub content_type: String,
    pub said: Folded,
    /// The page, cleaned.
    pub page: Option<String>,
    pub files: Vec<Attached>,
    /// What a report says (`message/delivery-status`, `message/feedback-report`), and the heads of the letter that it is about.
    pub report: Option<Report>,
    heads: Vec<(String, String)>,
}

/// The machine's part of a report (RFC 3462).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// Subtype of its own part: `delivery-status` or `feedback-report`.
    pub kind: String,
    pub fields: String,
    /// Heads of the letter that it is about, as far as they came back.
    pub about: Vec<(String, String)>,
}

/// Why a letter cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLetter {
    #[error("there is no letter in it")]
    Empty,
    #[error("the letter names nobody who wrote it")]
    NoSender,
    #[error("the letter made its reader fail")]
    Fails,
}

impl Letter {
    /// Reads one. `cut`: the end of it was not fetched.
    pub fn read(raw: &[u8], cut: bool) -> Result<Letter, NoLetter> {
        // The parser says that it never panics; a letter that finds out otherwise costs itself alone.
        catch_unwind(AssertUnwindSafe(|| read(raw, cut))).unwrap_or(Err(NoLetter::Fails))
    }

    /// The first head of this name (lower case).
    pub fn head(&self, name: &str) -> Option<&str> {
        find(&self.heads, name)
    }

    /// All heads of this name, from the top.
    pub fn heads<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.heads.iter().filter(move |(head, _)| head == name).map(|(_, value)| value.as_str())
    }
}

/// Name and value of each head of a letter that was not read otherwise.
pub(super) fn header_list(letter: &[u8]) -> Vec<(String, String)> {
    let (head, _) = heads::split(letter);
    heads::list(&heads::mend(head))
}

/// The first of these heads with this name.
pub(super) fn find<'a>(heads: &'a [(String, String)], name: &str) -> Option<&'a str> {
    heads.iter().find(|(head, _)| head == name).map(|(_, value)| value.as_str())
}

fn read(raw: &[u8], cut: bool) -> Result<Letter, NoLetter> {
    let mended = heads::mend(raw);
    let heads = heads::list(&mended);
    let parser = MessageParser::default();
    let nested = nesting(&mended) > MOST_NESTED;
    let message = if nested { parser.parse_headers(&mended) } else { parser.parse(&mended) }.ok_or(NoLetter::Empty)?;
    let from = mailboxes(message.from()).into_iter().next();
    let reply_to = mailboxes(message.reply_to()).into_iter().next();
    // A letter without a sender can still be answered where it says.
    let from = from.or_else(|| reply_to.clone()).or_else(|| mailboxes(message.sender()).into_iter().next()).ok_or(NoLetter::NoSender)?;
    let subject = find(&heads, "subject").map(heads::plain).unwrap_or_default();
    let subject = line(&subject, LONGEST_SUBJECT);
    let mut letter = Letter {
        from,
        reply_to,
        to: mailboxes(message.to()),
        cc: mailboxes(message.cc()),
        id: find(&heads, "message-id").and_then(|value| ids(value).into_iter().next()),
        answers: answers(&heads),
        thread: find(&heads, "thread-index").and_then(thread_of),
        date: message.date().filter(|date| date.is_valid()).map(|date| date.to_timestamp().saturating_mul(1_000)),
        content_type: content_type(message.content_type()),
        subject,
        heads,
        ..Letter::default()
    };
    if nested {
        letter.files.push(Attached { name: "letter.eml".into(), bytes: raw.to_vec() });
        return Ok(letter);
    }
    body(&mut letter, &message, cut);
    Ok(letter)
}

fn body(letter: &mut Letter, message: &Message<'_>, cut: bool) {
    let plain = text(message);
    let page = whole_html(message);
    let read = page.as_deref().map(html::read);
    let passes_on = passes_on(&letter.subject);
    let (marked, deep) = read.as_ref().map_or((false, false), |read| (read.marked, read.deep));
    let designed = read.map(|read| lines::fold(read.lines, passes_on));
    let written = plain.as_deref().map(|text| lines::fold(lines::of_text(text), passes_on));
    let mut said = match (written, designed) {
        // Marks of the mailer's are surer than what words look like; and some write "please see the page" where the text should be.
        (Some(written), Some(designed)) => {
            let sparse = written.text.len() + written.quoted.len() < (designed.text.len() + designed.quoted.len()) / 10;
            if (marked && written.quoted.is_empty() && !designed.quoted.is_empty()) || sparse { designed } else { written }
        }
        (written, designed) => written.or(designed).unwrap_or_default(),
    };
    shorten(&mut said.text, LONGEST_TEXT);
    shorten(&mut said.quoted, LONGEST_QUOTED);
    letter.said = said;
    let taken = files::take(message, cut);
    if let Some(page) = page.filter(|_| !deep) {
        let pictures: Vec<clean::Picture<'_>> = taken.inline.iter().map(|(cid, bytes)| clean::Picture { cid, bytes }).collect();
        letter.page = clean::clean(&page, &pictures);
    }
    letter.files = taken.files;
    // A picture that nothing shows is something attached.
    let shown = |cid: &str| page_names(message, cid) && letter.page.is_some();
    let unseen: Vec<Attached> = taken
        .inline
        .into_iter()
        .filter(|(cid, _)| !shown(cid))
        .map(|(cid, bytes)| Attached { name: files::picture_name(&cid, &bytes), bytes })
        .collect();
    letter.files.extend(unseen);
    letter.report = taken.report;
}

/// Whether the page shows the picture of this Content-ID.
fn page_names(message: &Message<'_>, cid: &str) -> bool {
    let named = format!("cid:{cid}");
    whole_html(message).is_some_and(|html| html.contains(&named))
}

/// How many parts might stand within another, counted without taking anything apart, and rather too many: whoever nests letters without end
/// would have the parser use up the stack.
fn nesting(raw: &[u8]) -> usize {
    let may = |line: &&[u8]| {
        let has = |what: &[u8]| line.windows(what.len()).any(|window| window.eq_ignore_ascii_case(what));
        matches!(line.first(), Some(b'c' | b'C' | b' ' | b'\t')) && (has(b"multipart") || has(b"message"))
    };
    raw.split(|b| *b == b'\n').filter(may).count()
}

/// The plain text, its paragraphs joined where it flows.
fn text(message: &Message<'_>) -> Option<String> {
    let mut found = String::new();
    for part in message.text_bodies().take(20) {
        let PartType::Text(text) = &part.body else { continue };
        let kind = part.content_type();
        let attribute = |name: &str| kind.and_then(|kind| kind.attribute(name)).unwrap_or_default();
        if kind.is_some_and(|kind| !kind.ctype().eq_ignore_ascii_case("text") || kind.subtype() == Some("calendar")) {
            continue;
        }
        let text = decoded(message, part, text, attribute("charset"));
        if !found.is_empty() {
            found.push('\n');
        }
        if attribute("format").eq_ignore_ascii_case("flowed") {
            found.push_str(&flowed::join(&text, attribute("delsp").eq_ignore_ascii_case("yes")));
        } else {
            found.push_str(&text);
        }
        if found.len() > 4 * LONGEST_TEXT {
            break;
        }
    }
    (!found.trim().is_empty()).then_some(found)
}

/// Text without a charset that is not UTF-8 is nearly always Chinese; the parser has replaced what it did not know.
fn decoded(message: &Message<'_>, part: &MessagePart<'_>, text: &str, charset: &str) -> String {
    let unknown = charset.is_empty() || charset.eq_ignore_ascii_case("us-ascii") || heads::charset(charset).is_none();
    if unknown
        && text.contains('\u{fffd}')
        && let Some(bytes) = files::undecoded(message, part)
    {
        return encoding_rs::GB18030.decode_without_bom_handling(&bytes).0.into_owned();
    }
    text.to_owned()
}

fn whole_html(message: &Message<'_>) -> Option<String> {
    let mut found = String::new();
    for part in message.html_bodies().take(20) {
        if let PartType::Html(html) = &part.body {
            found.push_str(html);
        }
    }
    (!found.trim().is_empty()).then_some(found)
}

/// Somebody passes a letter on: what is quoted is what they want us to read.
fn passes_on(subject: &str) -> bool {
    const SIGNS: &[&str] = &["fwd:", "fw:", "wg:", "tr:", "rv:", "转发:", "转发：", "轉寄:", "轉寄：", "轉發:", "i:", "enc:"];
    let subject = subject.trim().to_lowercase();
    SIGNS.iter().any(|sign| subject.starts_with(sign))
}

fn content_type(kind: Option<&mail_parser::ContentType<'_>>) -> String {
    kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()).unwrap_or_default()
}

fn mailboxes(address: Option<&Address<'_>>) -> Vec<Mailbox> {
    let Some(address) = address else { return Vec::new() };
    let read = |addr: &mail_parser::Addr<'_>| {
        let name = addr.name().map(|name| line(&heads::plain(name), 120)).filter(|name| !name.is_empty());
        Some(Mailbox { name, address: normal(addr.address()?)? })
    };
    address.iter().take(MOST_RECIPIENTS).filter_map(read).collect()
}

/// What it answers, nearest first: In-Reply-To, then References from its end (RFC 5322 §3.6.4).
fn answers(heads: &[(String, String)]) -> Vec<String> {
    let mut found = find(heads, "in-reply-to").map(ids).unwrap_or_default();
    let mut older = find(heads, "references").map(ids).unwrap_or_default();
    older.reverse();
    for id in older {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found.truncate(MOST_IDS);
    found
}

/// Ids in a head, with their brackets; some mailers forget those.
pub(super) fn ids(value: &str) -> Vec<String> {
    let fine = |id: &str| {
        !id.is_empty() && id.len() <= LONGEST_ID && !id.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'))
    };
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(start) = rest.find('<').filter(|_| found.len() < 10 * MOST_IDS) {
        let Some(end) = rest.get(start..).and_then(|from| from.find('>')) else { break };
        let id: String = rest.get(start + 1..start + end).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        if fine(&id) {
            found.push(format!("<{id}>"));
        }
        rest = rest.get(start + end + 1..).unwrap_or_default();
    }
    if found.is_empty() {
        let bare = value.split_whitespace().filter(|word| fine(word) && word.contains('@'));
        found.extend(bare.take(MOST_IDS).map(|id| format!("<{id}>")));
    }
    found
}

/// One byte, five of time, sixteen of GUID, then five for each answer.
fn thread_of(value: &str) -> Option<Thread> {
    let packed: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let index = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, packed).ok()?;
    let guid: [u8; 16] = index.get(6..22)?.try_into().ok()?;
    let fine = guid.iter().any(|byte| *byte != 0) && index.len() <= LONGEST_INDEX;
    fine.then_some(Thread { guid, index })
}

fn line(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::desk::person::plain_name(&words.join(" "), longest)
}

fn shorten(text: &mut String, longest: usize) {
    if let Some((at, _)) = text.char_indices().nth(longest) {
        text.truncate(at);
    }
}

/// The text of a head that the parser has read.
fn as_text<'a>(part: &'a MessagePart<'_>, name: HeaderName<'static>) -> Option<&'a str> {
    part.headers.iter().find(|header| header.name == name).and_then(|header| match &header.value {
        HeaderValue::Text(text) => Some(text.as_ref()),
        HeaderValue::TextList(list) => list.first().map(AsRef::as_ref),
        _ => None,
    })
}
