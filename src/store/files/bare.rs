//! Pictures without what they tell besides the picture: where and when it was taken, by whom, with what. Segments are left out as they stand,
//! nothing is decoded. What is needed to show it rightly stays: colours, and which way is up.
//!
//! JPEG: ITU-T T.81 annex B, Exif 2.32; PNG: ISO 15948 (third edition); WebP: RFC 9649.

/// The picture without its metadata; anything else as it is. What follows the end of a picture is left out, too: cameras hide films there.
pub(super) fn bare(mime: &str, content: Vec<u8>) -> Vec<u8> {
    let stripped = match mime {
        "image/jpeg" => jpeg(&content),
        "image/png" => png(&content),
        "image/webp" => webp(&content),
        _ => None,
    };
    stripped.unwrap_or(content)
}

const JPEG_END: u8 = 0xd9;
const JPEG_SCAN: u8 = 0xda;

fn jpeg(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content.strip_prefix(&[0xff, 0xd8])?;
    let mut out = vec![0xff, 0xd8];
    loop {
        // Fill bytes may stand before a marker (B.1.1.2).
        let start = rest.iter().position(|byte| *byte != 0xff)?;
        let marker = *rest.get(start).filter(|_| start > 0)?;
        rest = rest.get(start + 1..)?;
        if marker == JPEG_END {
            out.extend([0xff, JPEG_END]);
            return Some(out);
        }
        // Without a length of their own.
        if matches!(marker, 0x01 | 0xd0..=0xd7) {
            out.extend([0xff, marker]);
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let segment = rest.get(..length.max(2))?;
        rest = rest.get(length.max(2)..)?;
        let data = segment.get(2..)?;
        match marker {
            0xe1 => out.extend(orientation(data).map(upright).unwrap_or_default()),
            // Colours: JFIF, ICC profiles, Adobe's transform.
            0xe2 if !data.starts_with(b"ICC_PROFILE\0") => {}
            0xe3..=0xed | 0xef | 0xfe => {}
            _ => {
                out.extend([0xff, marker]);
                out.extend(segment);
            }
        }
        if marker == JPEG_SCAN {
            let end = entropy(rest);
            out.extend(rest.get(..end)?);
            rest = rest.get(end..)?;
            if rest.is_empty() {
                // Cut short on its way; what there is can be seen.
                return Some(out);
            }
        }
    }
}

/// Bytes of the coded data of a scan, up to the next marker.
fn entropy(data: &[u8]) -> usize {
    let marker = |pair: &[u8]| matches!(pair, [0xff, byte] if !matches!(byte, 0x00 | 0xd0..=0xd7 | 0xff));
    data.windows(2).position(marker).unwrap_or(data.len())
}

/// Which way is up: the tag 0x0112 of the first directory of an Exif segment, where it is not the ordinary one.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let word = |at: usize| {
        let bytes = [*tiff.get(at)?, *tiff.get(at + 1)?];
        Some(usize::from(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }))
    };
    let (low, high) = if little { (word(4)?, word(6)?) } else { (word(6)?, word(4)?) };
    let directory = high.checked_mul(65_536)?.checked_add(low)?;
    let entries = word(directory)?;
    let entry = (0..entries).map(|n| directory + 2 + n * 12).find(|at| word(*at) == Some(0x0112))?;
    u8::try_from(word(entry + 8)?).ok().filter(|way| (2..=8).contains(way))
}

/// An Exif segment that says nothing else.
fn upright(way: u8) -> Vec<u8> {
    let mut segment = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    segment.extend([way, 0, 0, 0, 0, 0, 0]);
    segment
}

/// Chunks without which a picture is not the same: those that every reader must know, colours, transparency, animation.
const PNG_CHUNKS: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs", b"hIST", b"acTL",
    b"fcTL", b"fdAT",
];

fn png(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    while let Some((length, kind)) = rest.get(..4).zip(rest.get(4..8)) {
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let chunk = rest.get(..length.checked_add(12)?)?;
        if PNG_CHUNKS.iter().any(|known| *known == kind) {
            out.extend(chunk);
        }
        if kind == b"IEND" {
            return Some(out);
        }
        rest = rest.get(chunk.len()..)?;
    }
    Some(out)
}

const WEBP_CHUNKS: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Of VP8X: that there is Exif and XMP (RFC 9649 §2.7.1).
const TELLS: u8 = 0x08 | 0x04;

