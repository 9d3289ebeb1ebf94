//! What is wrong with a file, told as a compiler tells it: file, line, column, caret, help.

use super::diagnostic::{Diagnostic, Level};
use super::speak::noun as noun_in;
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
    /// BCP 47: of the file's own `[site] language`, unless somebody asks for another.
    pub language: String,
}

impl Report {
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|finding| finding.level == Level::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.diagnostics.len() - self.errors()
    }

    /// In this language instead of the file's.
    pub fn in_language(self, language: &str) -> Report {
        Report { language: language.to_owned(), ..self }
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
        let spoken = self.diagnostics.iter().map(|finding| finding.clone().in_language(&self.language));
        let parts: Vec<String> = spoken.map(|finding| renderer.render(&[self.group(&finding)])).collect();
        parts.join("\n\n")
    }

    fn group<'r>(&'r self, finding: &'r Diagnostic) -> Group<'r> {
        let named = |level: Shown<'r>, noun: &str| level.with_name(noun_in(&self.language, noun));
        let level = match finding.level {
            Level::Error => named(Shown::ERROR, "error"),
            Level::Warning => named(Shown::WARNING, "warning"),
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
            group = group.element(named(Shown::HELP, "help").message(help.as_str()));
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
