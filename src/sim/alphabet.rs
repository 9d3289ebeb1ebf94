//! What a message centre writes texts in.

pub(super) fn utf16(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

pub(super) fn from_utf16(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>())
}

/// Of the alphabet, what tests write.
pub(super) fn from_gsm(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            0 => '@',
            2 => '$',
            0x11 => '_',
            0x7b => 'ä',
            0x7c => 'ö',
            0x7e => 'ü',
            0x1e => 'ß',
            0x1b => match bytes.next() {
                Some(0x65) => '€',
                Some(0x3c) => '[',
                Some(0x3e) => ']',
                Some(0x28) => '{',
                Some(0x29) => '}',
                _ => '?',
            },
            b'\n' | b' '..=b'z' if !matches!(byte, 0x24 | 0x40 | 0x5b..=0x60) => char::from(*byte),
            _ => '?',
        });
    }
    text
}
