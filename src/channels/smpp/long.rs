//! Texts longer than one short message: cut for sending, and put together again (3GPP TS 23.040 §9.2.3.24; SMPP 3.4 §5.3.2.22 to 24).

use super::coding::{self, Default0};
use super::pdu::{ShortMessage, Tlv, UDHI, tag};
use serde::Deserialize;

/// How the parts of a long text say that they belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Long {
    /// By a header of their own, numbered with one byte.
    #[default]
    Udh,
    /// The same with two bytes.
    Udh16,
    /// By tagged values; the message centre makes the header.
    Sar,
    /// Not at all: the whole text goes over, and the message centre cuts it.
    Payload,
}

/// One short message of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    pub data_coding: u8,
    pub has_header: bool,
    pub text: Vec<u8>,
    pub tlvs: Vec<Tlv>,
}

/// Cuts a text. A character is never cut, be it an escaped one or a surrogate pair. `None`: more than 255 parts.
pub fn cut(text: &str, default: Default0, long: Long, reference: u16) -> Option<Vec<Part>> {
    // The units that the air counts, and the bytes that the wire carries, of each character.
    let (data_coding, units): (u8, Vec<(usize, Vec<u8>)>) = match coding::to_gsm7(text) {
        Some(_) if default != Default0::Latin1 || text.chars().all(|c| u32::from(c) < 256) => {
            let unit = |c: char| {
                let septets = coding::to_gsm7(c.encode_utf8(&mut [0; 4])).unwrap_or_default();
                let bytes = if default == Default0::Latin1 { vec![u32::from(c) as u8] } else { septets.clone() };
                (septets.len(), bytes)
            };
            (0, text.chars().map(unit).collect())
        }
        _ => (8, text.chars().map(|c| (c.len_utf16(), coding::to_utf16(c.encode_utf8(&mut [0; 4])))).collect()),
    };
    let packed = data_coding == 0 && default == Default0::Gsm7Packed;
    let join = |units: &[(usize, Vec<u8>)], fill: u32| {
        let bytes: Vec<u8> = units.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        if packed { coding::pack(&bytes, fill) } else { bytes }
    };
    let (alone, each) = match (data_coding, long) {
        (0, Long::Udh16) => (160, 152),
        (0, _) => (160, 153),
        (_, Long::Udh16) => (70, 66),
        (_, _) => (70, 67),
    };
    if units.iter().map(|(count, _)| count).sum::<usize>() <= alone {
        return Some(vec![Part { data_coding, text: join(&units, 0), ..Part::default() }]);
    }
    if long == Long::Payload {
        let payload = Tlv { tag: tag::MESSAGE_PAYLOAD, value: join(&units, 0) };
        return Some(vec![Part { data_coding, tlvs: vec![payload], ..Part::default() }]);
    }
    let mut pieces: Vec<&[(usize, Vec<u8>)]> = Vec::new();
    let (mut from, mut room) = (0, each);
    for (at, (count, _)) in units.iter().enumerate() {
        if *count > room {
            pieces.push(units.get(from..at)?);
            (from, room) = (at, each);
        }
        room -= count;
    }
    pieces.push(units.get(from..)?);
    let total = u8::try_from(pieces.len()).ok()?;
    let [high, low] = reference.to_be_bytes();
    let part = |(number, units): (u8, &&[(usize, Vec<u8>)])| match long {
        Long::Sar => {
            let tlvs = [(tag::SAR_REFERENCE, vec![high, low]), (tag::SAR_TOTAL, vec![total]), (tag::SAR_NUMBER, vec![number])];
            let tlvs = tlvs.into_iter().map(|(tag, value)| Tlv { tag, value }).collect();
            Part { data_coding, has_header: false, text: join(units, 0), tlvs }
        }
        Long::Udh16 => {
            let mut text = vec![6, 8, 4, high, low, total, number];
            text.extend(join(units, 0));
            Part { data_coding, has_header: true, text, tlvs: Vec::new() }
        }
        Long::Udh | Long::Payload => {
            let mut text = vec![5, 0, 3, low, total, number];
            // 48 bits of header: one more, and the text begins at a septet.
            text.extend(join(units, 1));
            Part { data_coding, has_header: true, text, tlvs: Vec::new() }
        }
    };
    Some((1..=total).zip(pieces.iter()).map(part).collect())
}

/// What one received short message is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    pub reference: u16,
    pub total: u8,
    /// From 1.
    pub number: u8,
}

/// A received short message without its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub part: Option<PartOf>,
    /// Its header says that it is for a program (a port), not for people.
    pub for_program: bool,
    pub bytes: Vec<u8>,
    /// Bits before the first septet, if it is packed.
    pub fill: u32,
}

/// Takes a header and a payload apart. A header that is cut counts as text: better to show something odd than nothing.
pub fn content(message: &ShortMessage) -> Content {
    let whole = message.tlv(tag::MESSAGE_PAYLOAD).unwrap_or(&message.text);
    let mut content = Content { part: sar(message), for_program: false, bytes: whole.to_vec(), fill: 0 };
    if message.esm_class & UDHI == 0 {
        return content;
    }
    let Some((header, text)) = whole.split_first().and_then(|(length, rest)| rest.split_at_checked(usize::from(*length))) else {
        return content;
    };
    let mut rest = header;
    while let [element, length, tail @ ..] = rest {
        let Some((value, tail)) = tail.split_at_checked(usize::from(*length)) else { break };
        match (element, value) {
            (0x00, [reference, total, number]) => content.part = part(u16::from(*reference), *total, *number),
            (0x08, [high, low, total, number]) => content.part = part(u16::from_be_bytes([*high, *low]), *total, *number),
            (0x04 | 0x05, _) => content.for_program = true,
            _ => {}
        }
        rest = tail;
    }
    content.bytes = text.to_vec();
    content.fill = (7 - ((header.len() as u32 + 1) * 8) % 7) % 7;
    content
}

fn sar(message: &ShortMessage) -> Option<PartOf> {
    let reference = message.tlv(tag::SAR_REFERENCE)?.try_into().ok().map(u16::from_be_bytes)?;
    part(reference, *message.tlv(tag::SAR_TOTAL)?.first()?, *message.tlv(tag::SAR_NUMBER)?.first()?)
}

/// Numbers that cannot be (TS 23.040 §9.2.3.24.1: to be ignored) mean that it stands alone.
fn part(reference: u16, total: u8, number: u8) -> Option<PartOf> {
    (total > 1 && (1..=total).contains(&number)).then_some(PartOf { reference, total, number })
}
