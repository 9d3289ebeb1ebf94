//! A customer's sentence as what is worth looking for: words without their endings, pairs of Chinese characters, the rarest first.
//! Whoever asks does not use the article's words, so any of them counts; how many articles hold a word says how much it tells.

use crate::store::StoreError;
use crate::store::search::words::{Term, part, terms};
use crate::store::values::first;
use rusqlite::Connection;

statements! {
    HOLD = "SELECT coalesce(sum(doc), 0) FROM search_article_word WHERE term >= ?1 AND term < ?2";
}

/// Pieces looked for at once.
const MOST: usize = 12;
/// Articles ranked at most: behind the rarest piece, those are left out that would bring more than these. As many as `find` ranks, so that a
/// common word never crowds out a rare one.
const RANKED: i64 = 500;
/// Characters of a sentence that are read: the newest.
const READ: usize = 400;

/// Words that stand in every sentence and tell nothing.
const EMPTY: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did",
    "do", "does", "for", "from", "get", "got", "had", "has", "have", "hello", "help", "hi", "how", "i", "if", "in", "is", "it", "its",
    "just", "like", "me", "my", "need", "no", "not", "of", "ok", "on", "or", "our", "please", "so", "some", "thank", "thanks", "that",
    "the", "their", "them", "then", "there", "they", "this", "to", "too", "up", "us", "very", "want", "was", "we", "were", "what", "when",
    "where", "which", "who", "why", "will", "with", "would", "yes", "you", "your", "一个", "一下", "下我", "不能", "个问", "什么", "你们",
    "你好", "们的", "可以", "吗我", "好我", "如何", "怎么", "怎样", "您好", "想问", "我们", "我想", "我的", "是不", "是什", "有没", "没有",
    "现在", "谢谢", "请问", "这个", "那个", "问题", "问一", "麻烦",
];

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Each alone, the rarest first.
    pub terms: Vec<Term>,
    /// The FTS5 expression: any of them.
    pub expression: String,
}

/// What of a sentence is looked for; `None` when no article holds any of its words.
pub(super) fn wanted(conn: &Connection, sentence: &str) -> Result<Option<Wanted>, StoreError> {
    let skipped = sentence.chars().count().saturating_sub(READ);
    let newest: String = sentence.chars().skip(skipped).collect();
    let mut held = Vec::new();
    for term in pieces(&newest) {
        let count = holding(conn, &term)?;
        if count > 0 && !held.iter().any(|(_, other)| *other == term) {
            held.push((count, term));
        }
    }
    held.sort_by_key(|(count, _)| *count);
    let mut sum = 0;
    let mut rarest = Vec::new();
    for (at, (count, term)) in held.into_iter().enumerate().take(MOST) {
        sum += count;
        if at >= 1 && sum > RANKED {
            break;
        }
        rarest.push(term);
    }
    let expression = rarest.iter().map(part).collect::<Vec<_>>().join(" OR ");
    Ok((!rarest.is_empty()).then_some(Wanted { terms: rarest, expression }))
}

/// The pieces of a sentence: stems and pairs, without those that tell nothing.
fn pieces(sentence: &str) -> Vec<Term> {
    let mut pieces = Vec::new();
    for term in terms(sentence).into_iter().chain(terms_behind(sentence)) {
        match term {
            Term::Word(word) if EMPTY.contains(&word.as_str()) || word.chars().count() < 2 => {}
            Term::Word(word) => pieces.push(Term::Word(stem(&word).to_owned())),
            Term::Run(run) => {
                let chars: Vec<char> = run.chars().collect();
                let pairs = chars.windows(2).map(|pair| pair.iter().collect::<String>());
                pieces.extend(pairs.filter(|pair| !EMPTY.contains(&pair.as_str())).map(Term::Run));
            }
        }
    }
    pieces
}

/// `terms` reads the first sixteen pieces; of a long sentence the last sixteen count as well.
fn terms_behind(sentence: &str) -> Vec<Term> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    match words.len() {
        0..=16 => Vec::new(),
        count => terms(&words[count - 16..].join(" ")),
    }
}

/// An English word without its ending, as the beginning of words: `returning` and `returned` begin as `return` does.
fn stem(word: &str) -> &str {
    if !word.is_ascii() {
        return word;
    }
    let cut = ["ies", "ing", "es", "ed", "s", "y"].into_iter().find_map(|ending| word.strip_suffix(ending));
    cut.filter(|rest| rest.len() >= 3).unwrap_or(word)
}

/// How many articles hold it.
fn holding(conn: &Connection, term: &Term) -> Result<i64, StoreError> {
    let (from, until) = match term {
        // The next text after all that begin with it.
        Term::Word(word) => (word.clone(), format!("{word}\u{10FFFF}")),
        Term::Run(pair) => (pair.clone(), format!("{pair}\u{0}")),
    };
    Ok(first(conn, HOLD, (from, until), |row| row.get(0))?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sentence: &str) -> Vec<String> {
        pieces(sentence)
            .into_iter()
            .map(|term| match term {
                Term::Word(word) | Term::Run(word) => word,
            })
            .collect()
    }

    #[test]
    fn what_tells_nothing_is_left_out() {
        assert_eq!(said("Hello, how do I get my batteries replaced?"), ["batter", "replac"]);
        assert_eq!(said("请问怎么退货"), ["问怎", "么退", "退货"]);
        assert_eq!(said("is it ok"), Vec::<String>::new());
        assert_eq!(stem("as"), "as");
        assert_eq!(stem("keys"), "key");
    }
}
