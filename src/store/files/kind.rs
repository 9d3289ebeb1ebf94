//! What a file is, by its bytes: senders and platforms may say anything.

use super::pixels;

/// What the first bytes of each type are that is told apart.
const TYPES: [(&str, &[u8]); 13] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF87a"),
    ("image/gif", b"GIF89a"),
    ("application/pdf", b"%PDF-"),
    ("application/zip", b"PK\x03\x04"),
    ("audio/ogg", b"OggS"),
    ("audio/amr", b"#!AMR\n"),
    ("audio/amr-wb", b"#!AMR-WB\n"),
    ("audio/mpeg", b"ID3"),
    ("audio/mpeg", b"\xff\xfb"),
    ("application/gzip", b"\x1f\x8b"),
    ("application/vnd.ms-office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
];

/// The type of known content; text is text if it is valid UTF-8 without control characters, whatever markup it holds.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    if let Some((mime, _)) = TYPES.iter().find(|(_, magic)| bytes.starts_with(magic)) {
        // A picture that no screen can show is a file like any other.
        return pixels::may_be_shown(mime, bytes).then_some(mime);
    }
    match (bytes.get(..4), bytes.get(8..12)) {
        (Some(b"RIFF"), Some(b"WEBP")) => return pixels::may_be_shown("image/webp", bytes).then_some("image/webp"),
        (Some(b"RIFF"), Some(b"WAVE")) => return Some("audio/wav"),
        _ => {}
    }
    if let Some(mime) = super::video(bytes) {
        return Some(mime);
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).then_some("text/plain; charset=utf-8")
}

/// The same, for what is kept whatever it is: unknown content is bytes, offered as a download and never shown.
pub fn by_content(bytes: &[u8]) -> &'static str {
    sniff(bytes).unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_bytes_and_scripts_are_never_pictures() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(sniff(b"RIFF\0\0\0\0WAVEfmt "), Some("audio/wav"));
        assert_eq!(sniff("你好\n".as_bytes()), Some("text/plain; charset=utf-8"));
        assert_eq!(sniff(b"<svg onload=alert(1)>"), Some("text/plain; charset=utf-8"));
        assert_eq!(sniff(b"\x7fELF\x02\x01\x01\0"), None);
        assert_eq!(by_content(b"\x7fELF\x02\x01\x01\0"), "application/octet-stream");
        assert_eq!(sniff(b""), None);
    }
}
