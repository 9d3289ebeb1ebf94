//! Whether a text says a word, and which mood its words are of: lists of words in two languages, no more. Whoever is ironic is misjudged.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a text sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    Bad,
    Neutral,
    Good,
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mood::Bad => "bad",
            Mood::Neutral => "neutral",
            Mood::Good => "good",
        })
    }
}

/// Words that the house counts besides its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moods {
    pub bad: Vec<String>,
    pub good: Vec<String>,
}

const BAD: [&str; 74] = [
    "angry",
    "annoyed",
    "annoying",
    "appalling",
    "awful",
    "bad",
    "broken",
    "cheated",
    "complain",
    "complaint",
    "crap",
    "disappointed",
    "disappointing",
    "disaster",
    "disgrace",
    "disgusting",
    "dreadful",
    "fed up",
    "fraud",
    "frustrated",
    "frustrating",
    "furious",
    "horrible",
    "impossible",
    "incompetent",
    "insulting",
    "joke",
    "lawyer",
    "lousy",
    "mess",
    "nightmare",
    "outrageous",
    "pathetic",
    "poor",
    "ridiculous",
    "rip-off",
    "rude",
    "scam",
    "shame",
    "sick of",
    "terrible",
    "unacceptable",
    "unhappy",
    "upset",
    "useless",
    "worst",
    "wtf",
    "差评",
    "差劲",
    "垃圾",
    "投诉",
    "骗子",
    "骗人",
    "欺骗",
    "失望",
    "生气",
    "愤怒",
    "气死",
    "恶心",
    "无语",
    "太差",
    "糟糕",
    "烦死",
    "坑人",
    "不满",
    "难用",
    "没人管",
    "举报",
    "维权",
    "律师",
    "退钱",
    "过分",
    "离谱",
    "受够",
];

const GOOD: [&str; 34] = [
    "amazing",
    "awesome",
    "brilliant",
    "excellent",
    "fantastic",
    "good",
    "grateful",
    "great",
    "happy",
    "helpful",
    "kind",
    "love",
    "lovely",
    "nice",
    "perfect",
    "pleased",
    "satisfied",
    "super",
    "thank you",
    "thanks",
    "wonderful",
    "谢谢",
    "感谢",
    "满意",
    "好评",
    "喜欢",
    "很好",
    "太好",
    "太棒",
    "不错",
    "贴心",
    "给力",
    "开心",
    "完美",
];

/// Before a word, these turn it round.
const NOT: [&str; 9] = ["not", "no", "never", "isn't", "wasn't", "aren't", "don't", "didn't", "hardly"];
const NOT_CJK: [char; 6] = ['不', '没', '未', '無', '无', '别'];

/// The mood of most of its words: more of one kind than of the other.
pub fn mood(text: &str, own: &Moods) -> Mood {
    let text = folded(text);
    let (mut good, mut bad) = (0usize, 0usize);
    let mut count = |word: &str, is_good: bool| {
        for at in places(&text, word) {
            match (is_good, negated(&text[..at])) {
                (true, false) => good += 1,
                (true, true) | (false, false) => bad += 1,
                // What is not bad is not good for that.
                (false, true) => {}
            }
        }
    };
    GOOD.iter().for_each(|word| count(word, true));
    BAD.iter().for_each(|word| count(word, false));
    own.good.iter().for_each(|word| count(&folded(word), true));
    own.bad.iter().for_each(|word| count(&folded(word), false));
    match good.cmp(&bad) {
        std::cmp::Ordering::Less => Mood::Bad,
        std::cmp::Ordering::Equal => Mood::Neutral,
        std::cmp::Ordering::Greater => Mood::Good,
    }
}

/// Whether the text says this word or phrase: a whole word in letters; Chinese has no blanks, so there it may stand anywhere.
pub fn says(text: &str, word: &str) -> bool {
    let word = folded(word);
    !word.is_empty() && places(&folded(text), &word).next().is_some()
}

/// Small letters, one blank between words, the apostrophe of typewriters.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().replace('\u{2019}', "'")
}

/// Where the word stands; both are folded.
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let open = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_cjk(c));
    let (begins, ends) = (word.chars().next().is_some_and(is_cjk), word.chars().next_back().is_some_and(is_cjk));
    text.match_indices(word).filter_map(move |(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        ((begins || open(before)) && (ends || open(after))).then_some(at)
    })
}

fn negated(before: &str) -> bool {
    let before = before.trim_end();
    if before.chars().next_back().is_some_and(|c| NOT_CJK.contains(&c)) {
        return true;
    }
    // "not very good"
    before.rsplit(' ').take(2).any(|word| NOT.contains(&word))
}

/// Chinese characters.
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_chinese_stands_anywhere() {
        assert!(says("I want a REFUND!", "refund"));
        assert!(says("please give  my money\nback", "money back"));
        assert!(says("我要refund吗", "refund"));
        assert!(says("我要申请退款了", "退款"));
        assert!(!says("refundable", "refund"));
        assert!(!says("退货", "退款"));
        assert!(!says("anything", ""));
        assert!(says("don’t know", "don't"));
    }

    #[test]
    fn moods_are_of_most_words() {
        let own = Moods { bad: vec!["Schrott".into()], good: Vec::new() };
        let of = |text: &str| mood(text, &own);
        assert_eq!(of("This is terrible, I am furious"), Mood::Bad);
        assert_eq!(of("Thanks, that was very helpful"), Mood::Good);
        assert_eq!(of("Where is my parcel?"), Mood::Neutral);
        assert_eq!(of("not very good"), Mood::Bad);
        assert_eq!(of("not bad"), Mood::Neutral);
        assert_eq!(of("so ein schrott"), Mood::Bad);
        assert_eq!(of("太差了，我要投诉"), Mood::Bad);
        assert_eq!(of("我很不满意"), Mood::Bad);
        assert_eq!(of("非常满意，谢谢"), Mood::Good);
        assert_eq!(of(""), Mood::Neutral);
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in ["\u{130}\u{130}not", "ﬀ good", "不", "İ不满", "👍🏽 good 👎"] {
            let _ = (mood(text, &Moods::default()), says(text, "good"), says(text, "İ"));
        }
    }
}
