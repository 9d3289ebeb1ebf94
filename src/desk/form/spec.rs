//! A form as the configuration declares it.

use crate::desk::id::FormKind;
use std::collections::BTreeMap;

/// Fields of one form at most.
pub const MOST_FIELDS: usize = 40;
/// Longest answer of a text field, characters, unless it says less.
pub const LONGEST_TEXT: usize = 2_000;

/// One declared form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormSpec {
    pub kind: FormKind,
    pub title: Titles,
    /// What the customer reads above the fields.
    pub intro: Titles,
    /// How long a link works, ms.
    pub expires_ms: i64,
    /// How long answers are kept, ms.
    pub keep_ms: i64,
    /// One field after the other.
    pub guided: bool,
    /// An agent accepts or refuses what was answered.
    pub verdict: bool,
    /// The customer is called as soon as the answer comes.
    pub calls: bool,
    pub fields: Vec<FieldSpec>,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpec {
    pub name: String,
    pub kind: FieldKind,
    pub title: Titles,
    /// A word of help under it.
    pub hint: Titles,
    pub required: bool,
    /// Shown to agents with most of it covered.
    pub masked: bool,
    /// Choice: what may be chosen, with what people read.
    pub options: Vec<(String, Titles)>,
    /// Text: longest, characters.
    pub longest: usize,
    /// Number: bounds.
    pub lowest: Option<i64>,
    pub highest: Option<i64>,
    /// Photo: `user` or `environment`, the camera that is opened.
    pub camera: &'static str,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Number,
    Choice,
    Date,
    Email,
    Phone,
    /// The title is what the customer agrees to.
    Consent,
    File,
    Photo,
}

impl FieldKind {
    /// The words of the configuration.
    pub const WORDS: [&str; 9] = ["text", "number", "choice", "date", "email", "phone", "consent", "file", "photo"];

    pub fn of(word: &str) -> Option<FieldKind> {
        use FieldKind::*;
        let kinds = [Text, Number, Choice, Date, Email, Phone, Consent, File, Photo];
        kinds.into_iter().find(|kind| kind.word() == word)
    }

    pub fn word(self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Number => "number",
            FieldKind::Choice => "choice",
            FieldKind::Date => "date",
            FieldKind::Email => "email",
            FieldKind::Phone => "phone",
            FieldKind::Consent => "consent",
            FieldKind::File => "file",
            FieldKind::Photo => "photo",
        }
    }

    /// Answered by a file.
    pub fn is_file(self) -> bool {
        matches!(self, FieldKind::File | FieldKind::Photo)
    }
}

/// The same words in several languages; under the empty name for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Titles(pub BTreeMap<String, String>);

impl Titles {
    /// In this language, else as it is written for all, in a related one, or in any; nothing where there is nothing.
    pub fn say(&self, language: &str) -> &str {
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let related = || self.0.iter().find(|(tag, _)| !tag.is_empty() && base(tag) == base(language)).map(|(_, text)| text);
        let found = self.0.get(language).or_else(related).or_else(|| self.0.get(""));
        found.or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_language() {
        let titles = |pairs: &[(&str, &str)]| Titles(pairs.iter().map(|(tag, text)| ((*tag).into(), (*text).into())).collect());
        let both = titles(&[("en", "Address"), ("zh-CN", "地址")]);
        assert_eq!((both.say("en-GB"), both.say("zh-TW"), both.say("de")), ("Address", "地址", "Address"));
        assert_eq!(titles(&[("", "Adresse")]).say("zh-CN"), "Adresse");
        assert_eq!(Titles::default().say("en"), "");
    }

    #[test]
    fn every_word_is_a_kind() {
        for word in FieldKind::WORDS {
            assert_eq!(FieldKind::of(word).map(FieldKind::word), Some(word));
        }
        assert_eq!(FieldKind::of("html"), None);
    }
}
