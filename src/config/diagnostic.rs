//! One finding about the file, structured for the page that edits it.

use super::speak::speak;
use serde::Serialize;
use std::ops::Range;

/// An error keeps the file from being used; a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
}

/// A change that would mend it, to be applied as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Bytes of the text to replace.
    pub span: Range<usize>,
    pub replacement: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub level: Level,
    pub message: String,
    /// From 1; 0 when the finding has no place in the text.
    pub line: usize,
    /// Characters from the start of the line, from 1; 0 without a place.
    pub column: usize,
    /// Bytes of the text it is about; empty without a place.
    pub span: Range<usize>,
    /// Said beside the caret; may be empty.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// The same finding in this language, as far as its sentences are known there.
    pub fn in_language(mut self, language: &str) -> Diagnostic {
        self.message = speak(language, &self.message);
        self.label = speak(language, &self.label);
        self.help = self.help.map(|help| speak(language, &help));
        self
    }
}

/// Line and column, from 1, of a byte in the text.
pub(super) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}
