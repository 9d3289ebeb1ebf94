//! How large a picture unfolds, from its head alone: a few kilobytes may say that they are a wall of pixels, which would take the memory of
//! every browser that shows them. Nothing is decoded here.
//!
//! PNG: ISO 15948 §11.2.2; GIF89a §18; JPEG: ITU-T T.81 §B.2.2; WebP: RFC 9649 §2.7, RFC 6386 §9.1.

/// More than the camera of any telephone takes (200 million); unfolded it is less than a gigabyte.
const MOST: u64 = 220_000_000;

/// Whether a browser may be asked to unfold it. What does not say how large it is, is shown: a browser shows nothing of it either.
pub(super) fn may_be_shown(mime: &str, bytes: &[u8]) -> bool {
    let size = match mime {
        "image/png" => png(bytes),
        "image/gif" => gif(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/webp" => webp(bytes),
        _ => None,
    };
    size.is_none_or(|(width, height)| width.saturating_mul(height) <= MOST)
}

fn number(bytes: &[u8], at: usize, length: usize, big: bool) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
    Some(if big { part.iter().fold(0, add) } else { part.iter().rev().fold(0, add) })
}

fn png(bytes: &[u8]) -> Option<(u64, u64)> {
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((number(bytes, 16, 4, true)?, number(bytes, 20, 4, true)?))
}

fn gif(bytes: &[u8]) -> Option<(u64, u64)> {
    Some((number(bytes, 6, 2, false)?, number(bytes, 8, 2, false)?))
}

/// The first frame header; segments before it are stepped over.
fn jpeg(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at..)?.strip_prefix(&[0xff])?.first()?;
        match marker {
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc4 | 0xc8 | 0xcc => at += 2 + usize::try_from(number(bytes, at + 2, 2, true)?).ok()?.max(2),
            0xc0..=0xcf => return Some((number(bytes, at + 7, 2, true)?, number(bytes, at + 5, 2, true)?)),
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::try_from(number(bytes, at + 2, 2, true)?).ok()?.max(2),
        }
    }
}

fn webp(bytes: &[u8]) -> Option<(u64, u64)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((number(bytes, 24, 3, false)? + 1, number(bytes, 27, 3, false)? + 1)),
        b"VP8L" => {
            let bits = number(bytes, 21, 4, false)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => Some((number(bytes, 26, 2, false)? & 0x3fff, number(bytes, 28, 2, false)? & 0x3fff)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bare::bare;
    use super::super::kind::{by_content, sniff};
    use super::*;
    use crate::fuzz_tests::{Rounds, fuzz};

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        [
            &b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..],
            &width.to_be_bytes(),
            &height.to_be_bytes(),
            &[8, 6, 0, 0, 0, 1, 2, 3, 4],
            b"\0\0\0\0IEND\xaeB`\x82",
        ]
        .concat()
    }

    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
        [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc2, 0, 11, 8][..], &height, &width, &[1, 1, 0x11, 0]].concat()
    }

    #[test]
    fn a_wall_of_pixels_is_a_file_and_no_picture() {
        let gif = |side: u16| [&b"GIF89a"[..], &side.to_le_bytes(), &side.to_le_bytes(), &[0, 0, 0]].concat();
        let webp = |head: &[u8]| [&b"RIFF\0\0\0\0WEBP"[..], head].concat();
        let bombs = [
            png_of(50_000, 50_000),
            png_of(u32::MAX, u32::MAX),
            gif(65_535),
            jpeg_of(65_500, 65_500),
            webp(b"VP8X\x0a\0\0\0\0\0\0\0\xff\xff\0\xff\xff\0"),
            webp(b"VP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f"),
            webp(b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f"),
        ];
        for bomb in &bombs {
            assert_eq!((sniff(bomb), by_content(bomb)), (None, "application/octet-stream"), "{:?}", &bomb[..16]);
        }
        for (picture, mime) in [(png_of(8_000, 6_000), "image/png"), (gif(2_000), "image/gif"), (jpeg_of(8_000, 6_000), "image/jpeg")] {
            assert_eq!(sniff(&picture), Some(mime));
        }
    }

    /// What is packed is nobody's to unpack here; what is two things at once is what it begins with, and what hides behind a picture is left out.
    #[test]
    fn packed_files_stay_packed_and_polyglots_are_one_thing() {
        let zip = [&b"PK\x03\x04"[..], &[0; 200], b"PK\x05\x06"].concat();
        let packed = [
            ("application/zip", zip.clone()),
            ("application/gzip", b"\x1f\x8b\x08\0".to_vec()),
            ("application/pdf", [b"%PDF-1.4 ", &zip[..]].concat()),
        ];
        for (mime, bytes) in packed {
            assert_eq!((sniff(&bytes), bare(mime, bytes.clone())), (Some(mime), bytes));
        }
        let behind = bare("image/png", [png_of(2, 2), zip.clone()].concat());
        assert!(!behind.windows(4).any(|window| window == b"PK\x03\x04"), "nothing hides behind a picture");
        assert_eq!(sniff(b"<svg onload='x'>PK\x03\x04</svg>"), None, "neither a text nor an archive");
    }

    #[test]
    fn fuzz_heads_of_pictures() {
        let seeds = vec![
            png_of(2, 2),
            jpeg_of(2, 2),
            b"GIF89a\x02\0\x02\0".to_vec(),
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x01\0\0\x01\0\0".to_vec(),
        ];
        fuzz(Rounds::new("pixels", 20_000, 15948), &seeds, |input, _| {
            for mime in ["image/png", "image/gif", "image/jpeg", "image/webp"] {
                let _ = may_be_shown(mime, input);
            }
        });
    }
}
