//! The header section: names known by an enum (compact forms folded in), values as raw bytes.
//! A value that is not UTF-8 (GBK, Latin-1) keeps its bytes and is decoded lossily on its own, so it never costs the other headers.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

macro_rules! header_names {
    ($($variant:ident $name:literal $compact:literal,)*) => {
        /// A header's name; comparisons ignore case, RFC 3261 §7.3.1.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum HeaderName { $($variant,)* Other(Bytes) }

        impl HeaderName {
            /// Understands long and compact forms (RFC 3261 §7.3.3) in any case.
            pub fn parse(name: &Bytes) -> HeaderName {
                $(if name.eq_ignore_ascii_case($name.as_bytes()) || (name.len() == 1 && name.eq_ignore_ascii_case($compact.as_bytes())) {
                    return HeaderName::$variant;
                })*
                HeaderName::Other(name.clone())
            }

            pub fn as_str(&self) -> Cow<'_, str> {
                match self {
                    $(HeaderName::$variant => Cow::Borrowed($name),)*
                    HeaderName::Other(raw) => String::from_utf8_lossy(raw),
                }
            }
        }
    };
}

header_names! {
    Via "Via" "v",
    From "From" "f",
    To "To" "t",
    CallId "Call-ID" "i",
    CSeq "CSeq" "",
    Contact "Contact" "m",
    MaxForwards "Max-Forwards" "",
    ContentLength "Content-Length" "l",
    ContentType "Content-Type" "c",
    ContentEncoding "Content-Encoding" "e",
    Route "Route" "",
    RecordRoute "Record-Route" "",
    Require "Require" "",
    ProxyRequire "Proxy-Require" "",
    Supported "Supported" "k",
    Allow "Allow" "",
    Accept "Accept" "",
    UserAgent "User-Agent" "",
    Authorization "Authorization" "",
    ProxyAuthorization "Proxy-Authorization" "",
    WwwAuthenticate "WWW-Authenticate" "",
    ProxyAuthenticate "Proxy-Authenticate" "",
    RetryAfter "Retry-After" "",
    Reason "Reason" "",
    Expires "Expires" "",
    MinExpires "Min-Expires" "",
    AssertedIdentity "P-Asserted-Identity" "",
    Subject "Subject" "s",
    Event "Event" "o",
    SessionExpires "Session-Expires" "x",
    MinSe "Min-SE" "",
    Rseq "RSeq" "",
    Rack "RAck" "",
    ReferTo "Refer-To" "r",
    ReferredBy "Referred-By" "b",
    Replaces "Replaces" "",
    Privacy "Privacy" "",
}

#[derive(Debug, Clone)]
pub struct Header {
    pub name: HeaderName,
    /// As received, unfolded, without the white space around it.
    pub value: Bytes,
}

impl Header {
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }
}

/// All headers of one message in their order.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<Header>);

impl Headers {
    pub(super) fn with_capacity(n: usize) -> Headers {
        Headers(Vec::with_capacity(n))
    }

    pub(super) fn push(&mut self, header: Header) {
        self.0.push(header);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.0.iter()
    }

    pub fn all<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a Header> {
        self.0.iter().filter(move |header| header.name == *name)
    }

    /// The first header of that name, decoded lossily.
    pub fn text(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.0.iter().find(|header| header.name == *name).map(Header::text)
    }

    /// By any spelling of the name, for headers the enum does not list (`X-…`).
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let wanted = HeaderName::parse(&Bytes::copy_from_slice(name.as_bytes()));
        self.0
            .iter()
            .find(|header| match (&header.name, &wanted) {
                (HeaderName::Other(a), HeaderName::Other(b)) => a.eq_ignore_ascii_case(b),
                (a, b) => a == b,
            })
            .map(Header::text)
    }

    /// Every element of a comma-separated header over all its lines, RFC 3261 §7.3.1.
    pub fn list(&self, name: &HeaderName) -> Vec<String> {
        let mut elements = Vec::new();
        for header in self.0.iter().filter(|header| header.name == *name) {
            elements.extend(split_list(&header.text()).map(str::to_owned));
        }
        elements
    }

    pub fn count(&self, name: &HeaderName) -> usize {
        self.0.iter().filter(|header| header.name == *name).count()
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.as_str(), self.text())
    }
}

/// Splits at commas outside quotes and angle brackets; empty elements are left out.
pub fn split_list(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped, mut angle) = (false, false, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'<' if !quoted => angle = true,
                b'>' if !quoted => angle = false,
                b',' if !quoted && !angle => {
                    rest = Some(&text[at + 1..]);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        rest = None;
        Some(text)
    })
    .map(str::trim)
    .filter(|element| !element.is_empty())
}
