//! `[forms.NAME]`: what customers are asked by a link on their telephone or computer.

use super::flow::Texts;
use crate::config::value::{Name, Period};
use serde::Deserialize;
use toml::Spanned;

/// One form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSection {
    /// What customers and agents call it. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub title: Spanned<Texts>,
    /// What customers read above the fields. Default: nothing.
    pub intro: Option<Spanned<Texts>>,
    /// How long a link works. Default: 1d.
    #[serde(default = "day")]
    pub expires: Spanned<Period>,
    /// How long answers, pictures and files are kept. Default: 90d.
    #[serde(default = "quarter")]
    pub keep: Spanned<Period>,
    /// One field after the other. Default: false.
    #[serde(default)]
    pub guided: bool,
    /// An agent accepts or refuses what was answered: an identity check. The first field must then be a consent. Default: false.
    #[serde(default = "no")]
    pub verdict: Spanned<bool>,
    /// The customer is called by the agent who sent it as soon as they have given a number. Default: false.
    #[serde(default = "no")]
    pub calls: Spanned<bool>,
    /// The questions, in their order.
    pub fields: Vec<FieldSection>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSection {
    /// The name in tables.
    pub name: Name,
    /// `text`, `number`, `choice`, `date`, `email`, `phone`, `consent`, `file` or `photo`.
    pub kind: Name,
    /// The question; of a consent, what the customer agrees to.
    pub title: Spanned<Texts>,
    /// A word of help. Default: nothing.
    pub hint: Option<Spanned<Texts>>,
    /// May not be left out. Default: true.
    #[serde(default = "yes")]
    pub required: bool,
    /// Agents see the last characters only, supervisors the whole. Default: false.
    #[serde(default = "no")]
    pub masked: Spanned<bool>,
    /// Choice: what may be chosen.
    #[serde(default)]
    pub options: Vec<OptionSection>,
    /// Text: longest, characters, 1 to 2000. Default: 500.
    pub longest: Option<Spanned<usize>>,
    /// Number: the lowest and the highest. Default: any.
    pub lowest: Option<Spanned<i64>>,
    /// See `lowest`.
    pub highest: Option<Spanned<i64>>,
    /// Photo: the camera that a telephone opens, `back` or `front`. Default: `back`.
    pub camera: Option<Name>,
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSection {
    /// The name in tables.
    pub id: Name,
    /// What people read.
    pub title: Spanned<Texts>,
}

fn day() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(24 * 3_600))
}

fn quarter() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(90 * 24 * 3_600))
}

fn no() -> Spanned<bool> {
    Spanned::new(0..0, false)
}

fn yes() -> bool {
    true
}
