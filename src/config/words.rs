//! The texts of `locales/*/cli.toml`, `check.toml` and `channels.toml`: what the command line, the checks and the difference of two configurations say, in the reader's language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<String, String>;

static EN: LazyLock<Texts> = LazyLock::new(|| {
    read(&[
        include_str!("../../locales/en/cli.toml"),
        include_str!("../../locales/en/check.toml"),
        include_str!("../../locales/en/channels.toml"),
    ])
});
static ZH: LazyLock<Texts> = LazyLock::new(|| {
    read(&[
        include_str!("../../locales/zh-CN/cli.toml"),
        include_str!("../../locales/zh-CN/check.toml"),
        include_str!("../../locales/zh-CN/channels.toml"),
    ])
});

/// The text of this key in this language (`zh…`, else English), its `{name}` placeholders filled. An unknown key gives itself.
pub fn say(language: &str, key: &str, values: &[(&str, &str)]) -> String {
    let mut text = in_language(language, key);
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// The text as it stands in the file, its placeholders unfilled.
pub(super) fn in_language(language: &str, key: &str) -> String {
    let texts = if language.starts_with("zh") { &ZH } else { &EN };
    texts.get(key).cloned().unwrap_or_else(|| key.to_owned())
}

/// Every sentence of the checks, in English, with its key.
pub(super) fn sentences() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_checks = |key: &str| key.starts_with("check.say.") || key.starts_with("check.live.");
    EN.iter().filter(move |(key, _)| of_checks(key)).map(|(key, text)| (key.as_str(), text.as_str()))
}

/// The files are part of the program; a test reads them, so an unreadable one never ships.
fn read(files: &[&str]) -> Texts {
    let mut texts = Texts::new();
    for table in files.iter().filter_map(|file| file.parse::<toml::Table>().ok()) {
        flatten("", &table, &mut texts);
    }
    texts
}

fn flatten(prefix: &str, table: &toml::Table, texts: &mut Texts) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&key, table, texts),
            toml::Value::String(text) => {
                texts.insert(key, text.clone());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
