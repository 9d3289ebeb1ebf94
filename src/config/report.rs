//! What is wrong with a file, told as a compiler tells it: file, line, column, caret, help.

use super::diagnostic::{Diagnostic, Level};
use annotate_snippets::{AnnotationKind, Group, Level as Shown, Renderer, Snippet};
use std::fmt;

/// All findings about one file.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file's name, as given.
    pub file: String,
    /// What was read; empty if nothing could be.
    pub text: String,
    /// Errors first.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|finding| finding.level == Level::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.diagnostics.len() - self.errors()
    }

    /// For a terminal, with colours.
    pub fn coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    /// For logs and pages (a page must escape it, as any text).
    pub fn plain(&self) -> String {
        self.render(&Renderer::plain())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let parts: Vec<String> = self.diagnostics.iter().map(|finding| renderer.render(&[self.group(finding)])).collect();
        parts.join("\n\n")
    }

    fn group<'r>(&'r self, finding: &'r Diagnostic) -> Group<'r> {
        let level = match finding.level {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
        };
        let title = level.primary_title(finding.message.as_str());
        let mut group = if finding.span.is_empty() {
            Group::with_title(title)
        } else {
            let mut annotation = AnnotationKind::Primary.span(finding.span.clone());
            if !finding.label.is_empty() {
                annotation = annotation.label(finding.label.as_str());
            }
            title.element(Snippet::source(self.text.as_str()).path(self.file.as_str()).annotation(annotation))
        };
        if let Some(help) = &finding.help {
            group = group.element(Shown::HELP.message(help.as_str()));
        }
        group
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

impl std::error::Error for Report {}
