//! What is attached to a letter: files, pictures that its page shows, other letters, the machine's part of reports, and what Outlook packs
//! into `winmail.dat`.

use super::{Attached, Report, as_text, clean, heads, tnef};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, HeaderName, Message, MessagePart, MimeHeaders, PartType};

/// Files of one letter that are kept.
const MOST: usize = 100;
/// Longest name, characters.
const LONGEST_NAME: usize = 120;
/// Heads of a letter within a report that are looked at, bytes.
const ABOUT: usize = 64 << 10;

#[derive(Default)]
pub(super) struct Taken {
    pub files: Vec<Attached>,
    /// Content-ID and picture.
    pub inline: Vec<(String, Vec<u8>)>,
    pub report: Option<Report>,
}

/// Takes what is attached. Of a letter that was cut (`cut`) the last is not whole.
pub(super) fn take(message: &Message<'_>, cut: bool) -> Taken {
    let mut taken = Taken::default();
    let last = message.attachments.iter().max().copied().filter(|_| cut);
    for &id in message.attachments.iter().filter(|id| Some(**id) != last) {
        let Some(part) = message.part(id) else { continue };
        one(message, part, &mut taken);
        if taken.files.len() + taken.inline.len() >= MOST {
            break;
        }
    }
    taken
}

fn one(message: &Message<'_>, part: &MessagePart<'_>, taken: &mut Taken) {
    let kind = super::content_type(part.content_type());
    match kind.as_str() {
        "message/delivery-status" | "message/feedback-report" | "message/global-delivery-status" => {
            let report = taken.report.get_or_insert_default();
            report.kind = kind.trim_start_matches("message/").trim_start_matches("global-").to_owned();
            report.fields = String::from_utf8_lossy(part.contents()).into_owned();
            return;
        }
        "text/rfc822-headers" | "message/rfc822-headers" | "message/rfc822" | "message/global" | "message/global-headers" => {
            let head = part.contents().get(..ABOUT).unwrap_or(part.contents());
            let about = heads::list(&heads::mend(head));
            if taken.report.is_some() {
                taken.report.get_or_insert_default().about = about;
                return;
            }
            let name = super::find(&about, "subject").map(heads::plain).unwrap_or_default();
            let name = if name.trim().is_empty() { "letter".to_owned() } else { name };
            taken.files.push(Attached { name: format!("{}.eml", file_name(&name)), bytes: part.contents().to_vec() });
            return;
        }
        _ => {}
    }
    let name = file_name(&heads::plain(part.attachment_name().unwrap_or_default()));
    let bytes = match &part.body {
        PartType::Text(text) if text.contains('\u{fffd}') => undecoded(message, part).unwrap_or_else(|| part.contents().to_vec()),
        _ => part.contents().to_vec(),
    };
    let wrapped = kind == "application/ms-tnef" || name.eq_ignore_ascii_case("winmail.dat");
    if wrapped && let Some(unpacked) = tnef::unpack(&bytes) {
        taken.files.extend(unpacked.into_iter().map(|(name, bytes)| Attached { name: file_name(&name), bytes }));
        return;
    }
    let cid = as_text(part, HeaderName::ContentId).map(|cid| cid.trim_matches(['<', '>', ' ']).to_owned());
    if let Some(cid) = cid.filter(|cid| !cid.is_empty() && clean::kind(&bytes).is_some()) {
        taken.inline.push((cid, bytes));
        return;
    }
    // Nothing in it, and no name: what mailers put between parts.
    if name.is_empty() && bytes.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    let name = if name.is_empty() { format!("file{}", ending(&kind)) } else { name };
    taken.files.push(Attached { name, bytes });
}

/// The bytes of a part as they were before they were sent, for text whose charset nobody names: what the parser has replaced is lost in its
/// own text.
pub(super) fn undecoded(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let from = usize::try_from(part.offset_body).ok()?;
    let to = usize::try_from(part.offset_end).ok()?;
    let bytes = message.raw_message.get(from..to)?;
    match part.encoding {
        Encoding::None => Some(bytes.to_vec()),
        Encoding::Base64 => base64_decode(bytes),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
    }
}

/// A name that is shown and never a path.
fn file_name(name: &str) -> String {
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
    let name = super::line(&name, LONGEST_NAME);
    // The name of the letter's own page is not for others to use.
    if name.eq_ignore_ascii_case(super::super::PAGE) { format!("_{name}") } else { name }
}

/// A name for a picture of which only its Content-ID is known.
pub(super) fn picture_name(cid: &str, bytes: &[u8]) -> String {
    let stem = cid.split('@').next().unwrap_or(cid);
    let ending = clean::kind(bytes).map_or("", |mime| mime.trim_start_matches("image/"));
    let name = file_name(stem);
    if name.contains('.') { name } else { format!("{name}.{ending}") }
}

fn ending(kind: &str) -> &'static str {
    match kind {
        "text/calendar" => ".ics",
        "text/html" => ".html",
        "text/plain" => ".txt",
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        _ => "",
    }
}
