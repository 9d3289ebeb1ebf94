//! The heads of a letter as its writer meant them: encoded words that were cut in the middle of a character are joined (RFC 2047 §2 forbids the
//! cut, many mailers make it), and bytes of an old charset are made UTF-8. What is too much of it is left out, the body never.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use encoding_rs::{Encoding, GB18030, UTF_8};

/// Bytes of heads that are looked at; an ordinary letter has 10 KB.
const MOST_BYTES: usize = 256 << 10;
const MOST_FIELDS: usize = 1_000;

/// Forgives what mailers do: missing padding, bits left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// The letter with its heads mended.
pub(super) fn mend(raw: &[u8]) -> Vec<u8> {
    let (head, body) = split(raw);
    let mut mended = Vec::with_capacity(raw.len() + 64);
    for field in fields(head).take(MOST_FIELDS) {
        if mended.len() + field.len() > MOST_BYTES {
            continue;
        }
        let text = decode_raw(field);
        mended.extend_from_slice(join_words(&text).trim_end_matches(['\r', '\n']).as_bytes());
        mended.extend_from_slice(b"\r\n");
    }
    mended.extend_from_slice(b"\r\n");
    mended.extend_from_slice(body);
    mended
}

/// Name (lower case) and unfolded value of each head, in their order.
pub(super) fn list(mended: &[u8]) -> Vec<(String, String)> {
    let read = |field: &[u8]| {
        let text = String::from_utf8_lossy(field);
        let (name, value) = text.split_once(':')?;
        let value: Vec<&str> = value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
        Some((name.trim().to_ascii_lowercase(), value.join(" ")))
    };
    fields(split(mended).0).take(MOST_FIELDS).filter_map(read).collect()
}

/// Where the heads end; the empty line belongs to neither.
pub(in super::super) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut from = 0;
    while let Some(end) = raw.get(from..).and_then(|rest| rest.iter().position(|b| *b == b'\n')).map(|at| from + at + 1) {
        let rest = raw.get(end..).unwrap_or_default();
        if rest.starts_with(b"\n") {
            return (raw.get(..end).unwrap_or_default(), rest.get(1..).unwrap_or_default());
        }
        if rest.starts_with(b"\r\n") {
            return (raw.get(..end).unwrap_or_default(), rest.get(2..).unwrap_or_default());
        }
        from = end;
    }
    (raw, &[])
}

/// Each field with the lines that continue it.
fn fields(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            let line = rest.get(end..)?.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| end + at + 1);
            end = line;
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (field, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(field)
    })
}

/// Heads should be ASCII or UTF-8; those that are neither are nearly always Chinese (a superset of which is GB 18030).
fn decode_raw(field: &[u8]) -> String {
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(field).0.into_owned(),
    }
}

/// A charset by the names that mailers give it.
pub(super) fn charset(label: &str) -> Option<&'static Encoding> {
    let label = label.split('*').next().unwrap_or(label).trim();
    match label.to_ascii_lowercase().as_str() {
        "cp936" | "ms936" | "windows-936" | "gb_2312" | "euc-cn" => Some(GB18030),
        "cp932" | "ms932" => Some(encoding_rs::SHIFT_JIS),
        "utf8" | "utf-8" | "unicode" => Some(UTF_8),
        other => Encoding::for_label(other.as_bytes()),
    }
}

/// An encoded word at the beginning of `text`: charset, bytes, and how long it is.
fn word(text: &str) -> Option<(&str, Vec<u8>, usize)> {
    let inner = text.strip_prefix("=?")?;
    let (label, rest) = inner.split_once('?')?;
    let (how, rest) = rest.split_once('?')?;
    let (data, _) = rest.split_once("?=")?;
    if label.is_empty() || label.len() > 40 || label.contains(char::is_whitespace) {
        return None;
    }
    let bytes = match how {
        "B" | "b" => {
            let packed: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            LENIENT.decode(packed).ok()?
        }
        "Q" | "q" => unquote(data),
        _ => return None,
    };
    Some((label, bytes, 2 + label.len() + 1 + how.len() + 1 + data.len() + 2))
}

/// The Q encoding (RFC 2047 §4.2).
fn unquote(data: &str) -> Vec<u8> {
    let bytes = data.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, hex) {
            (b'=', Some(value)) => {
                plain.push(value);
                at += 3;
                continue;
            }
            (b'_', _) => plain.push(b' '),
            _ => plain.push(*byte),
        }
        at += 1;
    }
    plain
}

