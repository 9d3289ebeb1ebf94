//! Which words are said by more customers than before: words and pairs of words, and runs of Chinese characters. Never names, numbers or
//! addresses: whatever has a digit or looks like an address is no word, nobody's own name is one, and a word counts only when several customers
//! have said it.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Customers who must have said a word this week.
pub const LEAST: u32 = 5;
/// How many times as many, in hundredths, as before.
const RISES: f64 = 1.25;
/// Longest runs of characters and of words.
const RUN: usize = 4;
const PAIR: usize = 2;
/// Characters of one message that are looked at.
const LONGEST: usize = 1_000;

/// One that rises.
#[derive(Debug, Clone, PartialEq)]
pub struct Rising<T> {
    pub what: T,
    /// How many this week, and the week before.
    pub now: u32,
    pub before: u32,
    pub score: f64,
}

const STOP: &str = "a about after again all also always am an and another any anyone are aren't around as ask asked at away back be because been before \
    being but by call called came can can't cannot come could day days dear did didn't do does doesn't doing don't done else even ever every for \
    from get give go goes going good got had has hasn't have haven't having he hello help her here hey hi him his how however i i'd i'll i'm i've if in \
    into is isn't it it's its just kind know last let like long look looking made make many may me might more most much must my myself need \
    never new next no not nothing now of off ok okay on once one only or other our out over own please put quite really regards right said same \
    say see send sent shall she should since so some somebody someone something soon sorry still such sure take tell than thank thanks that that's the \
    their them then there there's these they they're thing things think this those through time to today told tomorrow too try two under until up us use \
    very via want wanted was wasn't way we week well went were what what's when where which while who why will with within without won't would \
    write yes yesterday yet you you're your yours";

/// Characters at which no topic begins or ends, and words that say nothing.
const STOP_CJK: &str = "的了吗呢吧啊呀哦嗯我你您他她它们这那哪是不在有和与就都也还很太要会能可以把被给对从到个只些么什怎为请问好没上下里来去说想让着过得地之其并且但而或如果因所此时候一二三两几多少再又才最更非常谢";
const STOP_RUNS: [&str; 20] = [
    "你好",
    "您好",
    "请问",
    "谢谢",
    "可以",
    "什么",
    "怎么",
    "时候",
    "今天",
    "明天",
    "昨天",
    "现在",
    "没有",
    "知道",
    "收到",
    "麻烦",
    "一下",
    "已经",
    "还没",
    "为什么",
];

/// Those that rise, the strongest first. Each text is what one customer has said altogether, with their name.
pub fn rising(now: &[(String, String)], before: &[(String, String)], most: usize) -> Vec<Rising<String>> {
    let stop: HashSet<&str> = STOP.split_whitespace().collect();
    let (mut said, was) = (count(now, &stop), count(before, &stop));
    said.retain(|_, n| *n >= LEAST);
    drop_parts(&mut said);
    let all = (now.len() as u32, before.len() as u32);
    let mut rising: Vec<Rising<String>> = said
        .into_iter()
        .filter_map(|(what, n)| {
            let before = was.get(&what).copied().unwrap_or(0);
            Some(Rising { score: rises((n, before), all)?, what, now: n, before })
        })
        .collect();
    rising.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.what.cmp(&b.what)));
    rising.truncate(most);
    rising
}

/// How surely a share has grown: Dunning's log-likelihood of the two counts, where it has; `None` where it has not, or by little.
pub fn rises((now, before): (u32, u32), (all_now, all_before): (u32, u32)) -> Option<f64> {
    let (a, b) = (f64::from(now), f64::from(before));
    let (all_a, all_b) = (f64::from(all_now.max(1)), f64::from(all_before.max(1)));
    // One more on each side: two against none is no wave.
    let grown = if all_before == 0 { f64::INFINITY } else { ((a + 1.0) / all_a) / ((b + 1.0) / all_b) };
    if now < LEAST || grown < RISES {
        return None;
    }
    let expected = |all: f64| all * (a + b) / (all_a + all_b);
    let part = |seen: f64, expected: f64| if seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 };
    Some(2.0 * (part(a, expected(all_a)) + part(b, expected(all_b))))
}

/// By how many customers each word, pair or run was said.
fn count(texts: &[(String, String)], stop: &HashSet<&str>) -> HashMap<String, u32> {
    let mut said: HashMap<String, u32> = HashMap::new();
    for (name, text) in texts {
        for word in words(name, text, stop) {
            *said.entry(word).or_default() += 1;
        }
    }
    said
}

fn words(name: &str, text: &str, stop: &HashSet<&str>) -> HashSet<String> {
    let text: String = text.chars().take(LONGEST).collect::<String>().to_lowercase().replace('\u{2019}', "'");
    let name = name.trim().to_lowercase();
    // Their own name is no topic, nor what it stands in without blanks.
    let text = if name.chars().count() > 1 { text.replace(&name, " ") } else { text };
    let names: HashSet<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 1).collect();
    let mut found = HashSet::new();
    for piece in text.split_whitespace().filter(|piece| !is_address(piece)) {
        runs(piece, &name, &mut found);
    }
    let mut row: Vec<String> = Vec::new();
    for piece in text.split_whitespace().map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric())).chain([""]) {
        let word = !is_address(piece)
            && piece.chars().count() >= 3
            && piece.chars().all(|c| (c.is_alphabetic() && !is_cjk(c)) || matches!(c, '\'' | '-'))
            && !names.contains(piece)
            && !stop.contains(piece);
        if word {
            row.push(piece.to_owned());
            continue;
        }
        for pair in row.windows(PAIR) {
            found.insert(pair.join(" "));
        }
        found.extend(row.drain(..));
    }
    found
}

