//! What of the files a page shows itself.

/// Voice messages that no browser plays, and we make playable.
pub const SPOKEN: [&str; 2] = ["audio/amr", "audio/amr-wb"];

/// Kinds a browser may show or play inside the page; everything else is downloaded. SVG is text to us: it can carry script.
pub const SHOWN: [&str; 9] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "audio/wav", "audio/ogg", "audio/mpeg", "video/mp4", "video/webm"];
