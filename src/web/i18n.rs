//! What the pages say, in each language: `locales/<language>/<area>.toml`, embedded, merged by key, and overlaid by files of the
//! same layout under `<data>/locales.d`, so that a language or a wording can be added without a rebuild.
//! A page asks by key: `t("login.title")`, with named values `t1("login.wait", "minutes", 3)`, or by count `n("queue.waiting", 2)`,
//! which reads `queue.waiting.one` or `.other`.

mod format;
mod negotiate;
#[cfg(test)]
mod tests;

pub use format::clock;
pub use negotiate::{COOKIE, accepted};

use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// Files of the languages that ship.
#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

/// English: what is missing elsewhere is read from here.
pub const FALLBACK: &str = "en";

/// All languages of this server. Cheap to clone.
#[derive(Clone)]
pub struct I18n {
    languages: Arc<BTreeMap<String, Locale>>,
}

/// One language. Cheap to clone.
#[derive(Clone)]
pub struct Locale(Arc<Language>);

struct Language {
    code: String,
    texts: BTreeMap<String, String>,
    fallback: Option<Locale>,
}

/// A language file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocaleError {
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{file}: {key} is neither a text nor a table")]
    NotText { file: String, key: String },
    #[error("{file}: {key} is already said by another file of the language")]
    Twice { file: String, key: String },
}

type Texts = BTreeMap<String, BTreeMap<String, String>>;

impl I18n {
    /// The languages that ship.
    pub fn embedded() -> Result<I18n, LocaleError> {
        Ok(I18n::from_texts(embedded_texts()?))
    }

    /// The languages that ship, overlaid by `<overlay>/<language>/<area>.toml` where that folder exists.
    pub fn with_overlay(overlay: &Path) -> Result<I18n, LocaleError> {
        let mut texts = embedded_texts()?;
        for (language, area) in overlay_files(overlay)? {
            let name = area.display().to_string();
            let text = std::fs::read_to_string(&area).map_err(|e| LocaleError::Unreadable { file: name.clone(), reason: e.to_string() })?;
            texts.entry(language).or_default().extend(parse(&name, &text)?);
        }
        Ok(I18n::from_texts(texts))
    }

    fn from_texts(mut texts: Texts) -> I18n {
        let make = |code: &str, texts, fallback| Locale(Arc::new(Language { code: code.into(), texts, fallback }));
        let base = make(FALLBACK, texts.remove(FALLBACK).unwrap_or_default(), None);
        let mut languages: BTreeMap<_, _> = texts.into_iter().map(|(code, t)| (code.clone(), make(&code, t, Some(base.clone())))).collect();
        languages.insert(FALLBACK.into(), base);
        I18n { languages: Arc::new(languages) }
    }

    /// The language with exactly this BCP 47 tag.
    pub fn get(&self, code: &str) -> Option<Locale> {
        self.languages.get(code).cloned()
    }

    /// The language for a tag as written by a browser or a configuration: `zh`, `zh-Hans-SG` and `zh-CN` all find `zh-CN`.
    pub fn closest(&self, tag: &str) -> Option<Locale> {
        self.get(tag).or_else(|| {
            let primary = tag.split('-').next()?;
            self.languages
                .iter()
                .find(|(code, _)| code.split('-').next().is_some_and(|p| p.eq_ignore_ascii_case(primary)))
                .map(|(_, l)| l.clone())
        })
    }

    /// English.
    pub fn fallback(&self) -> Locale {
        self.languages[FALLBACK].clone()
    }

    /// `(tag, own name)` of every language, for menus.
    pub fn menu(&self) -> Vec<(String, String)> {
        self.languages.values().map(|l| (l.code().to_owned(), l.t("language.name").to_owned())).collect()
    }
}

