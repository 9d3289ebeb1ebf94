//! What a file is, by its first bytes.

/// Kinds a browser may show or play inside the page; everything else is downloaded.
pub const SHOWN: [&str; 7] = ["image/png", "image/jpeg", "image/gif", "image/webp", "audio/wav", "video/mp4", "video/webm"];

/// The media type by content. SVG is text here and is never shown as a picture: it can carry script.
pub fn by_content(bytes: &[u8]) -> &'static str {
    if let Some(video) = crate::store::files::video(bytes) {
        return video;
    }
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "audio/wav",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        _ if !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok() => "text/plain",
        _ => "application/octet-stream",
    }
}
