//! Delivery reports (RFC 3464), those that mailers write as they like, and complaints (RFC 5965): which letter of ours they are about, and
//! what became of it. Anybody can write one; only what names a letter by its code is believed.

use super::address::normal;
use super::letter::{Letter, Report, find, ids};
use super::marks::{Extension, Marks};

/// What a report says of a letter of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounced {
    /// Of the letter.
    pub key: String,
    pub fate: Fate,
    /// Who was to get it, where the report says.
    pub recipient: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Never, with the other server's reason; `gone`: the address does not exist.
    Failed { reason: String, gone: bool },
    /// Not yet; the other server goes on trying.
    Delayed { reason: String },
    /// It has arrived.
    Delivered,
    /// The reader calls it unwanted.
    Complaint,
}

/// Longest reason that is kept, characters.
const LONGEST: usize = 300;

/// What a letter reports; `None`: it is no report about a letter of ours. `extensions` are those of our addresses that it came to.
pub(super) fn read<'a>(letter: &Letter, marks: &Marks, extensions: impl Iterator<Item = &'a str>) -> Option<Bounced> {
    let by_address = extensions.filter_map(|extension| marks.extension(extension)).find_map(|extension| match extension {
        Extension::Letter(key) => Some(key),
        Extension::Conversation(_) => None,
    });
    let key = by_address.or_else(|| about(letter, marks))?;
    if let Some(report) = &letter.report {
        if report.kind == "feedback-report" {
            return Some(Bounced { key, fate: Fate::Complaint, recipient: None });
        }
        return fate(report).map(|(fate, recipient)| Bounced { key, fate, recipient });
    }
    // Exim and Gmail tell the address in a head; qmail and many Chinese servers tell everything in words alone.
    let failed = letter.head("x-failed-recipients");
    if failed.is_none() && !is_daemon(letter) {
        return None;
    }
    let recipient = failed.and_then(|value| normal(value.split(',').next()?));
    let words = format!("{}\n{}", letter.said.text, letter.said.quoted);
    let (reason, gone) = in_words(&words);
    let late = ["delayed", "will be retried", "still trying", "延迟", "将继续尝试", "仍在尝试"]
        .iter()
        .any(|word| letter.subject.to_lowercase().contains(word) || words.to_lowercase().contains(word));
    let never = failed.is_some() || has_failed(&words) || has_failed(&letter.subject);
    match (late && !words.contains(" 5."), never) {
        (true, _) => Some(Bounced { key, fate: Fate::Delayed { reason }, recipient }),
        (false, true) => Some(Bounced { key, fate: Fate::Failed { reason, gone }, recipient }),
        (false, false) => None,
    }
}

fn is_daemon(letter: &Letter) -> bool {
    let local = letter.from.address.split('@').next().unwrap_or_default();
    ["mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon"].contains(&local)
        || letter.head("return-path").is_some_and(|path| path.trim() == "<>")
}

/// The key of the letter that came back: by our own head, its Message-ID, the envelope's id, or a Message-ID anywhere in the words.
fn about(letter: &Letter, marks: &Marks) -> Option<String> {
    let report = letter.report.as_ref();
    let came_back = report.and_then(|report| find(&report.about, "x-hubline")).and_then(|value| marks.key_of(value));
    let id = || report.and_then(|report| find(&report.about, "message-id")).and_then(|value| marks.key_of(value));
    let envelope = || report.and_then(|report| field(report.fields.lines(), "original-envelope-id")).and_then(|value| marks.key_of(&value));
    let said = || {
        let words = [letter.said.text.as_str(), letter.said.quoted.as_str()];
        let named = words.into_iter().flat_map(ids);
        letter.answers.iter().cloned().chain(named).find_map(|id| marks.key_of(&id))
    };
    // The whole letter comes back as a file where the report has no proper third part.
    let file = || {
        let heads = |file: &super::letter::Attached| String::from_utf8_lossy(file.bytes.get(..16_384).unwrap_or(&file.bytes)).into_owned();
        letter.files.iter().filter(|file| file.name.ends_with(".eml")).flat_map(|file| ids(&heads(file))).find_map(|id| marks.key_of(&id))
    };
    came_back.or_else(id).or_else(envelope).or_else(said).or_else(file)
}

