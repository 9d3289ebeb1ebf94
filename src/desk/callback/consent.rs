//! The words by which people end and resume texts from us, as operators and regulators know them. The whole message must be the word:
//! "please don't stop" is no wish to be left alone.

const OUT: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "optout",
    "t",
    "td",
    "r",
    "退订",
    "退訂",
    "取消",
    "拒收",
    "拒收请回复r",
    "回复t",
];
const IN: &[&str] = &["start", "unstop", "subscribe", "resume", "恢复", "订阅", "恢复订阅"];

/// `Some(true)` for a wish to get no more texts, `Some(false)` for the wish to get them again.
pub(in crate::desk) fn consent_word(text: &str) -> Option<bool> {
    let word: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        word if OUT.contains(&word) => Some(true),
        word if IN.contains(&word) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::consent_word;

    #[test]
    fn only_the_bare_word_counts() {
        for text in ["STOP", " stop. ", "Stop!", "TD", "退订", "退订。", "“退订”", "opt-out"] {
            assert_eq!(consent_word(text), Some(true), "{text}");
        }
        assert_eq!(consent_word("Start"), Some(false));
        for text in ["please stop calling at noon", "", "我要退订单", "yes", "Restart"] {
            assert_eq!(consent_word(text), None, "{text}");
        }
    }
}