fn webp(content: &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(u32::from_le_bytes(content.get(4..8)?.try_into().ok()?)).ok()?;
    let mut rest = content.get(12..content.len().min(length.checked_add(8)?))?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    while let Some((kind, length)) = rest.get(..4).zip(rest.get(4..8)) {
        let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
        // Filled to even; the last may lack that.
        let chunk = rest.get(..length.checked_add(8)?)?;
        if WEBP_CHUNKS.iter().any(|known| *known == kind) {
            let at = out.len();
            out.extend(chunk);
            if length % 2 == 1 {
                out.push(0);
            }
            if let Some(flags) = out.get_mut(at + 8).filter(|_| kind == b"VP8X") {
                *flags &= !TELLS;
            }
        }
        rest = rest.get(length + 8 + length % 2..).unwrap_or_default();
    }
    let size = u32::try_from(out.len() - 8).ok()?;
    out.get_mut(4..8)?.copy_from_slice(&size.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &[u8] = b"48.8584 N 2.2945 E";

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], data].concat()
    }

    fn exif(way: u8, little: bool) -> Vec<u8> {
        let entry: &[u8] = if little { &[0x12, 1, 3, 0, 1, 0, 0, 0, way, 0, 0, 0] } else { &[1, 0x12, 0, 3, 0, 0, 0, 1, 0, way, 0, 0] };
        let head: &[u8] = if little { b"Exif\0\0II*\0\x08\0\0\0\x01\0" } else { b"Exif\0\0MM\0*\0\0\0\x08\0\x01" };
        [head, entry, &[0; 4], PLACE].concat()
    }

    fn tells(picture: &[u8]) -> bool {
        picture.windows(PLACE.len()).any(|window| window == PLACE)
    }

    fn photo(first: &[Vec<u8>]) -> Vec<u8> {
        let scan = [segment(0xda, &[1, 1, 0, 0, 63, 0]), vec![1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]].concat();
        let parts = [first.concat(), segment(0xdb, &[7; 65]), segment(0xc0, &[8; 15]), scan.clone(), segment(0xc4, &[9; 20]), scan];
        [&[0xff, 0xd8][..], &parts.concat(), &[0xff, 0xd9]].concat()
    }

    #[test]
    fn a_photo_keeps_its_colours_and_which_way_is_up_and_nothing_else() {
        let (jfif, icc) = (segment(0xe0, b"JFIF\0\x01\x02"), segment(0xe2, b"ICC_PROFILE\0\x01\x01x"));
        for (way, little) in [(6, true), (8, false)] {
            let told = [
                jfif.clone(),
                segment(0xe1, &exif(way, little)),
                segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat()),
                segment(0xed, PLACE),
                segment(0xfe, PLACE),
                segment(0xe2, &[b"MPF\0", PLACE].concat()),
                icc.clone(),
            ];
            let taken = [photo(&told), PLACE.to_vec()].concat();
            assert!(tells(&taken));
            assert_eq!(bare("image/jpeg", taken), photo(&[jfif.clone(), upright(way), icc.clone()]));
        }
        let plain = photo(&[jfif.clone(), icc.clone()]);
        assert_eq!(bare("image/jpeg", photo(&[jfif, segment(0xe1, &exif(1, true)), icc])), plain, "up is up");
        assert_eq!(bare("image/jpeg", plain.clone()), plain, "once is enough");
        assert_eq!(orientation(&upright(3)[4..]), Some(3));
    }

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[1, 2, 3, 4]].concat()
    }

    #[test]
    fn a_screenshot_loses_its_texts_and_what_follows_its_end() {
        let signature = b"\x89PNG\r\n\x1a\n".to_vec();
        let picture = [signature.clone(), chunk(b"IHDR", &[0; 13]), chunk(b"iCCP", b"x"), chunk(b"IDAT", &[5; 30]), chunk(b"IEND", &[])];
        let [head, first, colours, data, end] = picture.clone();
        let told =
            [chunk(b"eXIf", PLACE), chunk(b"tEXt", PLACE), chunk(b"zTXt", PLACE), chunk(b"iTXt", PLACE), chunk(b"prVt", PLACE)].concat();
        let taken = [head, first, told.clone(), colours, data, told, end, PLACE.to_vec()].concat();
        assert_eq!(bare("image/png", taken), picture.concat());
    }

    #[test]
    fn a_webp_loses_exif_and_xmp_and_says_so() {
        let riff = |chunks: &[Vec<u8>]| {
            let body = [b"WEBP".to_vec(), chunks.concat()].concat();
            [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
        };
        let part = |kind: &[u8; 4], data: &[u8]| {
            let mut part = [kind, &u32::try_from(data.len()).unwrap().to_le_bytes()[..], data].concat();
            part.resize(part.len() + data.len() % 2, 0);
            part
        };
        let header = |flags| part(b"VP8X", &[flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
        let taken = riff(&[header(0x3c), part(b"ICCP", b"abc"), part(b"VP8L", &[6; 21]), part(b"EXIF", PLACE), part(b"XMP ", PLACE)]);
        assert!(tells(&taken));
        assert_eq!(bare("image/webp", taken), riff(&[header(0x30), part(b"ICCP", b"abc"), part(b"VP8L", &[6; 21])]));
    }

    #[test]
    fn whatever_is_cut_or_is_none_does_no_harm() {
        let whole = photo(&[segment(0xe1, &exif(6, true))]);
        for mime in ["image/jpeg", "image/png", "image/webp", "text/plain"] {
            for cut in 0..whole.len() {
                bare(mime, whole[..cut].to_vec());
                bare(mime, [&b"\x89PNG\r\n\x1a\n"[..], &whole[..cut]].concat());
                bare(mime, [&b"RIFF\xff\xff\xff\xffWEBP"[..], &whole[..cut]].concat());
            }
        }
        assert_eq!(bare("application/pdf", whole.clone()), whole);
        assert_eq!(bare("image/jpeg", b"\xff\xd8".to_vec()), b"\xff\xd8");
    }
}