/// Pieces of what stands without blanks, but those of the customer's own name.
fn runs(piece: &str, name: &str, found: &mut HashSet<String>) {
    let own = |run: &str| !name.is_empty() && (name.contains(run) || run.contains(name));
    for run in piece.split(|c| !is_cjk(c)).filter(|run| !run.is_empty()) {
        let chars: Vec<char> = run.chars().collect();
        for length in 2..=RUN {
            for part in chars.windows(length) {
                let edges = [part.first(), part.last()].into_iter().flatten().any(|c| STOP_CJK.contains(*c));
                let part: String = part.iter().collect();
                if !edges && !STOP_RUNS.iter().any(|stop| part.contains(stop)) && !own(&part) {
                    found.insert(part);
                }
            }
        }
    }
}

/// A part of something longer that nearly all say who say the part is not shown beside it.
fn drop_parts(said: &mut HashMap<String, u32>) {
    let whole: BTreeMap<String, u32> = said.iter().map(|(what, n)| (what.clone(), *n)).collect();
    let mut covered: HashSet<String> = HashSet::new();
    for (what, n) in &whole {
        let parts: Vec<String> = if what.contains(' ') {
            what.split(' ').map(str::to_owned).collect()
        } else if what.chars().next().is_some_and(is_cjk) {
            let chars: Vec<char> = what.chars().collect();
            (2..chars.len()).flat_map(|length| chars.windows(length).map(|part| part.iter().collect()).collect::<Vec<String>>()).collect()
        } else {
            Vec::new()
        };
        covered.extend(parts.into_iter().filter(|part| whole.get(part).is_some_and(|all| f64::from(*n) >= 0.7 * f64::from(*all))));
    }
    said.retain(|what, _| !covered.contains(what));
}

fn is_address(piece: &str) -> bool {
    let inner = piece.trim_matches(|c: char| !c.is_alphanumeric());
    piece.contains('@') || piece.contains("://") || inner.contains('/') || inner.contains('.') || piece.chars().any(|c| c.is_ascii_digit())
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &[(&str, &str, usize)]) -> Vec<(String, String)> {
        texts.iter().flat_map(|(name, text, n)| vec![((*name).to_owned(), (*text).to_owned()); *n]).collect()
    }

    fn shown(rising: &[Rising<String>]) -> Vec<(&str, u32, u32)> {
        rising.iter().map(|one| (one.what.as_str(), one.now, one.before)).collect()
    }

    #[test]
    fn what_more_customers_say_than_before_rises() {
        let now = all(&[("Anna", "my Broken lamp! flickers", 12), ("Bo", "where is the parcel?", 10), ("Li", "invoice please", 3)]);
        let before = all(&[("Anna", "where is the parcel?", 11), ("Bo", "a broken chain", 1)]);
        let found = rising(&now, &before, 10);
        let found = shown(&found);
        assert!(found.contains(&("broken lamp", 12, 0)), "{found:?}");
        assert!(found.iter().all(|(what, ..)| !["parcel", "lamp", "broken", "my", "invoice", "the"].contains(what)), "{found:?}");
    }

    #[test]
    fn chinese_is_found_in_runs_as_people_read_them() {
        let now = all(&[("王芳", "我的优惠券不能用，请问怎么办", 9), ("李雷", "优惠券在哪里领？", 6)]);
        let found = rising(&now, &all(&[("王芳", "发货了吗", 9)]), 10);
        assert_eq!(shown(&found).first(), Some(&("优惠券", 15, 0)), "{found:?}");
        assert!(found.iter().all(|one| one.what != "优惠" && one.what != "惠券"), "{found:?}");
    }

    #[test]
    fn names_numbers_and_addresses_are_no_topics() {
        let text = "Müller here, order 20417 to www.shop.example/x anna@shop.example +49 151 00138193 shop.example a1b2";
        let found = rising(&all(&[("Anna Müller", text, 20), ("王小明", "王小明的订单", 20)]), &[], 20);
        let found = shown(&found);
        assert!(found.iter().all(|(what, ..)| ["order", "订单"].contains(what)), "{found:?}");
        assert!(rising(&all(&[("x", "lamp", 4)]), &[], 10).is_empty(), "four are too few");
        assert!(rising(&[], &[], 10).is_empty());
    }

    #[test]
    fn a_share_rises_only_where_it_grows() {
        assert!(rises((10, 10), (100, 100)).is_none());
        assert!(rises((10, 5), (200, 100)).is_none(), "twice as many of twice as many");
        assert!(rises((20, 5), (100, 100)).unwrap() > rises((20, 10), (100, 100)).unwrap());
        assert!(rises((5, 0), (100, 0)).is_some_and(f64::is_finite));
    }
}
