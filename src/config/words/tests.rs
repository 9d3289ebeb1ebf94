//! Both languages have the same keys with the same placeholders.

use super::*;

fn placeholders(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
    found.sort_unstable();
    found
}

#[test]
fn the_languages_say_the_same() {
    assert!(EN.len() > 20, "the English file cannot be read");
    assert_eq!(EN.keys().collect::<Vec<_>>(), ZH.keys().collect::<Vec<_>>());
    for (key, text) in EN.iter() {
        assert_eq!(placeholders(text), placeholders(&ZH[key]), "{key}");
    }
}

#[test]
fn placeholders_are_filled_and_unknown_keys_show_themselves() {
    assert_eq!(say("en", "cli.diff.queue_added", &[("id", "sales")]), "Queue sales is new");
    assert_eq!(say("zh-CN", "cli.diff.queue_added", &[("id", "sales")]), "新增队列 sales");
    assert_eq!(say("en", "no.such", &[]), "no.such");
}
