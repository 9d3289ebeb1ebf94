//! One byte range of a request (RFC 9110 §14.1.2). Several ranges at once are answered with the whole: no player asks for them.

use std::ops::Range;

/// What part of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Whole,
    Part(Range<u64>),
    /// 416: nothing of it is there.
    Nothing,
}

/// Reads a `Range` header against a file of `length` bytes.
pub fn asked(header: Option<&str>, length: u64) -> Asked {
    let Some(spec) = header.and_then(|h| h.trim().strip_prefix("bytes=")) else { return Asked::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Asked::Whole };
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !digits(first.trim()) || !digits(last.trim()) {
        return Asked::Whole;
    }
    match (first.trim().parse::<u64>().ok(), last.trim().parse::<u64>().ok()) {
        (Some(first), _) if first >= length => Asked::Nothing,
        (Some(first), Some(last)) if last < first => Asked::Whole,
        (Some(first), last) => Asked::Part(first..last.map_or(length, |last| last.saturating_add(1).min(length))),
        // The last so many bytes.
        (None, Some(0)) => Asked::Nothing,
        (None, Some(_)) if length == 0 => Asked::Nothing,
        (None, Some(count)) => Asked::Part(length.saturating_sub(count)..length),
        (None, None) => Asked::Whole,
    }
}
