//! Values to bytes. Requests are printed from a spec that can be printed again under a new branch (authentication, retries);
//! responses copy what RFC 3261 §8.2.6.2 says from the request. Line breaks never get through from a value into a header.

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;

use super::{HeaderName, Method, Request, Via};

/// A request without its Via.
#[derive(Debug, Clone)]
pub struct RequestSpec {
    pub method: Method,
    pub uri: String,
    pub from: String,
    pub to: String,
    pub call_id: Arc<str>,
    pub cseq: u32,
    /// Route header values in order.
    pub routes: Vec<String>,
    pub contact: Option<String>,
    /// Further headers, name and value.
    pub headers: Vec<(String, String)>,
    /// Content-Type and content.
    pub body: Option<(String, String)>,
}

impl RequestSpec {
    /// `via` is the whole header value; `user_agent` may be empty.
    pub fn print(&self, via: &str, user_agent: &str) -> Bytes {
        let mut out = String::with_capacity(640 + self.body.as_ref().map_or(0, |(_, content)| content.len()));
        out.push_str(self.method.as_str());
        out.push(' ');
        clean(&mut out, &self.uri);
        out.push_str(" SIP/2.0\r\n");
        header(&mut out, "Via", via);
        out.push_str("Max-Forwards: 70\r\n");
        for route in &self.routes {
            header(&mut out, "Route", route);
        }
        header(&mut out, "From", &self.from);
        header(&mut out, "To", &self.to);
        header(&mut out, "Call-ID", &self.call_id);
        let _ = write!(out, "CSeq: {} {}\r\n", self.cseq, self.method.as_str());
        if let Some(contact) = &self.contact {
            header(&mut out, "Contact", contact);
        }
        for (name, value) in &self.headers {
            header(&mut out, name, value);
        }
        if !user_agent.is_empty() {
            header(&mut out, "User-Agent", user_agent);
        }
        finish(&mut out, self.body.as_ref().map(|(kind, content)| (kind.as_str(), content.as_str())));
        Bytes::from(out)
    }
}

/// Builds one response to one request.
pub struct ResponseWriter {
    out: Vec<u8>,
}

impl ResponseWriter {
    /// `via` is the request's topmost Via, marked with where it came from; `tag` is added to To unless it has one.
    pub fn new(request: &Request, via: &Via, status: u16, reason: &str, tag: Option<&str>) -> ResponseWriter {
        let mut out = Vec::with_capacity(640);
        let reason = if reason.is_empty() { reason_phrase(status) } else { reason };
        out.extend_from_slice(format!("SIP/2.0 {status} {reason}\r\nVia: {via}").as_bytes());
        let mut first = true;
        for header in request.headers.all(&HeaderName::Via) {
            if first {
                first = false;
                // What follows our caller's element on the same line stays as it was.
                let text = header.text();
                let mut rest = super::split_list(&text).skip(1).peekable();
                while let Some(element) = rest.next() {
                    out.extend_from_slice(b", ");
                    out.extend_from_slice(element.as_bytes());
                    if rest.peek().is_none() {
                        break;
                    }
                }
                out.extend_from_slice(b"\r\n");
                continue;
            }
            raw_header(&mut out, "Via", &header.value);
        }
        if first {
            out.extend_from_slice(b"\r\n");
        }
        for (name, known) in
            [("From", HeaderName::From), ("To", HeaderName::To), ("Call-ID", HeaderName::CallId), ("CSeq", HeaderName::CSeq)]
        {
            let Some(header) = request.headers.iter().find(|header| header.name == known) else {
                continue;
            };
            raw_header(&mut out, name, &header.value);
            if let (HeaderName::To, Some(tag)) = (known, tag.filter(|_| !has_tag(&header.value))) {
                out.truncate(out.len() - 2);
                out.extend_from_slice(b";tag=");
                out.extend_from_slice(tag.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        ResponseWriter { out }
    }

    pub fn header(mut self, name: &str, value: &str) -> ResponseWriter {
        let mut text = String::with_capacity(name.len() + value.len() + 4);
        header(&mut text, name, value);
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    /// A response that makes a dialog repeats the Record-Route headers, RFC 3261 §12.1.1.
    pub fn record_routes(mut self, request: &Request) -> ResponseWriter {
        for header in request.headers.all(&HeaderName::RecordRoute) {
            raw_header(&mut self.out, "Record-Route", &header.value);
        }
        self
    }

    pub fn finish(mut self, body: Option<(&str, &str)>) -> Bytes {
        let mut tail = String::new();
        finish(&mut tail, body);
        self.out.extend_from_slice(tail.as_bytes());
        Bytes::from(self.out)
    }
}

/// Whether a From or To value has a tag, readable or not.
fn has_tag(value: &[u8]) -> bool {
    let after = value.iter().rposition(|byte| *byte == b'>').map_or(value, |at| &value[at..]);
    after.windows(4).any(|window| window.eq_ignore_ascii_case(b"tag="))
}

fn raw_header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend(value.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
    out.extend_from_slice(b"\r\n");
}

fn header(out: &mut String, name: &str, value: &str) {
    clean(out, name);
    out.push_str(": ");
    clean(out, value);
    out.push_str("\r\n");
}

fn clean(out: &mut String, value: &str) {
    if value.contains(['\r', '\n']) {
        out.extend(value.chars().map(|c| if matches!(c, '\r' | '\n') { ' ' } else { c }));
    } else {
        out.push_str(value);
    }
}

fn finish(out: &mut String, body: Option<(&str, &str)>) {
    match body {
        Some((kind, content)) => {
            header(out, "Content-Type", kind);
            let _ = write!(out, "Content-Length: {}\r\n\r\n{content}", content.len());
        }
        None => out.push_str("Content-Length: 0\r\n\r\n"),
    }
}

/// RFC 3261 §21.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        other => match other / 100 {
            1 => "Progress",
            2 => "OK",
            3 => "Redirect",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}
