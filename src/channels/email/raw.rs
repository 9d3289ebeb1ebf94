//! The raw event: the letter as the server has it, below one line of ours about how it was fetched. That line is ours because it is the first.

use super::letter::{find, header_list, split};
use sha2::{Digest, Sha256};

const OURS: &[u8] = b"X-Hubline-Fetched: ";

/// How a letter was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fetched {
    pub folder: String,
    pub uid: u32,
    /// When the server got it, ms since 1970.
    pub at: Option<i64>,
    /// Its true size, bytes, where only the beginning was fetched.
    pub cut: Option<u64>,
}

impl Fetched {
    /// The letter below our line.
    pub fn join(&self, letter: &[u8]) -> Vec<u8> {
        let number = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let folder = hex::encode(&self.folder);
        let line = format!(
            "{folder} {} {} {}\r\n",
            self.uid,
            number(self.at.map(|at| at.to_string())),
            number(self.cut.map(|cut| cut.to_string()))
        );
        let mut raw = Vec::with_capacity(OURS.len() + line.len() + letter.len());
        raw.extend_from_slice(OURS);
        raw.extend_from_slice(line.as_bytes());
        raw.extend_from_slice(letter);
        raw
    }

    /// What our line says, and the letter.
    pub fn split(raw: &[u8]) -> (Fetched, &[u8]) {
        let none = || (Fetched::default(), raw);
        let Some(rest) = raw.strip_prefix(OURS) else { return none() };
        let Some(end) = rest.iter().position(|b| *b == b'\n') else { return none() };
        let line = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
        let mut words = line.split_whitespace();
        let folder = words.next().and_then(|word| String::from_utf8(hex::decode(word).ok()?).ok()).unwrap_or_default();
        let uid = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        let at = words.next().and_then(|word| word.parse().ok());
        let cut = words.next().and_then(|word| word.parse().ok());
        (Fetched { folder, uid, at, cut }, rest.get(end + 1..).unwrap_or_default())
    }
}

/// The key of the event: the same letter in two folders, or found again after the server has counted anew, is one.
pub(super) fn key(letter: &[u8]) -> String {
    let heads = header_list(letter);
    let head = |name: &str| find(&heads, name).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [head("message-id"), head("date"), head("from")] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(split(letter).1);
    hex::encode(hash.finalize()).get(..40).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_line_is_the_first_and_no_letter_can_write_it() {
        let fetched = Fetched { folder: "客服".into(), uid: 7, at: Some(1_700_000_000_000), cut: None };
        let letter = b"X-Hubline-Fetched: 00 9 9 9\r\nSubject: x\r\n\r\nbody";
        let raw = fetched.join(letter);
        assert_eq!(Fetched::split(&raw), (fetched, letter.as_slice()));
        assert_eq!(Fetched::split(b"Subject: x\r\n\r\n").0, Fetched::default());
    }

    #[test]
    fn a_letter_is_known_by_what_it_says_not_by_the_way_it_came() {
        let letter =
            |received: &str, id: &str, body: &str| format!("Received: {received}\r\nMessage-ID: {id}\r\nFrom: a@b.example\r\n\r\n{body}");
        let key = |received: &str, id: &str, body: &str| key(letter(received, id, body).as_bytes());
        assert_eq!(key("from x", "<1@b>", "hello"), key("from y", "<1@b>", "hello"));
        assert_ne!(key("from x", "<1@b>", "hello"), key("from x", "<1@b>", "another, by a mailer that repeats its ids"));
        assert_ne!(key("from x", "<1@b>", "hello"), key("from x", "<2@b>", "hello"));
    }
}