/// Neighbours of one charset are one text, wherever they were cut; written as one word of UTF-8 so that whoever parses the field reads it.
fn join_words(field: &str) -> String {
    let mut joined = String::with_capacity(field.len());
    let mut rest = field;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        joined.push_str(before);
        let Some((label, mut bytes, mut used)) = word(from) else {
            joined.push_str("=?");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        while let Some(next) = from.get(used..) {
            let space = next.len() - next.trim_start().len();
            match word(next.trim_start()) {
                Some((other, more, length)) if other.eq_ignore_ascii_case(label) => {
                    bytes.extend(more);
                    used += space + length;
                }
                _ => break,
            }
        }
        match charset(label) {
            Some(encoding) => {
                let text = encoding.decode_without_bom_handling(&bytes).0;
                let clean: String = text.chars().filter(|c| !c.is_control()).collect();
                joined.push_str(&format!("=?utf-8?B?{}?=", STANDARD.encode(clean)));
            }
            None => joined.push_str(from.get(..used).unwrap_or_default()),
        }
        rest = from.get(used..).unwrap_or_default();
    }
    joined.push_str(rest);
    joined
}

/// The text of encoded words.
pub(super) fn plain(value: &str) -> String {
    let joined = join_words(value);
    let mut text = String::with_capacity(joined.len());
    let (mut rest, mut after_word) = (joined.as_str(), false);
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let found = word(from);
        // Whitespace between two words is none (RFC 2047 §6.2).
        if !(after_word && found.is_some() && before.trim().is_empty()) {
            text.push_str(before);
        }
        match found {
            Some((label, bytes, used)) => {
                text.push_str(&charset(label).unwrap_or(UTF_8).decode_without_bom_handling(&bytes).0);
                rest = from.get(used..).unwrap_or_default();
                after_word = true;
            }
            None => {
                text.push_str("=?");
                rest = from.get(2..).unwrap_or_default();
                after_word = false;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_were_cut_in_a_character_are_one_text() {
        // 中文 in UTF-8 is e4b8ad e69687, cut after the second byte.
        let cut = format!("=?UTF-8?B?{}?=\r\n =?utf-8?B?{}?=", STANDARD.encode([0xe4, 0xb8]), STANDARD.encode([0xad, 0xe6, 0x96, 0x87]));
        assert_eq!(plain(&cut), "中文");
        // The same in GBK, one word in B and one in Q: d6d0 cec4.
        assert_eq!(plain("=?gb2312?B?1g==?= =?GB2312?Q?=D0=CE=C4?="), "中文");
        assert_eq!(plain("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="), "日本");
        assert_eq!(plain("Re: =?utf-8?Q?caf=C3=A9?= au lait"), "Re: café au lait");
        assert_eq!(plain("=?utf-8?Q?a?=  =?iso-8859-1?Q?=E9?= b"), "aé b");
        assert_eq!(plain("=?utf-8?B?5Lit5paH?="), "中文");
        assert_eq!(plain("=?utf-8?B?5Lit5paH"), "=?utf-8?B?5Lit5paH", "no end");
        assert_eq!(plain("=?nonsense?B?QQ==?= =?"), "A =?");
    }

    #[test]
    fn heads_without_a_charset_are_read_and_the_body_stays() {
        let mut raw = b"Subject: ".to_vec();
        raw.extend([0xd6, 0xd0, 0xce, 0xc4]);
        raw.extend(b"\r\nX: 1\n\tand 2\n\nbody \xff\r\n\r\nmore");
        let mended = mend(&raw);
        assert_eq!(list(&mended), [("subject".into(), "中文".into()), ("x".into(), "1 and 2".into())]);
        assert!(mended.ends_with(b"\r\n\r\nbody \xff\r\n\r\nmore"));
    }

    #[test]
    fn a_flood_of_heads_costs_no_body() {
        let mut raw = Vec::new();
        for n in 0..200_000 {
            raw.extend(format!("X-{n}: y\r\n").into_bytes());
        }
        raw.extend(b"\r\nhello");
        let mended = mend(&raw);
        assert!(mended.len() < MOST_BYTES && mended.ends_with(b"\r\n\r\nhello"));
        assert_eq!(list(&mended).len(), MOST_FIELDS);
    }
}
