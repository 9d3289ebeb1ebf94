//! Collects findings while the file is checked, so that one run tells everything that is wrong.

use super::diagnostic::{Diagnostic, Level, Suggestion, place};
use super::suggest::nearest;
use super::value::Name;
use std::collections::BTreeMap;
use std::ops::Range;

/// Findings about one text.
pub(super) struct Findings<'t> {
    text: &'t str,
    list: Vec<Diagnostic>,
}

/// What a kind of thing is called, and where each of them is declared.
pub(super) struct Declared {
    /// `queue`, `agent`, …
    pub kind: &'static str,
    /// How to declare one that is missing; `{}` stands for its id.
    pub how: String,
    /// Empty span: built in or expanded from a group.
    pub places: BTreeMap<String, Range<usize>>,
}

impl Declared {
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }
}

/// The finding just made, to be completed.
pub(super) struct Finding<'f>(&'f mut Diagnostic);

impl Finding<'_> {
    pub fn label(self, label: impl Into<String>) -> Self {
        self.0.label = label.into();
        self
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// What to write in place of the marked text.
    pub fn fix(self, replacement: impl Into<String>) -> Self {
        self.0.suggestion = Some(Suggestion { span: self.0.span.clone(), replacement: replacement.into() });
        self
    }
}

impl<'t> Findings<'t> {
    pub fn new(text: &'t str) -> Self {
        Findings { text, list: Vec::new() }
    }

    pub fn error(&mut self, span: Range<usize>, message: impl Into<String>) -> Finding<'_> {
        self.add(Level::Error, span, message.into())
    }

    pub fn warning(&mut self, span: Range<usize>, message: impl Into<String>) -> Finding<'_> {
        self.add(Level::Warning, span, message.into())
    }

    fn add(&mut self, level: Level, span: Range<usize>, message: String) -> Finding<'_> {
        let span = first_line(self.text, span);
        let (line, column) = if span.is_empty() { (0, 0) } else { place(self.text, span.start) };
        self.list.push(Diagnostic { level, message, line, column, span, label: String::new(), help: None, suggestion: None });
        let last = self.list.len() - 1;
        Finding(&mut self.list[last])
    }

    pub fn line_of(&self, span: &Range<usize>) -> usize {
        place(self.text, span.start).0
    }

    /// The text of the file at this place, as written.
    pub fn written(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// Declares the things of one kind; a second one of the same name is an error.
    pub fn declare<'n>(&mut self, kind: &'static str, table: &'static str, names: impl IntoIterator<Item = &'n Name>) -> Declared {
        let mut places: BTreeMap<String, Range<usize>> = BTreeMap::new();
        for name in names {
            if let Some(first) = places.get(name.get_ref()) {
                let line = self.line_of(first);
                self.error(name.span(), format!("{kind} `{name}` is declared twice")).label(format!("first declared on line {line}"));
                continue;
            }
            if !well_formed(name.get_ref()) {
                self.error(name.span(), format!("`{name}` cannot be the id of a {kind}"))
                    .help("an id has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit");
            }
            places.insert(name.get_ref().clone(), name.span());
        }
        Declared { kind, how: format!("declare it: {table} id = \"{{}}\""), places }
    }

    /// Checks one reference; an unknown name is an error that proposes the nearest known one.
    pub fn refer(&mut self, name: &Name, declared: &Declared) -> bool {
        if declared.has(name.get_ref()) {
            return true;
        }
        let kind = declared.kind;
        let near = nearest(name.get_ref(), declared.places.keys().map(String::as_str)).map(str::to_owned);
        let quoted = self.written(&name.span()).starts_with(['"', '\'']);
        match near {
            Some(near) => {
                let place = &declared.places[&near];
                let help = if place.is_empty() {
                    format!("did you mean `{near}`?")
                } else {
                    format!("did you mean `{near}`, declared on line {}?", self.line_of(place))
                };
                let replacement = if quoted { format!("\"{near}\"") } else { near.clone() };
                self.error(name.span(), format!("unknown {kind} `{name}`"))
                    .label(format!("no {kind} has this id"))
                    .help(help)
                    .fix(replacement);
            }
            None => {
                let help = declared.how.replace("{}", name.get_ref());
                self.error(name.span(), format!("unknown {kind} `{name}`")).label(format!("no {kind} has this id")).help(help);
            }
        }
        false
    }

    /// One of a fixed list of words.
    pub fn word(&mut self, what: &str, name: &Name, known: &[&str]) -> bool {
        if known.contains(&name.get_ref().as_str()) {
            return true;
        }
        let near = nearest(name.get_ref(), known.iter().copied()).or(known.first().copied().filter(|_| known.len() == 1));
        let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let finding = self.error(name.span(), format!("unknown {what} `{name}`"));
        match near {
            Some(near) => finding.label(format!("did you mean `{near}`?")).help(format!("known: {list}")).fix(format!("\"{near}\"")),
            None => finding.help(format!("known: {list}")),
        };
        false
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.level == Level::Error)
    }

    /// Errors first, each level in the order of the text.
    pub fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|finding| (finding.level, finding.span.start));
        self.list
    }
}

fn well_formed(id: &str) -> bool {
    id.len() <= 64
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// A span over several lines (a whole table) is cut to its first: a caret under forty lines says nothing.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    match text.get(span.clone()) {
        Some(marked) => span.start..span.start + marked.split('\n').next().unwrap_or_default().trim_end().len(),
        None => 0..0,
    }
}
