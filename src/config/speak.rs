//! Findings in the reader's language. The checks say what is wrong in English; `locales/*/check.toml` hold each of these sentences under
//! the same key in every language, so that the English one, with `{…}` for what differs, finds the other. A sentence that stands in no
//! file is shown as it is.

use super::words::{in_language, sentences};

/// The sentence in this language, as far as it is known there.
pub fn speak(language: &str, sentence: &str) -> String {
    if !language.starts_with("zh") || sentence.is_empty() {
        return sentence.to_owned();
    }
    // Of two that fit, the one that says more of it itself.
    let fits = sentences().filter_map(|(key, pattern)| Some((key, pattern, matched(pattern, sentence)?)));
    let best = fits.max_by_key(|(_, pattern, values)| pattern.len() - values.iter().map(|(name, _)| name.len() + 2).sum::<usize>());
    let Some((key, _, values)) = best else { return sentence.to_owned() };
    let mut text = in_language(language, key);
    for (name, value) in values {
        let value = match name {
            "kind" => noun(language, value),
            _ => value.to_owned(),
        };
        // Only the first: a value may hold what looks like another place.
        text = text.replacen(&format!("{{{name}}}"), &value, 1);
    }
    text
}

/// The name of a thing in this language; one without a name there is called as it is.
pub fn noun(language: &str, name: &str) -> String {
    let key = format!("check.noun.{}", name.replace(' ', "_"));
    Some(in_language(language, &key)).filter(|text| *text != key).unwrap_or_else(|| name.to_owned())
}

/// What stands in a sentence for each `{name}` of a pattern; `None` when it is not that sentence.
fn matched<'s>(pattern: &'s str, sentence: &'s str) -> Option<Vec<(&'s str, &'s str)>> {
    let mut values = Vec::new();
    let (mut pattern, mut rest) = (pattern, sentence);
    while let Some((before, name, after)) = place(pattern) {
        rest = rest.strip_prefix(before)?;
        let next = place(after).map_or(after, |(literal, ..)| literal);
        let last = place(after).is_none();
        let end = match (next, last) {
            ("", true) => rest.len(),
            (_, true) => rest.strip_suffix(next)?.len(),
            (_, false) => rest.find(next)?,
        };
        values.push((name, rest.get(..end)?));
        rest = rest.get(end..)?;
        pattern = after;
    }
    (rest == pattern).then_some(values)
}

/// The first `{name}` of a pattern, with what stands before and after it; braces around anything else are text.
fn place(pattern: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + pattern.get(from..)?.find('{')?;
        let inside = pattern.get(open + 1..)?;
        let close = inside.find('}')?;
        let name = inside.get(..close)?;
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Some((pattern.get(..open)?, name, inside.get(close + 1..)?));
        }
        from = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_found_with_what_differs_in_them() {
        assert_eq!(matched("`{id}` on line {line}", "`a` b` on line 7"), Some(vec![("id", "a` b"), ("line", "7")]));
        assert_eq!(matched("write `{n}` here", "write `{n}` here"), Some(vec![("n", "{n}")]));
        assert_eq!(matched("a { env = \"x\" } b", "a { env = \"x\" } b"), Some(vec![]));
        assert_eq!(matched("no {kind} here", "no {kind}"), None);
        assert_eq!(speak("zh-CN", "unknown queue `sals`"), "未知的队列 `sals`");
        assert_eq!(speak("zh-CN", "unknown time zone `Mars`"), "未知的时区 `Mars`", "the one that says more itself");
        assert_eq!(speak("zh-CN", "a number with `{n}` must lead to an agent with `{n}`"), "含 `{n}` 的号码须指向含 `{n}` 的坐席");
        assert_eq!(speak("en", "unknown queue `sals`"), "unknown queue `sals`");
        assert_eq!(speak("zh-CN", "nothing like it"), "nothing like it");
    }
}
