//! One answer as it was written, read and checked. Nothing of it is ever markup: it is text, drawn escaped.

use super::spec::{FieldKind, FieldSpec};
use crate::desk::dial::number::{Number, Numbering};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Longest address of e-mail, characters (RFC 5321 §4.5.3.1.3, without the brackets).
const LONGEST_EMAIL: usize = 254;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    Missing,
    TooLong,
    NotANumber,
    OutOfRange,
    NotThere,
    NotADate,
    NotAnAddress,
    NotAPhone,
    NotAgreed,
    TooLarge,
    NotAPicture,
    NotAFile,
    TooManyFiles,
}

impl Wrong {
    /// The key of the sentence.
    pub fn key(self) -> &'static str {
        match self {
            Wrong::Missing => "form.wrong.missing",
            Wrong::TooLong => "form.wrong.too_long",
            Wrong::NotANumber => "form.wrong.number",
            Wrong::OutOfRange => "form.wrong.range",
            Wrong::NotThere => "form.wrong.choice",
            Wrong::NotADate => "form.wrong.date",
            Wrong::NotAnAddress => "form.wrong.email",
            Wrong::NotAPhone => "form.wrong.phone",
            Wrong::NotAgreed => "form.wrong.consent",
            Wrong::TooLarge => "form.wrong.too_large",
            Wrong::NotAPicture => "form.wrong.photo",
            Wrong::NotAFile => "form.wrong.file",
            Wrong::TooManyFiles => "form.wrong.too_many",
        }
    }
}

/// The value that is kept; empty for what may be left out and was.
pub fn value(field: &FieldSpec, written: &str, numbering: &Numbering) -> Result<String, Wrong> {
    let text: String = written.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let text = text.trim();
    if text.is_empty() {
        return match (field.required, field.kind) {
            (true, FieldKind::Consent) => Err(Wrong::NotAgreed),
            (true, _) => Err(Wrong::Missing),
            (false, _) => Ok(String::new()),
        };
    }
    match field.kind {
        FieldKind::Text if text.chars().count() > field.longest => Err(Wrong::TooLong),
        FieldKind::Text => Ok(text.to_owned()),
        FieldKind::Number => number(field, text),
        FieldKind::Choice => field.options.iter().find(|(id, _)| id == text).map(|(id, _)| id.clone()).ok_or(Wrong::NotThere),
        FieldKind::Date => date(text),
        FieldKind::Email => email(text),
        FieldKind::Phone => phone(text, numbering),
        FieldKind::Consent if text == "yes" => Ok("yes".to_owned()),
        FieldKind::Consent => Err(Wrong::NotAgreed),
        // Files do not come as text.
        FieldKind::File | FieldKind::Photo => Err(Wrong::Missing),
    }
}

/// As people write it, with a comma or a point; at most fifteen digits in all.
fn number(field: &FieldSpec, text: &str) -> Result<String, Wrong> {
    let text = text.replace(',', ".");
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(rest) || whole.len() + rest.len() > 15 {
        return Err(Wrong::NotANumber);
    }
    let value: f64 = text.parse().map_err(|_| Wrong::NotANumber)?;
    let below = field.lowest.is_some_and(|lowest| value < lowest as f64);
    let above = field.highest.is_some_and(|highest| value > highest as f64);
    if below || above { Err(Wrong::OutOfRange) } else { Ok(text) }
}

/// `2026-11-21`, as a browser's own field sends it.
fn date(text: &str) -> Result<String, Wrong> {
    let date: Date = text.parse().map_err(|_| Wrong::NotADate)?;
    if !(1900..=2200).contains(&date.year()) || text.len() != 10 {
        return Err(Wrong::NotADate);
    }
    Ok(date.to_string())
}

/// Something before an `@` and a name with a dot behind it: more can only be known by writing there.
fn email(text: &str) -> Result<String, Wrong> {
    let (local, domain) = text.rsplit_once('@').ok_or(Wrong::NotAnAddress)?;
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || "<>()[],;:\"\\".contains(c));
    let named = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    if plain(local) && plain(domain) && !local.contains('@') && named && text.chars().count() <= LONGEST_EMAIL {
        Ok(text.to_owned())
    } else {
        Err(Wrong::NotAnAddress)
    }
}

/// Comparable with all others: E.164.
fn phone(text: &str, numbering: &Numbering) -> Result<String, Wrong> {
    match numbering.read(text).map(|reading| reading.number) {
        Some(Number::Full(number)) => Ok(number),
        _ => Err(Wrong::NotAPhone),
    }
}
