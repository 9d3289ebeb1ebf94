//! `winmail.dat`: what Outlook packs attachments into ([MS-OXTNEF]). Only names and bytes are taken out.

/// What every one begins with.
const SIGNATURE: u32 = 0x223e_9f78;
/// Of an attachment.
const LEVEL: u8 = 2;
const ATT_RENDER_DATA: u32 = 0x0006_9002;
const ATT_TITLE: u32 = 0x0001_8010;
const ATT_DATA: u32 = 0x0006_800f;
/// MAPI properties of an attachment, among them its long name.
const ATT_PROPERTIES: u32 = 0x0006_9005;
/// PidTagAttachLongFilename.
const LONG_NAME: u16 = 0x3707;
const MOST: usize = 100;

/// Names and contents; `None`: it is none.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    if number(bytes, 0)? != SIGNATURE {
        return None;
    }
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut at = 6;
    while let Some(level) = bytes.get(at) {
        let (Some(id), Some(length)) = (number(bytes, at + 1), number(bytes, at + 5)) else { break };
        let Some(data) = usize::try_from(length).ok().and_then(|length| bytes.get(at + 9..)?.get(..length)) else { break };
        if *level == LEVEL {
            match id {
                ATT_RENDER_DATA if found.len() < MOST => found.push((String::new(), Vec::new())),
                ATT_TITLE => {
                    if let Some(file) = found.last_mut().filter(|file| file.0.is_empty()) {
                        file.0 = text(data);
                    }
                }
                ATT_PROPERTIES => {
                    if let (Some(file), Some(name)) = (found.last_mut(), long_name(data)) {
                        file.0 = name;
                    }
                }
                ATT_DATA => {
                    if let Some(file) = found.last_mut() {
                        file.1 = data.to_vec();
                    }
                }
                _ => {}
            }
        }
        // Level, id, length, the data and a checksum.
        at += 9 + data.len() + 2;
    }
    found.retain(|(_, bytes)| !bytes.is_empty());
    Some(found)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.get(..4)?.try_into().ok()?))
}

/// Text of an old code page, ended by a zero.
fn text(data: &[u8]) -> String {
    let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let bytes = data.get(..end).unwrap_or_default();
    std::str::from_utf8(bytes).map_or_else(|_| encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(), str::to_owned)
}

/// The long name among the properties, where they can be read up to it (MS-OXTNEF §2.1.3.4: count, then id with type, and values padded to 4).
fn long_name(data: &[u8]) -> Option<String> {
    let count = number(data, 0)?.min(200);
    let mut at = 4;
    for _ in 0..count {
        let tag = number(data, at)?;
        at += 4;
        let (kind, id) = ((tag & 0xffff) as u16, (tag >> 16) as u16);
        if id >= 0x8000 {
            // Named properties carry their names; none of ours comes after them.
            return None;
        }
        let fixed = match kind & 0x0fff {
            0x0002 | 0x000b | 0x0003 | 0x0004 | 0x000a => Some(4),
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
            0x0048 => Some(16),
            _ => None,
        };
        if let Some(size) = fixed {
            at += size;
            continue;
        }
        let values = number(data, at)?.min(16);
        at += 4;
        for _ in 0..values {
            let length = usize::try_from(number(data, at)?).ok()?;
            let value = data.get(at + 4..)?.get(..length)?;
            if id == LONG_NAME {
                return Some(if kind == 0x001f { wide(value) } else { text(value) });
            }
            at += 4 + length.next_multiple_of(4);
        }
    }
    None
}

fn wide(value: &[u8]) -> String {
    let units: Vec<u16> =
        value.chunks_exact(2).map(|pair| pair.iter().rev().fold(0, |unit, byte| (unit << 8) | u16::from(*byte))).collect();
    String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let mut out = vec![level];
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
        out
    }

    #[test]
    fn files_are_taken_out_with_their_long_names() {
        let mut packed = SIGNATURE.to_le_bytes().to_vec();
        packed.extend([1, 0]);
        packed.extend(attribute(1, 0x0008_9006, &[0, 0, 1, 0]));
        packed.extend(attribute(LEVEL, ATT_RENDER_DATA, &[0; 14]));
        packed.extend(attribute(LEVEL, ATT_TITLE, b"REPORT~1.PDF\0"));
        packed.extend(attribute(LEVEL, ATT_DATA, b"%PDF-1.7"));
        let name: Vec<u8> = "报告.pdf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut properties = 2_u32.to_le_bytes().to_vec();
        properties.extend(0x3705_0003_u32.to_le_bytes());
        properties.extend(1_u32.to_le_bytes());
        properties.extend(0x3707_001f_u32.to_le_bytes());
        properties.extend(1_u32.to_le_bytes());
        properties.extend(u32::try_from(name.len()).expect("short").to_le_bytes());
        properties.extend(&name);
        packed.extend(attribute(LEVEL, ATT_PROPERTIES, &properties));
        assert_eq!(unpack(&packed), Some(vec![("报告.pdf".to_owned(), b"%PDF-1.7".to_vec())]));
        assert_eq!(unpack(b"PK"), None);
        for cut in 0..packed.len() {
            // Whatever is missing, what is there is not read beyond its end.
            let _ = unpack(packed.get(..cut).unwrap_or_default());
        }
    }
}
