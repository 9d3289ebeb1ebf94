//! Who is calling: the number a trunk gives, made comparable, and the name beside it.

use crate::desk::dial::number::Numbering;
use crate::desk::person::{Identity, plain_name};
use crate::sip::{NameAddr, Uri};

/// Longest number or user part that is kept; longer ones are no caller ids (E.164 allows 15 digits).
const LONGEST: usize = 64;

/// The identity behind a caller's address.
///
/// `asserted` (RFC 3325) is believed before `from`, because only trunks get this far. Numbers are read as everywhere
/// ([`Numbering::read`]), so that one person has one number; anything else is kept as a SIP address. `None` for callers who hide
/// themselves.
pub(super) fn identity(from: &NameAddr, asserted: Option<&NameAddr>, numbering: &Numbering) -> Option<Identity> {
    let uri = &asserted.unwrap_or(from).uri;
    let user = uri.user().filter(|user| !user.is_empty() && user.len() <= LONGEST)?;
    if user.eq_ignore_ascii_case("anonymous") || uri.host.eq_ignore_ascii_case("anonymous.invalid") {
        return None;
    }
    Some(match numbering.read(&user) {
        Some(read) => Identity { kind: "phone".into(), namespace: String::new(), value: read.number.value().to_owned() },
        None => Identity { kind: "sip".into(), namespace: String::new(), value: address(&user, uri) },
    })
}

/// The display name, not longer than a line.
pub(super) fn display(from: &NameAddr) -> Option<String> {
    let name = plain_name(from.display.as_deref()?, 80);
    (!name.is_empty()).then_some(name)
}

fn address(user: &str, uri: &Uri) -> String {
    format!("{user}@{}", uri.host)
}
