//! From when until when a certificate is valid: the one field of it that we read ourselves (RFC 5280 §4.1), to warn before it is too late.

use crate::desk::id::At;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0] EXPLICIT Version`
const VERSION: u8 = 0xa0;

/// The beginning and the end of validity of a DER certificate; `None` if it is not one.
pub(super) fn of(certificate: &[u8]) -> Option<(At, At)> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut body, _) = element(certificate)?;
    if body.first() == Some(&VERSION) {
        body = element(body)?.2;
    }
    // Serial number, signature algorithm and issuer stand before the validity.
    for _ in 0..3 {
        body = element(body)?.2;
    }
    let (kind, validity, _) = element(body)?;
    let (form, text, after) = element(validity)?;
    let from = moment(form, std::str::from_utf8(text).ok()?)?;
    let (form, text, _) = element(after)?;
    let until = moment(form, std::str::from_utf8(text).ok()?)?;
    (kind == SEQUENCE).then_some((from, until))
}

/// Tag, content and what follows of the first DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` after (RFC 5280 §4.1.2.5).
fn moment(form: u8, text: &str) -> Option<At> {
    let full = match form {
        UTC_TIME => format!("{}{text}", if *text.as_bytes().first()? < b'5' { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", full).ok()?;
    Some(At(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}