impl Locale {
    /// The BCP 47 tag, for `<html lang>`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The text, or the key itself where no language says it (a test keeps this from happening).
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// Whether this or the fallback language says this key.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// All texts of an area by the rest of their keys: `desk.js` gives `offline`, `typing` and so on.
    pub fn under(&self, area: &str) -> BTreeMap<&str, &str> {
        let mut texts = self.0.fallback.as_ref().map(|f| f.under(area)).unwrap_or_default();
        texts.extend(self.0.texts.iter().filter_map(|(key, text)| Some((key.strip_prefix(area)?.strip_prefix('.')?, text.as_str()))));
        texts
    }

    /// The text with `{name}` replaced by one value.
    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        fill(self.t(key), &[(name, &value)])
    }

    /// The text with two values.
    pub fn t2(&self, key: &str, n1: &str, v1: impl Display, n2: &str, v2: impl Display) -> String {
        fill(self.t(key), &[(n1, &v1), (n2, &v2)])
    }

    /// The text with any number of values.
    pub fn targs(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        fill(self.t(key), values)
    }

    /// The text for a count: `key.one` for exactly one where the language has it, else `key.other`; `{n}` is the count.
    pub fn n(&self, key: &str, count: impl Into<i64>) -> String {
        let count = count.into();
        let one = format!("{key}.one");
        let other = format!("{key}.other");
        let own = self.0.texts.get(&one).filter(|_| count == 1);
        fill(own.map_or_else(|| self.t(&other), String::as_str), &[("n", &count)])
    }

    fn find(&self, key: &str) -> Option<&str> {
        match self.0.texts.get(key) {
            Some(text) => Some(text),
            None => self.0.fallback.as_ref().and_then(|f| f.find(key)),
        }
    }
}

/// Replaces each `{name}`; a placeholder without a value stays as it is, so that a mistake is seen.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                match values.iter().find(|(n, _)| *n == name) {
                    Some((_, value)) => out.push_str(&value.to_string()),
                    None => out.push_str(&format!("{{{name}}}")),
                }
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn embedded_texts() -> Result<Texts, LocaleError> {
    let mut all = Texts::new();
    for path in Files::iter() {
        let Some((language, _area)) = path.split_once('/') else {
            continue;
        };
        if !path.ends_with(".toml") {
            continue;
        }
        let Some(file) = Files::get(&path) else {
            continue;
        };
        let text =
            std::str::from_utf8(&file.data).map_err(|e| LocaleError::Unreadable { file: path.to_string(), reason: e.to_string() })?;
        let texts = all.entry(language.to_owned()).or_default();
        for (key, value) in parse(&path, text)? {
            if texts.insert(key.clone(), value).is_some() {
                return Err(LocaleError::Twice { file: path.to_string(), key });
            }
        }
    }
    Ok(all)
}

fn overlay_files(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, LocaleError> {
    let unreadable = |p: &Path, e: std::io::Error| LocaleError::Unreadable { file: p.display().to_string(), reason: e.to_string() };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for language in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))?.flatten() {
        if !language.path().is_dir() {
            continue;
        }
        for area in std::fs::read_dir(language.path()).map_err(|e| unreadable(folder, e))?.flatten() {
            if area.path().extension().is_some_and(|e| e == "toml") {
                found.push((language.file_name().to_string_lossy().into_owned(), area.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Flattens `[login] title = "…"` to `login.title`.
fn parse(file: &str, text: &str) -> Result<BTreeMap<String, String>, LocaleError> {
    let table: toml::Table =
        text.parse().map_err(|e: toml::de::Error| LocaleError::Unreadable { file: file.into(), reason: e.to_string() })?;
    let mut flat = BTreeMap::new();
    flatten(file, "", &table, &mut flat)?;
    Ok(flat)
}

fn flatten(file: &str, prefix: &str, table: &toml::Table, out: &mut BTreeMap<String, String>) -> Result<(), LocaleError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => {
                out.insert(key, text.clone());
            }
            toml::Value::Table(inner) => flatten(file, &key, inner, out)?,
            _ => {
                return Err(LocaleError::NotText { file: file.into(), key });
            }
        }
    }
    Ok(())
}
