//! From text to a checked configuration: parse, check, resolve; every step's mistakes become findings with a place.

use super::findings::Findings;
use super::suggest::nearest;
use super::{Config, Diagnostic, LANGUAGES, Report, check, resolve};
use crate::desk::catalog::Catalog;
use serde::Deserialize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A configuration without errors, and what follows from it.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    pub catalog: Catalog,
    /// The file as it was read.
    pub text: String,
    /// The file itself.
    pub path: PathBuf,
    pub warnings: Vec<Diagnostic>,
}

impl Loaded {
    /// The warnings as a report, to be printed.
    pub fn report(&self) -> Report {
        Report {
            file: self.path.display().to_string(),
            text: self.text.clone(),
            diagnostics: self.warnings.clone(),
            language: self.config.site.language.get_ref().clone(),
        }
    }
}

pub(super) fn file(path: &Path) -> Result<Loaded, Report> {
    match std::fs::read_to_string(path) {
        Ok(text) => self::text(&text, path),
        Err(error) => {
            let mut findings = Findings::new("");
            findings
                .error(0..0, format!("cannot read {}: {error}", path.display()))
                .help("`hubline init` writes a working configuration; `--config FILE` or HUBLINE_CONFIG names another");
            Err(report(findings, "", path))
        }
    }
}

pub(super) fn text(text: &str, path: &Path) -> Result<Loaded, Report> {
    let mut findings = Findings::new(text);
    let Some(mut config) = parse(text, &mut findings) else {
        return Err(report(findings, text, path));
    };
    config.folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    check::all(&config, &mut findings);
    let catalog = resolve::catalog(&config, &mut findings);
    if findings.has_errors() {
        return Err(report(findings, text, path));
    }
    Ok(Loaded { config, catalog, text: text.to_owned(), path: path.to_path_buf(), warnings: findings.into_list() })
}

fn report(findings: Findings<'_>, text: &str, path: &Path) -> Report {
    let file = path.display().to_string();
    Report { file, text: text.to_owned(), diagnostics: findings.into_list(), language: language_of(text) }
}

/// The language of a file that may be wrong in other places; English where it names none that we speak.
fn language_of(text: &str) -> String {
    let table = text.parse::<toml::Table>().ok();
    let written = table.as_ref().and_then(|table| table.get("site")?.get("language")?.as_str());
    written.filter(|tag| LANGUAGES.contains(tag)).unwrap_or("en").to_owned()
}

fn parse(text: &str, findings: &mut Findings<'_>) -> Option<Config> {
    let deserializer = match toml::Deserializer::parse(text) {
        Ok(deserializer) => deserializer,
        Err(error) => {
            findings.error(error.span().map_or(0..0, |span| visible(text, span)), format!("not TOML: {}", error.message().trim()));
            return None;
        }
    };
    match Config::deserialize(deserializer) {
        Ok(config) => Some(config),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            explain(findings, span.clone(), error.message().trim(), &place(text, &span));
            None
        }
    }
}

/// Where in the document a span is, such as `queues[0].overflow`: the smallest value around it. Empty at the top.
fn place(text: &str, span: &Range<usize>) -> String {
    fn look(value: &DeValue<'_>, path: &str, span: &Range<usize>, best: &mut (usize, String)) {
        let mut at = |inner: &Spanned<DeValue<'_>>, path: String| {
            let around = inner.span();
            if around.start <= span.start && span.end <= around.end && around.len() <= best.0 {
                *best = (around.len(), path.clone());
            }
            look(inner.get_ref(), &path, span, best);
        };
        match value {
            DeValue::Table(table) => {
                for (key, inner) in table {
                    let dot = if path.is_empty() { "" } else { "." };
                    at(inner, format!("{path}{dot}{}", key.get_ref()));
                }
            }
            DeValue::Array(array) => array.iter().enumerate().for_each(|(nth, inner)| at(inner, format!("{path}[{nth}]"))),
            _ => {}
        }
    }
    let mut best = (usize::MAX, String::new());
    if let Ok(document) = DeTable::parse(text) {
        look(&DeValue::Table(document.into_inner()), "", span, &mut best);
    }
    best.1
}

/// An empty span (end of line, end of file) is widened to one character, so that there is something to point at.
fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    if !span.is_empty() {
        return span;
    }
    match text.get(span.start..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n') {
        Some(next) => span.start..span.start + next.len_utf8(),
        None => {
            let before = text.get(..span.start).unwrap_or_default().trim_end();
            before.len().saturating_sub(before.chars().next_back().map_or(0, char::len_utf8))..before.len()
        }
    }
}

/// serde's words, made a sentence that helps.
fn explain(findings: &mut Findings<'_>, span: Range<usize>, message: &str, path: &str) {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let at = if path.is_empty() || path == "." { String::new() } else { format!(" in `{path}`") };
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let what = if message.starts_with("unknown field") { "key" } else { "value" };
        let (written, known) = words.split_first().unwrap_or((&"", &[]));
        let near = nearest(written, known.iter().copied());
        let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let quoted = findings.written(&span).starts_with(['"', '\'']);
        let finding = findings.error(span, format!("unknown {what} `{written}`"));
        let finding = match *written {
            // Asked for where a contact begins, and had where its audio does.
            "noise_suppression" | "automatic_gain" => finding.help(format!("`{written}` belongs to a trunk: write it in its [[trunks]]")),
            _ => finding.help(format!("known here: {list}")),
        };
        if let Some(near) = near {
            finding.label(format!("did you mean `{near}`?")).fix(if quoted { format!("\"{near}\"") } else { near.to_owned() });
        }
    } else if message.starts_with("missing field") {
        let field = words.first().copied().unwrap_or_default();
        findings.error(span, format!("missing key `{field}`{at}")).label(format!("this needs `{field} = …`"));
    } else if message.starts_with("invalid") {
        findings.error(span, format!("{message}{at}"));
    } else {
        findings.error(span, message.to_owned());
    }
}
