//! What a channel can carry, as its connector says: what may be written to a customer there, how long and for how long. The desk refuses by
//! it before anything is recorded; the composer shows it.

use serde::{Deserialize, Serialize};

/// One channel's abilities and limits. Each is a default of the platform's that the configuration may narrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traits {
    pub text: Text,
    /// Longest text that goes with a file, in the units of `text`; 0: it follows as a message of its own.
    pub caption: usize,
    /// With which files it goes, where not with all.
    pub captioned: &'static [FileRule],
    /// What files it takes; empty: none, customers get a link instead.
    pub files: Vec<FileRule>,
    /// Files of one message that go out together with its text, as in mail; else each is a message of its own.
    pub whole: bool,
    /// Choices that the customer taps (a card, a menu); the most of them. 0: they are written as numbered lines.
    pub choices: usize,
    pub cards: Cards,
    /// Messages approved beforehand by the platform, the only ones outside the window.
    pub templates: bool,
    /// When a customer may be written to; `None`: always.
    pub window: Option<Window>,
    /// Each subject is a conversation of its own, as in mail; else all that one customer writes is one.
    pub threads: bool,
    /// The kind of identity to which it writes though nothing was ever heard from it; `None`: the customer writes first.
    pub first: Option<&'static str>,
    /// It shows only on a page that the customer has open now: nobody is told anything behind a closed one.
    pub open_page: bool,
    /// For how long a message of ours may be given other words, or taken back from everybody.
    pub edit: Within,
    pub recall: Within,
    pub tells: Tells,
}

/// The longest text of one message, and what becomes of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Text {
    pub most: usize,
    pub unit: Unit,
    /// At most so many messages of one text; 1: it is refused before it is sent.
    pub parts: usize,
}

/// In what a platform counts a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Unicode scalar values.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units.
    Utf16,
    /// Parts of a text message (3GPP TS 23.040), see `segments`; `most` is of no meaning then.
    Segments,
}

/// What of cards the platform itself shows; everything else is sent as words that say the same. Limits are characters, 0 where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Cards {
    /// The words of one choice.
    pub choice: usize,
    /// The words above choices, in the units of `text`.
    pub question: usize,
    /// A title with some words, a picture and an address, as one thing to tap.
    pub links: bool,
    /// Only with a picture; without one it is sent as words.
    pub pictured: bool,
    pub title: usize,
    pub about: usize,
    /// A pin on a map.
    pub places: bool,
    /// The pin has neither name nor address: its words go before it.
    pub bare: bool,
}

/// Files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRule {
    /// As MIME writes it; `image/`, ending with a slash, means each of that kind, and `` each there is.
    pub mime: &'static str,
    pub most_bytes: u64,
}

/// For how long and how often the firm may write after each message of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub ms: i64,
    /// Messages in it; `None`: any number.
    pub messages: Option<u32>,
}

/// How long after it was sent something may be done to a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// The platform has no way.
    #[default]
    Never,
    Always,
    /// For so many ms.
    For(i64),
}

impl Within {
    pub fn allows(self, age_ms: i64) -> bool {
        match self {
            Within::Never => false,
            Within::Always => true,
            Within::For(ms) => age_ms <= ms,
        }
    }
}

/// What the platform tells us of our messages, and of the customer; and what it lets us tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tells {
    pub delivered: bool,
    pub read: bool,
    /// That they are typing.
    pub typing: bool,
    /// That the agent is typing, that theirs was read: shown to the customer.
    pub shows_typing: bool,
    pub shows_read: bool,
    /// The same message sent again with its key is one message: a try whose answer was lost may be repeated.
    pub repeats_safely: bool,
}

impl Text {
    /// What this text counts.
    pub fn count(self, text: &str) -> usize {
        match self.unit {
            Unit::Characters => text.chars().count(),
            Unit::Bytes => text.len(),
            Unit::Utf16 => text.encode_utf16().count(),
            Unit::Segments => super::segments::measure(text).1,
        }
    }

    /// The longest text that goes out at all, in its unit; a text message is as long as its parts of the plain alphabet.
    pub fn longest(self) -> usize {
        match self.unit {
            Unit::Segments => 153 * self.parts,
            _ => self.most * self.parts,
        }
    }