/// By the block of each recipient; one letter of ours has one customer, and the worst is what counts.
fn fate(report: &Report) -> Option<(Fate, Option<String>)> {
    let normalised = report.fields.replace("\r\n", "\n");
    let mut best: Option<(u8, Fate, Option<String>)> = None;
    for block in normalised.split("\n\n") {
        let Some(action) = field(block.lines(), "action") else { continue };
        let status = field(block.lines(), "status").unwrap_or_default();
        let status = status.split([' ', '(']).next().unwrap_or_default();
        let recipient = field(block.lines(), "original-recipient").or_else(|| field(block.lines(), "final-recipient"));
        let recipient = recipient.and_then(|value| normal(value.rsplit(';').next()?));
        let diagnostic = field(block.lines(), "diagnostic-code").unwrap_or_default();
        let diagnostic = diagnostic.split_once(';').map_or(diagnostic.as_str(), |(_, text)| text.trim());
        let reason = if diagnostic.is_empty() { status.to_owned() } else { short(&format!("{status} {diagnostic}")) };
        let (rank, fate) = match action.to_ascii_lowercase().as_str() {
            "failed" => (3, Fate::Failed { reason, gone: is_gone(status) }),
            "delayed" => (2, Fate::Delayed { reason }),
            "delivered" => (1, Fate::Delivered),
            // Relayed and expanded say that nobody will tell more.
            _ => continue,
        };
        if best.as_ref().is_none_or(|(other, ..)| *other < rank) {
            best = Some((rank, fate, recipient));
        }
    }
    best.map(|(_, fate, recipient)| (fate, recipient))
}

/// The address does not exist: 5.1.1, 5.1.2 and 5.1.10 of RFC 3463 and the registry of codes.
pub(super) fn is_gone(status: &str) -> bool {
    matches!(status, "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.4.4")
}

/// A field with the lines that continue it.
fn field<'a>(lines: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for line in lines {
        match &mut found {
            Some(value) if line.starts_with([' ', '\t']) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            Some(_) => break,
            None => {
                let (head, value) = line.split_once(':').unwrap_or_default();
                found = head.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned());
            }
        }
    }
    found
}

/// The line that says most, and whether it says that the address does not exist.
fn in_words(words: &str) -> (String, bool) {
    const GONE: &[&str] = &[
        "user unknown",
        "no such user",
        "does not exist",
        "unknown user",
        "address rejected",
        "mailbox not found",
        "mailbox unavailable",
        "5.1.1",
        "couldn't be found",
        "wasn't found",
        "用户不存在",
        "地址不存在",
        "收件人不存在",
        "邮箱不存在",
        "帐号不存在",
        "账号不存在",
    ];
    let lower = words.to_lowercase();
    let gone = GONE.iter().any(|word| lower.contains(word));
    let is_code = |word: &str| {
        let word = word.trim_matches(['#', ':', ',', '(', ')']);
        word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit())
    };
    let says = |line: &&str| line.split_whitespace().any(is_code) || GONE.iter().any(|word| line.to_lowercase().contains(word));
    let lines = || words.lines().map(str::trim);
    let line = lines().find(says).or_else(|| lines().find(|line| has_failed(line))).or_else(|| lines().find(|line| !line.is_empty()));
    (short(line.unwrap_or_default()), gone)
}

fn has_failed(words: &str) -> bool {
    const FAILED: &[&str] = &[
        "undeliver",
        "delivery has failed",
        "delivery failed",
        "failure notice",
        "returned to sender",
        "returned mail",
        "could not be delivered",
        "couldn't be delivered",
        "permanent error",
        "permanent fatal errors",
        "delivery status notification (failure)",
        "退信",
        "投递失败",
        "无法投递",
        "发送失败",
        "未送达",
        "被退回",
    ];
    let lower = words.to_lowercase();
    FAILED.iter().any(|word| lower.contains(word))
}

fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}
