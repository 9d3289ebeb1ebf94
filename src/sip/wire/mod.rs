//! SIP on the wire: bytes in, values out, and back. A tolerant parser that never fails a whole message for one odd
//! header, typed headers parsed where they are needed, and a printer that writes straight into one buffer.

pub mod auth;
pub mod digest;
mod headers;
mod message;
mod name_addr;
mod parse;
mod print;
mod uri;
mod via;

pub use headers::{Header, HeaderName, Headers, split_list};
pub use message::{Message, Method, Request, Response};
pub use name_addr::{CSeq, NameAddr, Params};
pub use parse::{Framing, ParseError, content_length, parse};
pub use print::{RequestSpec, ResponseWriter, reason_phrase};
pub(in crate::sip) use uri::unescape;
pub use uri::{Scheme, Uri};
pub use via::Via;

/// A typed header or URI that does not have the form the RFC gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    #[error("empty or missing")]
    Missing,
    #[error("not a URI")]
    Uri,
    #[error("unbalanced quotes or angle brackets")]
    Unbalanced,
    #[error("bad parameters")]
    Params,
    #[error("bad number")]
    Number,
    #[error("bad Via")]
    Via,
    #[error("bad challenge")]
    Challenge,
}

#[cfg(test)]
mod tests;