    /// The pieces that it goes out in, cut at line ends and spaces where there are any; `None`: it is too long.
    pub fn pieces(self, text: &str) -> Option<Vec<&str>> {
        if self.unit == Unit::Segments {
            return (self.count(text) <= self.parts).then(|| vec![text]);
        }
        let (mut pieces, mut rest) = (Vec::new(), text);
        while self.count(rest) > self.most {
            let fits = self.fitting(rest);
            let head = rest.get(..fits)?;
            // A cut in the last half only: lines of one word are not worth a message each.
            let nice = head.rfind('\n').or_else(|| head.rfind(' ')).filter(|at| *at > fits / 2);
            let cut = nice.map_or(fits, |at| at + 1);
            let (piece, tail) = rest.split_at_checked(cut).filter(|(piece, _)| !piece.is_empty())?;
            pieces.push(piece);
            rest = tail;
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(rest);
        }
        (pieces.len() <= self.parts).then_some(pieces)
    }

    /// Bytes of the longest beginning that is short enough.
    fn fitting(self, text: &str) -> usize {
        let mut used = 0;
        for (at, c) in text.char_indices() {
            used += match self.unit {
                Unit::Characters | Unit::Segments => 1,
                Unit::Bytes => c.len_utf8(),
                Unit::Utf16 => c.len_utf16(),
            };
            if used > self.most {
                return at;
            }
        }
        text.len()
    }
}

impl Traits {
    /// A channel of words alone, without a window, which tells nothing.
    pub fn words(text: Text) -> Traits {
        Traits {
            text,
            caption: 0,
            captioned: &[],
            files: Vec::new(),
            whole: false,
            choices: 0,
            cards: Cards::default(),
            templates: false,
            window: None,
            threads: false,
            first: None,
            open_page: false,
            edit: Within::Never,
            recall: Within::Never,
            tells: Tells::default(),
        }
    }

    /// Whether words may go with such a file.
    pub fn captions(&self, mime: &str, bytes: u64) -> bool {
        let with = |rule: &FileRule| rule.mime == mime && bytes <= rule.most_bytes;
        self.caption > 0 && (self.captioned.is_empty() || self.captioned.iter().any(with))
    }

    /// The rule for files of this type; `None`: the channel does not carry them.
    pub fn file(&self, mime: &str) -> Option<&FileRule> {
        let is = |rule: &&FileRule| rule.mime.is_empty() || mime == rule.mime || (rule.mime.ends_with('/') && mime.starts_with(rule.mime));
        self.files.iter().find(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(most: usize, unit: Unit, parts: usize) -> Text {
        Text { most, unit, parts }
    }

    #[test]
    fn a_long_text_is_cut_where_one_would_cut_it() {
        let cut = |most, unit, said| text(most, unit, 9).pieces(said);
        assert_eq!(cut(10, Unit::Characters, "short"), Some(vec!["short"]));
        assert_eq!(cut(10, Unit::Characters, "one two three four"), Some(vec!["one two ", "three four"]));
        assert_eq!(cut(8, Unit::Bytes, "你好世界"), Some(vec!["你好", "世界"]));
        assert_eq!(cut(3, Unit::Utf16, "a🙂b"), Some(vec!["a🙂", "b"]));
        assert_eq!(cut(1, Unit::Utf16, "🙂"), None, "nothing of it fits");
        assert_eq!(text(3, Unit::Characters, 2).pieces("abcdefg"), None, "three messages are too many");
        assert_eq!(cut(10, Unit::Characters, ""), Some(vec![""]));
    }

    #[test]
    fn a_file_is_measured_by_the_first_rule_that_names_it() {
        let rule = |mime, most_bytes| FileRule { mime, most_bytes };
        let files = vec![rule("image/gif", 1), rule("image/", 5)];
        let traits = Traits { files, ..Traits::words(text(10, Unit::Characters, 1)) };
        assert_eq!(traits.file("image/gif").map(|rule| rule.most_bytes), Some(1));
        assert_eq!(traits.file("image/png").map(|rule| rule.most_bytes), Some(5));
        assert_eq!(traits.file("application/pdf"), None);
    }
}
