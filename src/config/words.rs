//! The texts of `locales/*/cli.toml`: what the command line and the difference of two configurations say, in the reader's language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<String, String>;

static EN: LazyLock<Texts> = LazyLock::new(|| read(include_str!("../../locales/en/cli.toml")));
static ZH: LazyLock<Texts> = LazyLock::new(|| read(include_str!("../../locales/zh-CN/cli.toml")));

/// The text of this key in this language (`zh…`, else English), its `{name}` placeholders filled. An unknown key gives itself.
pub fn say(language: &str, key: &str, values: &[(&str, &str)]) -> String {
    let texts = if language.starts_with("zh") { &ZH } else { &EN };
    let mut text = texts.get(key).cloned().unwrap_or_else(|| key.to_owned());
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// Both files are part of the program; a test reads them, so an unreadable one never ships.
fn read(file: &str) -> Texts {
    let mut texts = Texts::new();
    if let Ok(table) = file.parse::<toml::Table>() {
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
