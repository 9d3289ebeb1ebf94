//! Bytes to message. Only a start line that is no SIP at all, or a header section without an end over a stream, is an error;
//! everything else is kept for the user agent to answer with the right status, because a silent peer cannot be repaired.

use bytes::Bytes;

use super::{Header, HeaderName, Headers, Message, Method, Request, Response};

/// More headers than this is an attack, not a call.
const MAX_HEADERS: usize = 256;

/// What delimits the body, RFC 3261 §18.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// The rest of the datagram when Content-Length is missing; bytes past it are dropped.
    Datagram,
    /// Content-Length has already cut the message out of a stream.
    Stream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("not a SIP start line")]
    StartLine,
    #[error("too many headers")]
    TooManyHeaders,
    #[error("response with a status that is no status")]
    Status,
}

/// Parses one message. Leading CRLFs are skipped (RFC 3261 §7.5).
pub fn parse(data: &Bytes, framing: Framing) -> Result<Message, ParseError> {
    let start = data.iter().position(|byte| *byte != b'\r' && *byte != b'\n').ok_or(ParseError::StartLine)?;
    let (line_end, mut at) = line(data, start);
    let start_line = data.slice(start..line_end);
    let mut headers = Headers::with_capacity(16);
    loop {
        if at >= data.len() {
            break;
        }
        let (end, next) = line(data, at);
        if end == at {
            at = next;
            break;
        }
        let (value_end, next) = unfold(data, end, next);
        if let Some(header) = header(data, at, value_end, next) {
            if headers.len() >= MAX_HEADERS {
                return Err(ParseError::TooManyHeaders);
            }
            headers.push(header);
        }
        at = next;
    }
    let mut body = data.slice(at.min(data.len())..);
    let mut bad_length = false;
    match headers.text(&HeaderName::ContentLength) {
        None => bad_length = framing == Framing::Stream,
        Some(text) => match text.trim().parse::<usize>() {
            Ok(length) if length <= body.len() => body.truncate(length),
            _ => bad_length = true,
        },
    }
    start_message(&start_line, headers, body, bad_length)
}

/// The end of the line that begins at `at` (without its CRLF or bare LF), and where the next one begins.
fn line(data: &[u8], at: usize) -> (usize, usize) {
    match data[at..].iter().position(|byte| *byte == b'\n') {
        None => (data.len(), data.len()),
        Some(offset) => {
            let feed = at + offset;
            let end = if feed > at && data[feed - 1] == b'\r' { feed - 1 } else { feed };
            (end, feed + 1)
        }
    }
}

/// A line that begins with white space continues the one before, RFC 3261 §7.3.1.
fn unfold(data: &[u8], mut end: usize, mut next: usize) -> (usize, usize) {
    while matches!(data.get(next), Some(b' ' | b'\t')) {
        (end, next) = line(data, next);
    }
    (end, next)
}

fn header(data: &Bytes, at: usize, end: usize, next: usize) -> Option<Header> {
    debug_assert!(end <= next);
    let colon = at + data[at..end].iter().position(|byte| *byte == b':')?;
    let name_end = at + data[at..colon].trim_ascii_end().len();
    let name = data.slice(at..name_end);
    if name.is_empty() {
        return None;
    }
    let raw = data.slice(colon + 1..end);
    let value = if raw.contains(&b'\n') { Bytes::from(joined(&raw)) } else { raw.slice_ref(raw.trim_ascii()) };
    Some(Header { name: HeaderName::parse(&name), value })
}

/// A folded value on one line: each line break with the white space around it becomes one space.
fn joined(raw: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(raw.len());
    for part in raw.split(|byte| *byte == b'\n') {
        let part = part.trim_ascii();
        if part.is_empty() {
            continue;
        }
        if !value.is_empty() {
            value.push(b' ');
        }
        value.extend_from_slice(part);
    }
    value
}

fn start_message(start_line: &[u8], headers: Headers, body: Bytes, bad_length: bool) -> Result<Message, ParseError> {
    let text = String::from_utf8_lossy(start_line);
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
        let mut parts = text.splitn(3, ' ');
        let _version = parts.next();
        let status = parts.next().and_then(|code| code.parse::<u16>().ok()).filter(|code| (100..700).contains(code));
        let status = status.ok_or(ParseError::Status)?;
        let reason = parts.next().unwrap_or("").to_owned();
        return Ok(Message::Response(Response { status, reason, headers, body }));
    }
    let trimmed = text.trim();
    let (method, rest) = trimmed.split_once(' ').ok_or(ParseError::StartLine)?;
    let (uri, version) = rest.rsplit_once(' ').ok_or(ParseError::StartLine)?;
    let known = version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/"));
    if !known || method.is_empty() || !method.bytes().all(is_token) {
        return Err(ParseError::StartLine);
    }
    let uri_text = uri.trim();
    let irregular = trimmed.len() != text.len() || uri_text.len() != uri.len() || uri_text.contains([' ', '\t']) || uri_text.is_empty();
    Ok(Message::Request(Request {
        method: Method::parse(method),
        uri: uri_text.to_owned(),
        version_ok: version.eq_ignore_ascii_case("SIP/2.0"),
        irregular,
        bad_length,
        headers,
        body,
    }))
}

/// RFC 3261 §25.1 `token`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Content-Length of a header section that is still in a stream's buffer; `Ok(None)` when the header is missing.
/// Errors on a number that is none, or on several that differ: a stream cannot be framed past that.
pub fn content_length(head: &[u8]) -> Result<Option<usize>, ParseError> {
    let mut found = None;
    for raw in head.split(|byte| *byte == b'\n') {
        let Some(colon) = raw.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = raw[..colon].trim_ascii_end();
        if !name.eq_ignore_ascii_case(b"content-length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let text = std::str::from_utf8(raw[colon + 1..].trim_ascii()).map_err(|_| ParseError::StartLine)?;
        let length = text.parse::<usize>().map_err(|_| ParseError::StartLine)?;
        if found.is_some_and(|earlier| earlier != length) {
            return Err(ParseError::StartLine);
        }
        found = Some(length);
    }
    Ok(found)
}
