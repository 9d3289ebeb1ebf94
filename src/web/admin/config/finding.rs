//! One finding as the page shows it: the line, carets under the value, what to do, and the mending as a button's value.

use crate::config::{Diagnostic, Level};

/// A finding with the line it is about.
pub struct Finding {
    pub level: &'static str,
    pub icon: &'static str,
    pub line: usize,
    pub source: String,
    /// Spaces and carets under `source`.
    pub carets: String,
    pub message: String,
    pub label: String,
    pub help: Option<String>,
    /// `start-end:replacement`, see [`mend`].
    pub fix: Option<String>,
}

impl Finding {
    pub fn new(text: &str, diagnostic: Diagnostic) -> Finding {
        let source = diagnostic.line.checked_sub(1).and_then(|n| text.lines().nth(n)).unwrap_or("");
        let before = diagnostic.column.saturating_sub(1).min(source.chars().count());
        let about = text.get(diagnostic.span.clone()).map_or(1, |s| s.lines().next().unwrap_or("").chars().count());
        let width = about.clamp(1, source.chars().count().saturating_sub(before).max(1));
        // Tabs stay tabs and wide characters stay wide, so that the carets stand under what they mean.
        let indent: String = source
            .chars()
            .take(before)
            .map(|c| {
                if c == '\t' {
                    c
                } else if wide(c) {
                    '\u{3000}'
                } else {
                    ' '
                }
            })
            .collect();
        let (level, icon) = match diagnostic.level {
            Level::Error => ("bad", "alert"),
            Level::Warning => ("warn", "warn"),
        };
        Finding {
            level,
            icon,
            line: diagnostic.line,
            carets: if diagnostic.line == 0 { String::new() } else { format!("{indent}{}", "^".repeat(width)) },
            source: source.to_owned(),
            message: diagnostic.message,
            label: diagnostic.label,
            help: diagnostic.help,
            fix: diagnostic.suggestion.map(|s| format!("{}-{}:{}", s.span.start, s.span.end, s.replacement)),
        }
    }
}

fn wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3fffd}')
}

/// Applies a Fix button's value to the text it was made for; a value that does not fit leaves the text as it is.
pub fn mend(text: &str, fix: &str) -> String {
    let parsed = fix.split_once(':').and_then(|(span, replacement)| {
        let (start, end) = span.split_once('-')?;
        let (start, end): (usize, usize) = (start.parse().ok()?, end.parse().ok()?);
        (start <= end).then_some(())?;
        Some(format!("{}{replacement}{}", text.get(..start)?, text.get(end..)?))
    });
    parsed.unwrap_or_else(|| text.to_owned())
}
