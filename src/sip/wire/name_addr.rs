//! The shape shared by From, To, Contact, Route and P-Asserted-Identity (RFC 3261 §20.10, §25.1), the `;name=value` parameters of every header, and CSeq.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::{FieldError, Method, Uri};

/// Parameters in their order, values as spelled (quotes and all).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// Parses `a=1;b;c="x;y"`. One trailing `;` is forgiven (phones do that), an empty parameter within is not.
    pub fn parse(text: &str) -> Result<Params, FieldError> {
        let mut params = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = end_of_param(rest)?;
            let param = rest[..end].trim();
            rest = rest.get(end + 1..).unwrap_or("").trim();
            let (name, value) = match param.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(value.trim_start().to_owned())),
                None => (param, None),
            };
            if name.is_empty() || name.contains(['"', '<', '>', ' ', ',']) {
                return Err(FieldError::Params);
            }
            params.push((name.to_owned(), value));
        }
        Ok(Params(params))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    /// The value, unquoted; an empty string for a parameter without one.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value.as_deref().map_or(Cow::Borrowed(""), unquote))
    }

    /// Sets or replaces.
    pub fn set(&mut self, name: &str, value: Option<String>) {
        match self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some(param) => param.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }
}

fn end_of_param(text: &str) -> Result<usize, FieldError> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return Ok(at),
            _ => {}
        }
    }
    if quoted { Err(FieldError::Unbalanced) } else { Ok(text.len()) }
}

/// A quoted string's content with its escapes undone; anything else as it is.
pub(super) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    Cow::Owned(plain)
}

/// Writes a quoted string, escaping what must be and leaving out line breaks (header injection).
pub(super) fn quote(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')) {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            write!(f, ";{name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

/// `"Display" <uri>;params`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// Unquoted, unescaped.
    pub display: Option<String>,
    pub uri: Uri,
    pub params: Params,
}

impl NameAddr {
    pub fn new(display: Option<&str>, uri: Uri) -> NameAddr {
        NameAddr { display: display.map(str::to_owned), uri, params: Params::default() }
    }

    pub fn parse(text: &str) -> Result<NameAddr, FieldError> {
        let text = text.trim();
        let (display, rest) = if text.starts_with('"') {
            let end = closing_quote(text).ok_or(FieldError::Unbalanced)?;
            let rest = text[end + 1..].trim_start();
            if !rest.starts_with('<') {
                return Err(FieldError::Unbalanced);
            }
            (Some(unquote(&text[..=end]).into_owned()), rest)
        } else if let Some(open) = text.find('<') {
            let name = text[..open].trim();
            if name.contains('"') {
                return Err(FieldError::Unbalanced);
            }
            ((!name.is_empty()).then(|| name.to_owned()), &text[open..])
        } else {
            // addr-spec without brackets: what follows ';' belongs to the header, RFC 3261 §20.10.
            let (uri, params) = text.split_once(';').unwrap_or((text, ""));
            return Ok(NameAddr { display: None, uri: Uri::parse(uri)?, params: Params::parse(params)? });
        };
        let close = rest.find('>').ok_or(FieldError::Unbalanced)?;
        // RFC 4475 §3.1.2.14: no white space around the address.
        if rest[1..close].trim().len() != close - 1 {
            return Err(FieldError::Uri);
        }
        let after = rest[close + 1..].trim();
        if !after.is_empty() && !after.starts_with(';') {
            return Err(FieldError::Params);
        }
        let params = Params::parse(after.strip_prefix(';').unwrap_or(""))?;
        Ok(NameAddr { display, uri: Uri::parse(&rest[1..close])?, params })
    }

    pub fn tag(&self) -> Option<Cow<'_, str>> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

impl FromStr for NameAddr {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<NameAddr, FieldError> {
        NameAddr::parse(text)
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = self.display.as_deref().filter(|name| !name.is_empty()) {
            quote(f, display)?;
            f.write_str(" ")?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// RFC 3261 §20.16.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31, §8.1.1.5.
    pub number: u32,
    pub method: Method,
}

impl CSeq {
    pub fn parse(text: &str) -> Result<CSeq, FieldError> {
        let (number, method) = text.trim().split_once(|c: char| c.is_ascii_whitespace()).ok_or(FieldError::Missing)?;
        let number: u32 = number.parse().map_err(|_| FieldError::Number)?;
        if number >= 1 << 31 {
            return Err(FieldError::Number);
        }
        Ok(CSeq { number, method: Method::parse(method.trim()) })
    }
}
