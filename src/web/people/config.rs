//! `[people]`: what a house keeps of its customers besides.

use crate::config::value::Name;
use crate::desk::config::Texts;
use serde::Deserialize;
use toml::Spanned;

/// What a house keeps of its customers besides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSection {
    /// Fields of every customer, in the order in which they are shown. Default: none.
    pub fields: Vec<PersonFieldSection>,
}

/// One field of every customer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonFieldSection {
    /// The name in tables and lists.
    pub id: Name,
    /// What people read. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub title: Spanned<Texts>,
    /// `text`, `number`, `date` or `choice`. Default: `text`.
    #[serde(default)]
    pub kind: PersonFieldKind,
    /// Choice: what may be chosen.
    #[serde(default)]
    pub options: Vec<String>,
    /// Agents see the last characters only, supervisors the whole. Default: false.
    #[serde(default)]
    pub masked: bool,
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonFieldKind {
    #[default]
    Text,
    Number,
    Date,
    Choice,
}

/// Longest value, characters.
const LONGEST: usize = 500;

impl PersonFieldKind {
    /// The word in the file, and the type of the input on pages.
    pub fn word(self) -> &'static str {
        match self {
            PersonFieldKind::Text => "text",
            PersonFieldKind::Number => "number",
            PersonFieldKind::Date => "date",
            PersonFieldKind::Choice => "choice",
        }
    }
}

impl PersonFieldSection {
    /// What it is called in this language.
    pub fn title_in(&self, language: &str) -> &str {
        let texts = &self.title.get_ref().0;
        let own = texts.get(language).or_else(|| texts.get("")).or_else(|| texts.get("en")).or_else(|| texts.values().next());
        own.map_or_else(|| self.id.get_ref().as_str(), String::as_str)
    }

    /// The value as it is kept; `None` for one that is none.
    pub fn read(&self, text: &str) -> Option<String> {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let good = match self.kind {
            _ if text.is_empty() => true,
            PersonFieldKind::Text => true,
            PersonFieldKind::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
            PersonFieldKind::Date => text.parse::<jiff::civil::Date>().is_ok(),
            PersonFieldKind::Choice => self.options.contains(&text),
        };
        good.then_some(text)
    }
}
