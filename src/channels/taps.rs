//! What buttons of ours tell us when they are tapped: which question, which of its choices, and its words where there is room for them.

use crate::desk::id::MessageId;
use crate::desk::input::Extra;

/// Begins a payload of ours, so that it is not taken for the words of a button that somebody else has made.
const OURS: &str = "=";

/// For platforms whose buttons carry a name alone: `88.2`, the second choice of message 88.
pub(super) fn name(question: MessageId, at: usize) -> String {
    format!("{}.{}", question.0, at + 1)
}

/// For those that have room: `=88.2=` and the words, whole or as much as fits into so many bytes.
pub(super) fn payload(question: MessageId, at: usize, option: &str, most: usize) -> String {
    let head = format!("{OURS}{}{OURS}", name(question, at));
    let room = most.saturating_sub(head.len());
    let words = option.char_indices().take_while(|(at, c)| at + c.len_utf8() <= room).map(|(_, c)| c);
    head.chars().chain(words).collect()
}

/// What such a name means; whether there was such a question is for the desk to say.
pub(super) fn chosen(name: &str) -> Option<Extra> {
    let (question, number) = name.split_once('.')?;
    let question = MessageId(question.parse().ok().filter(|id| *id <= i64::MAX as u64)?);
    Some(claimed(question, number.parse().ok()?))
}

/// What a page or platform claims to have been answered; what that means is for the desk to say.
pub(super) fn claimed(question: MessageId, number: u16) -> Extra {
    Extra::Chosen { question, number, choice: String::new(), asked: String::new() }
}

/// The words of a payload and what was chosen; `None`: it is none of ours. Buttons that were sent before there were names have words alone.
pub(super) fn told(payload: &str) -> Option<(&str, Option<Extra>)> {
    let rest = payload.strip_prefix(OURS)?;
    let named = rest.split_once(OURS).and_then(|(name, words)| Some((words, Some(chosen(name)?))));
    Some(named.unwrap_or((rest, None)))
}

/// The part of an address that says whose it is, for a button that has to be called something in any language.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

/// For wires that want degrees as numbers.
pub(super) fn degrees(millionths: i32) -> f64 {
    f64::from(millionths) / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_tells_its_question_and_its_words() {
        let said = payload(MessageId(88), 1, "Pick it up", 190);
        let second = Extra::Chosen { question: MessageId(88), number: 2, choice: String::new(), asked: String::new() };
        assert_eq!(said, "=88.2=Pick it up");
        assert_eq!(told(&said), Some(("Pick it up", Some(second.clone()))));
        assert_eq!(chosen("88.2"), Some(second));
        assert_eq!(payload(MessageId(8), 0, "ää", 8), "=8.1=ä", "cut between characters");
    }

    #[test]
    fn what_is_not_ours_stays_what_it_is() {
        assert_eq!(told("=Yes, please"), Some(("Yes, please", None)), "a button from before");
        assert_eq!(told("=1+1=2"), Some(("1+1=2", None)));
        assert_eq!(told("GET_STARTED"), None);
        for name in ["", "7", "x.1", "1.x", "-1.1", "1.70000", "99999999999999999999.1"] {
            assert_eq!(chosen(name), None, "{name}");
        }
    }

    #[test]
    fn a_host_is_what_people_know() {
        assert_eq!(host("https://www.shop.example/a?b#c"), "shop.example");
        assert_eq!(host("http://shop.example"), "shop.example");
    }
}
