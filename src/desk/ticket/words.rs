//! Words about tickets: how customers ask for the state of theirs.

use super::SUBJECT;
use crate::desk::refusal::{Refusal, within};

/// A subject as it is kept: one line, not too long.
pub(in crate::desk) fn cut(subject: &str) -> String {
    one_line(subject).chars().take(SUBJECT).collect()
}

/// The same by somebody's hand: nothing of what they write is left out behind their back.
pub(in crate::desk) fn written(subject: &str) -> Result<String, Refusal> {
    let line = one_line(subject);
    if line.is_empty() {
        return Err(Refusal::Empty);
    }
    within(&line, SUBJECT).map(|()| line)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a message asks for the state of a ticket and nothing else: one of the words alone, or with a number behind it. Whoever writes a
/// sentence wants a person. Gives the number, if there is one.
pub fn asks_state(words: &[String], text: &str) -> Option<Option<u64>> {
    let text = text.trim().trim_end_matches(['?', '？', '!', '！', '.', '。']).to_lowercase();
    let after = words.iter().filter_map(|word| text.strip_prefix(&word.trim().to_lowercase())).min_by_key(|rest| rest.len())?;
    let glued = after.starts_with(|c: char| c.is_alphabetic());
    let rest = after.trim().trim_start_matches(['#', '＃', ':', '：']).trim_start_matches("号").trim();
    if rest.is_empty() {
        return Some(None);
    }
    let number = rest
        .chars()
        .map(|c| c.to_digit(10).or_else(|| fullwidth(c)))
        .try_fold(0u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit?)))?;
    (!glued).then_some(Some(number))
}

/// Digits as Chinese keyboards may write them.
fn fullwidth(c: char) -> Option<u32> {
    u32::from(c).checked_sub(0xff10).filter(|digit| *digit < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_alone_or_with_a_number_asks() {
        let words: Vec<String> = ["ticket", "status", "工单", "查询工单", "进度"].map(str::to_owned).into();
        let asked = |text: &str| asks_state(&words, text);
        assert_eq!(asked("Ticket"), Some(None));
        assert_eq!(asked(" status? "), Some(None));
        assert_eq!(asked("TICKET 12"), Some(Some(12)));
        assert_eq!(asked("ticket #12"), Some(Some(12)));
        assert_eq!(asked("ticket#12."), Some(Some(12)));
        assert_eq!(asked("工单12"), Some(Some(12)));
        assert_eq!(asked("工单：１２"), Some(Some(12)));
        assert_eq!(asked("查询工单"), Some(None));
        assert_eq!(asked("进度？"), Some(None));
        for words in [
            "tickets",
            "my ticket",
            "ticket lost in the train",
            "ticket 12 is wrong",
            "工单怎么还没处理",
            "",
            "12",
            "ticket 99999999999999999999",
        ] {
            assert_eq!(asked(words), None, "{words}");
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(cut("  a \n\t lamp "), "a lamp");
        assert_eq!(cut(&"字".repeat(300)).chars().count(), SUBJECT);
        assert_eq!(written(" a\nlamp"), Ok("a lamp".into()));
        assert_eq!(written(" \n"), Err(Refusal::Empty));
        assert_eq!(written(&"字".repeat(SUBJECT)).map(|line| line.chars().count()), Ok(SUBJECT));
        assert_eq!(written(&"字".repeat(SUBJECT + 1)), Err(Refusal::TooLong { limit: SUBJECT }));
    }
}
