//! Numbers as people write them, as providers deliver them and as phones dial them, read to one form: E.164 (`+4930123456`) wherever
//! that can be told. The one reader for callers, for what agents type and for what goes out: the same person has the same number.

use super::countries::{self, Country, KEEPS_ZERO};
use std::collections::BTreeSet;

/// Longest text that is looked at; E.164 allows 15 digits, the rest is spaces and names of extensions.
const LONGEST: usize = 64;
/// Most digits of a number with its country code (ITU-T E.164 §6.2.1).
const E164: usize = 15;
/// A number with its country code has at least so many digits; fewer behind an international prefix were no such prefix, and fewer are
/// not dialled. Callers with less (test numbers of providers) are taken as they come.
pub(super) const FULL: usize = 7;
/// More digits than this without a known form are no number.
const MOST: usize = 20;
/// A number of at most so many digits is a service or an extension of the house, never a subscriber's.
const EXTENSION: usize = 4;
/// A bare number of so many digits is a national one that lost its prefix on the way.
const NATIONAL: usize = 9;

/// A number that was understood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// Police, fire, ambulance: dialled as it stands.
    Emergency(String),
    /// With its country: `+` and up to 15 digits.
    Full(String),
    /// A service or short code of the country (10086), an extension, or a number whose country is not known: as it stands.
    Short(String),
}

impl Number {
    /// What it is compared and kept by.
    pub fn value(&self) -> &str {
        match self {
            Number::Emergency(value) | Number::Full(value) | Number::Short(value) => value,
        }
    }
}

/// What a text was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub number: Number,
    /// Nothing but the number was in the text: no extension behind it, no parameters. Only such text is dialled.
    pub plain: bool,
}

/// How numbers are written where the house stands, or where a trunk comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbering {
    /// `49`; empty when unknown: numbers without a country are then kept as they come.
    pub country_code: String,
    /// Put before local numbers, without the trunk prefix: `30`. Empty for none.
    pub area_code: String,
    pub trunk_prefix: String,
    pub international_prefix: String,
    pub emergency: BTreeSet<String>,
    /// What else is known of the country.
    pub country: Option<&'static Country>,
    /// Numbers without `+` begin with their country code.
    pub with_code: bool,
}

impl Numbering {
    /// The rules of a country.
    pub fn of(country: &'static Country) -> Numbering {
        Numbering {
            country_code: country.code.into(),
            area_code: String::new(),
            trunk_prefix: country.trunk_prefix.into(),
            international_prefix: country.international_prefix.into(),
            emergency: country.emergency.iter().map(|number| (*number).to_owned()).collect(),
            country: Some(country),
            with_code: false,
        }
    }

    /// The rules behind a calling code; of an unknown country the commonest are taken. No code: nothing is known.
    pub fn coded(code: &str) -> Numbering {
        match countries::coded(code) {
            Some(country) => Numbering::of(country),
            None => Numbering {
                country_code: code.into(),
                trunk_prefix: if code.is_empty() { String::new() } else { "0".into() },
                international_prefix: "00".into(),
                emergency: ["112", "911"].map(str::to_owned).into(),
                ..Numbering::default()
            },
        }
    }

    /// Reads a text as a number. `None`: it is none (a name, a SIP address, a star code, a string with pauses, escapes).
    pub fn read(&self, text: &str) -> Option<Reading> {
        if text.len() > LONGEST {
            return None;
        }
        let text = text.trim();
        let text = match text.split_at_checked(4) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
            _ => text,
        };
        let (text, context, parameters) = parameters(text)?;
        let (text, extension) = extension(text)?;
        let (plus, digits) = digits(text)?;
        let (plus, digits) = match context {
            // RFC 3966 §5.1.5: a local number within the prefix that is its context.
            Some(prefix) if !plus => (true, format!("{prefix}{digits}")),
            _ => (plus, digits),
        };
        let number = if plus { self.international(&digits)? } else { self.dialled(&digits)? };
        Some(Reading { number, plain: !parameters && !extension })
    }

    /// Behind a `+`.
    fn international(&self, digits: &str) -> Option<Number> {
        let own = digits.strip_prefix(self.country_code.as_str()).filter(|_| !self.country_code.is_empty());
        if let Some(short) = own.filter(|rest| self.emergency.contains(*rest)) {
            return Some(Number::Emergency(short.to_owned()));
        }
        let country = countries::of(digits);
        let mut digits = digits.to_owned();
        // "+49 030 …": the trunk prefix has no place behind a country code, but many write it.
        if let Some(country) = country.filter(|country| country.trunk_prefix == "0" && !KEEPS_ZERO.contains(&country.code)) {
            let national = &digits[country.code.len()..];
            let national = national.strip_prefix('0').unwrap_or(national);
            if national.starts_with('0') {
                return None;
            }
            digits = format!("{}{national}", country.code);
        }
        ((2..=E164).contains(&digits.len()) && !digits.starts_with('0')).then(|| Number::Full(format!("+{digits}")))
    }

    /// Without a `+`: by the rules of the country.
    fn dialled(&self, digits: &str) -> Option<Number> {
        if digits.is_empty() || digits.len() > MOST {
            return None;
        }
        if self.emergency.contains(digits) {
            return Some(Number::Emergency(digits.to_owned()));
        }
        if self.with_code && digits.len() >= NATIONAL && !digits.starts_with('0') {
            return self.international(digits);
        }
        for prefix in [self.international_prefix.as_str(), "00"] {
            let Some(rest) = digits.strip_prefix(prefix).filter(|rest| !prefix.is_empty() && !rest.starts_with('0')) else { continue };
            match self.international(rest) {
                Some(number) if rest.len() >= FULL || matches!(number, Number::Emergency(_)) => return Some(number),
                _ => {}
            }
        }
        if digits.starts_with("00") && digits.len() > EXTENSION + 2 {
            return None;
        }
        Some(self.national(digits))
    }

    fn national(&self, digits: &str) -> Number {
        let short = || Number::Short(digits.to_owned());
        if self.country_code.is_empty() || self.is_service(digits) || digits.len() <= EXTENSION {
            return short();
        }
        let full = |national: &str| Number::Full(format!("+{}{national}", self.country_code));
        if self.is_bare(digits) {
            return full(digits);
        }
        let (shortest, longest) = self.country.map_or((5, 14 - self.country_code.len().min(3)), |country| country.lengths);
        if let Some(rest) = digits.strip_prefix(self.trunk_prefix.as_str()).filter(|_| !self.trunk_prefix.is_empty())
            && (shortest..=longest).contains(&rest.len())
            && !rest.starts_with('0')
        {
            return full(rest);
        }
        if let Some(rest) = digits.strip_prefix(self.country_code.as_str())
            && (shortest.max(7)..=longest).contains(&rest.len())
            && !rest.starts_with('0')
        {
            return full(rest);
        }
        if digits.starts_with('0') && !self.keeps_zero() {
            return short();
        }
        if (NATIONAL..=longest).contains(&digits.len()) {
            return full(digits);
        }
        if !self.area_code.is_empty() && digits.len() < NATIONAL {
            return full(&format!("{}{digits}", self.area_code));
        }
        short()
    }

    fn keeps_zero(&self) -> bool {
        KEEPS_ZERO.contains(&self.country_code.as_str())
    }

    fn is_bare(&self, digits: &str) -> bool {
        let bare = self.country.map_or(&[][..], |country| country.bare);
        bare.iter().any(|(start, length)| digits.starts_with(start) && digits.len() == *length)
    }

    fn is_service(&self, digits: &str) -> bool {
        let short = self.country.map_or(&[][..], |country| country.short);
        !self.is_bare(digits) && short.iter().any(|(start, longest)| digits.starts_with(start) && digits.len() <= *longest)
    }
}

