//! The two kinds of SIP message. Header values stay raw slices of the one received buffer; nothing is decoded twice.

use bytes::Bytes;

use super::Headers;

/// A request method, RFC 3261 §7.1; the closed list is what some RFC defines, the rest keeps its spelling (methods are case-sensitive).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Method {
    Invite,
    Ack,
    Bye,
    Cancel,
    Options,
    Register,
    Update,
    Info,
    Prack,
    Subscribe,
    Notify,
    Refer,
    Message,
    Publish,
    Other(Box<str>),
}

const METHODS: [(&str, Method); 14] = [
    ("INVITE", Method::Invite),
    ("ACK", Method::Ack),
    ("BYE", Method::Bye),
    ("CANCEL", Method::Cancel),
    ("OPTIONS", Method::Options),
    ("REGISTER", Method::Register),
    ("UPDATE", Method::Update),
    ("INFO", Method::Info),
    ("PRACK", Method::Prack),
    ("SUBSCRIBE", Method::Subscribe),
    ("NOTIFY", Method::Notify),
    ("REFER", Method::Refer),
    ("MESSAGE", Method::Message),
    ("PUBLISH", Method::Publish),
];

impl Method {
    pub fn parse(text: &str) -> Method {
        METHODS.iter().find(|(name, _)| *name == text).map_or_else(|| Method::Other(text.into()), |(_, method)| method.clone())
    }

    pub fn as_str(&self) -> &str {
        match self {
            Method::Other(name) => name,
            known => METHODS.iter().find(|(_, method)| method == known).map_or("", |(name, _)| name),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    Request(Request),
    Response(Response),
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// The Request-URI as spelled, decoded lossily.
    pub uri: String,
    /// False for anything but SIP/2.0, which is answered 505.
    pub version_ok: bool,
    /// Set when the request line has white space where RFC 3261 §25.1 has none, which is answered 400.
    pub irregular: bool,
    /// Set when Content-Length names more bytes than the datagram holds (RFC 3261 §18.3 asks for 400) or is no number.
    pub bad_length: bool,
    pub headers: Headers,
    pub body: Bytes,
}

#[derive(Debug, Clone)]
pub struct Response {
    /// 100–699.
    pub status: u16,
    pub reason: String,
    pub headers: Headers,
    pub body: Bytes,
}
