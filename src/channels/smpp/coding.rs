//! Characters as networks write them (3GPP TS 23.038): the GSM alphabet one septet in a byte, UTF-16, Latin-1.

use serde::Deserialize;

/// The default alphabet by its numbers; 0x1b is the escape (§6.2.1).
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ',
    'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3',
    '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N',
    'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i',
    'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];
/// The extension table (§6.2.1.1).
const EXTENDED: [(u8, char); 10] =
    [(0x0a, '\u{c}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2f, '\\'), (0x3c, '['), (0x3d, '~'), (0x3e, ']'), (0x40, '|'), (0x65, '€')];
const ESCAPE: u8 = 0x1b;

/// What `data_coding` 0 means at this provider: each calls its own alphabet the default one (SMPP 3.4 §5.2.19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Default0 {
    /// The GSM alphabet, one septet in each byte.
    #[default]
    Gsm7,
    /// The same, packed: eight septets in seven bytes.
    Gsm7Packed,
    Latin1,
}

/// Septets of a text in the GSM alphabet; `None` if a character is in neither table.
pub fn to_gsm7(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for c in text.chars() {
        match BASIC.iter().position(|basic| *basic == c && c != '\u{1b}') {
            Some(number) => septets.push(u8::try_from(number).ok()?),
            None => septets.extend([ESCAPE, EXTENDED.iter().find(|(_, extended)| *extended == c)?.0]),
        }
    }
    Some(septets)
}

/// An escaped number that is in no table is shown by the default alphabet, as §6.2.1.1 asks; bytes beyond it are question marks.
pub fn from_gsm7(septets: &[u8]) -> String {
    let basic = |septet: u8| BASIC.get(usize::from(septet)).copied().unwrap_or('?');
    let mut text = String::with_capacity(septets.len());
    let mut escaped = false;
    for septet in septets {
        if *septet == ESCAPE && !escaped {
            escaped = true;
            continue;
        }
        let extended = EXTENDED.iter().find(|(number, _)| escaped && number == septet);
        text.push(extended.map_or_else(|| if *septet == ESCAPE { ' ' } else { basic(*septet) }, |(_, c)| *c));
        escaped = false;
    }
    text
}

/// Eight septets in seven bytes, the first in the lowest bits (§6.1.2.1.1). `fill` bits are left free at the beginning, so that a text
/// after a header begins at a septet.
pub fn pack(septets: &[u8], fill: u32) -> Vec<u8> {
    let (mut packed, mut bits, mut held) = (Vec::with_capacity(septets.len()), fill, 0_u32);
    for septet in septets {
        held |= u32::from(septet & 0x7f) << bits;
        bits += 7;
        while bits >= 8 {
            packed.push((held & 0xff) as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        packed.push((held & 0xff) as u8);
    }
    packed
}

/// The other way round. Seven free bits at the end look like one more `@`; it is left out.
pub fn unpack(packed: &[u8], fill: u32) -> Vec<u8> {
    let (mut septets, mut bits, mut held, mut skip) = (Vec::with_capacity(packed.len() * 8 / 7), 0_u32, 0_u32, fill);
    for byte in packed {
        held |= u32::from(*byte) << bits;
        bits += 8;
        if skip > 0 {
            held >>= skip;
            bits -= skip;
            skip = 0;
        }
        while bits >= 7 {
            septets.push((held & 0x7f) as u8);
            held >>= 7;
            bits -= 7;
        }
    }
    let without = (septets.len().saturating_sub(1) * 7 + fill as usize).div_ceil(8);
    if septets.last() == Some(&0) && without == packed.len() {
        septets.pop();
    }
    septets
}

/// Big-endian UTF-16, which providers call UCS-2.
pub fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

pub fn from_utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks(2).map(|pair| pair.try_into().map_or(0xfffd, u16::from_be_bytes));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The text of a message in this coding; `None` for bytes that are no text (§5.2.19).
pub fn decode(data_coding: u8, bytes: &[u8], default: Default0, fill: u32) -> Option<String> {
    let latin1 = || bytes.iter().map(|b| char::from(*b)).collect();
    match data_coding {
        0 => Some(match default {
            Default0::Gsm7 => from_gsm7(bytes),
            Default0::Gsm7Packed => from_gsm7(&unpack(bytes, fill)),
            Default0::Latin1 => latin1(),
        }),
        1 | 3 => Some(latin1()),
        8 => Some(from_utf16(bytes)),
        // Message classes of TS 23.038 §4: the alphabet is in two bits.
        0xf0..=0xff if data_coding & 0x04 == 0 => Some(from_gsm7(bytes)),
        0x10..=0x1f if data_coding & 0x0c == 0x08 => Some(from_utf16(bytes)),
        0x10..=0x1f if data_coding & 0x0c == 0 => Some(from_gsm7(bytes)),
        _ => None,
    }
}