/// Cuts RFC 3966 parameters off: the text before, the digits of a `phone-context` that is a prefix, and whether there were any.
fn parameters(text: &str) -> Option<(&str, Option<String>, bool)> {
    let Some((number, rest)) = text.split_once(';') else { return Some((text, None, false)) };
    let context = rest.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("phone-context").then_some(value)
    });
    let prefix = context.and_then(|context| context.strip_prefix('+'));
    let prefix = prefix.map(|prefix| prefix.chars().filter(|c| *c != '-').collect::<String>());
    if prefix.as_ref().is_some_and(|prefix| prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    Some((number, prefix, true))
}

/// Cuts `ext. 12`, `x12` or `转12` off: the text before, and whether there was one.
fn extension(text: &str) -> Option<(&str, bool)> {
    let lower = text.to_lowercase();
    // Lower case may change lengths in some scripts; what is cut must be a place in the text itself.
    let found = ["ext", "x", "转", "轉", "分机", "分機"].into_iter().filter_map(|word| lower.find(word)).min();
    let Some(at) = found.filter(|at| lower.len() == text.len() && text.is_char_boundary(*at)) else { return Some((text, false)) };
    let (number, rest) = text.split_at(at);
    let behind: String = rest.chars().filter_map(plain_digit).collect();
    let words = rest.chars().filter(|c| plain_digit(*c).is_none() && !is_separator(*c)).collect::<String>().to_lowercase();
    let known = ["ext", "extension", "x", "转", "轉", "分机", "分機", "转分机"].contains(&words.trim_end_matches([':', '：']));
    // A vanity number may hold an X; it is not cut but read by its letters.
    if !known || number.trim().is_empty() {
        return Some((text, false));
    }
    (1..=8).contains(&behind.len()).then_some((number, true))
}

/// The digits, and whether a `+` stands before them. Separators, full-width forms and marks that come along when a number is copied are
/// read over; letters count as their keys (ITU-T E.161) in numbers written like 1-800-FLOWERS.
fn digits(text: &str) -> Option<(bool, String)> {
    let mut plus = false;
    let mut digits = String::new();
    let mut separated = false;
    // "+49 (0)30": the zero in brackets is for those who dial from within.
    let text = if text.trim_start().starts_with(['+', '＋']) { text.replace("(0)", "") } else { text.to_owned() };
    for c in text.chars() {
        match c {
            '+' | '＋' if !plus && digits.is_empty() => plus = true,
            c if is_separator(c) => {
                separated = true;
                continue;
            }
            c => match plain_digit(c) {
                Some(digit) => digits.push(digit),
                None if c.is_ascii_uppercase() && digits.len() >= 3 && separated => digits.push(key(c)),
                None => return None,
            },
        }
    }
    (!digits.is_empty()).then_some((plus, digits))
}

/// ASCII digits and their full-width forms. Other scripts' digits are no number that anybody here would type.
fn plain_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        _ => None,
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '·' | '（' | '）' | '－' | '\u{3000}' | '．' | '−')
        || matches!(c, '\u{2000}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{202a}'..='\u{202f}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// ITU-T E.161: the key that bears this letter.
fn key(letter: char) -> char {
    match letter {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        _ => '9',
    }
}
