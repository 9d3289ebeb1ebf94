//! A short piece of a text around what was found, with the places to mark. Plain text and ranges: the page escapes and draws.

use super::words::{Term, terms};
use std::ops::Range;

/// The piece.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// Part of the original; line breaks are spaces.
    pub text: String,
    /// Byte ranges of `text` to mark, in order, never overlapping, always on character borders.
    pub marks: Vec<Range<usize>>,
    /// Something was left out before.
    pub cut_before: bool,
    /// Something was left out after.
    pub cut_after: bool,
}

impl Excerpt {
    /// Cuts about `length` characters around the first mark.
    pub(super) fn cut(text: &str, query: &str, length: usize) -> Excerpt {
        Excerpt::around(text, &terms(query), length)
    }

    /// The same for pieces that are known already.
    pub(in crate::store) fn around(text: &str, wanted: &[Term], length: usize) -> Excerpt {
        let chars: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let marks = find(&chars, wanted);
        let first = marks.first().map_or(0, |mark| mark.start);
        // A third of the room before the first mark, so that it is read in its sentence.
        let start = first.saturating_sub(length / 3).min(chars.len().saturating_sub(length));
        let end = (start + length).min(chars.len());
        let mut piece = Excerpt { cut_before: start > 0, cut_after: end < chars.len(), ..Excerpt::default() };
        let mut marks = marks.into_iter().filter(|mark| mark.start >= start && mark.start < end).peekable();
        for (place, c) in (start..).zip(&chars[start..end]) {
            if let Some(mark) = marks.peek()
                && mark.start == place
            {
                piece.marks.push(piece.text.len()..piece.text.len());
            }
            piece.text.push(*c);
            if let Some(mark) = marks.peek()
                && mark.contains(&place)
            {
                let length = piece.text.len();
                if let Some(last) = piece.marks.last_mut() {
                    last.end = length;
                }
                if mark.end == place + 1 {
                    marks.next();
                }
            }
        }
        piece
    }

    /// The text in order, cut at the marks; `true` is to be marked.
    pub fn pieces(&self) -> Vec<(bool, &str)> {
        let mut pieces = Vec::with_capacity(self.marks.len() * 2 + 1);
        let mut from = 0;
        for mark in &self.marks {
            pieces.push((false, &self.text[from..mark.start]));
            pieces.push((true, &self.text[mark.clone()]));
            from = mark.end;
        }
        pieces.push((false, &self.text[from..]));
        pieces.retain(|(_, piece)| !piece.is_empty());
        pieces
    }
}

/// The places of all terms, in characters, merged where they touch.
fn find(text: &[char], terms: &[Term]) -> Vec<Range<usize>> {
    let lower: Vec<char> = text.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for term in terms {
        let (word, needle): (bool, Vec<char>) = match term {
            Term::Run(run) => (false, run.chars().collect()),
            Term::Word(word) => (true, word.chars().collect()),
        };
        for (start, window) in lower.windows(needle.len()).enumerate() {
            let at_border = start == 0 || !lower[start - 1].is_ascii_alphanumeric();
            if window == needle && (at_border || !word) {
                found.push(start..start + needle.len());
            }
        }
    }
    found.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
