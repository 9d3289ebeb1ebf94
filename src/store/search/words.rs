//! Text to index words, and what was typed to an FTS5 expression.
//!
//! Chinese, Japanese and Korean have no spaces: a run `abcd` is indexed as `ab bc cd d`. A typed run of two or more is then a
//! phrase of pairs (exact, also across word borders), a single character a prefix. Everything else is a word prefix.

/// A piece of a query, as it is looked for and marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Term {
    /// A run without spaces: found anywhere.
    Run(String),
    /// A word: found at the beginning of words. Lower case.
    Word(String),
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30FF | 0x31F0..=0x31FF // kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // han
        | 0x1100..=0x11FF | 0xAC00..=0xD7AF) // hangul
}

/// The words of a text, separated by spaces, for the tokenizer of the index.
pub(in crate::store) fn index_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut before: Option<char> = None;
    for c in text.chars() {
        if is_cjk(c) {
            match before {
                Some(_) => out.push(c),
                None => out.push(' '),
            }
            if before.is_some() {
                out.push(' ');
            }
            out.push(c);
            before = Some(c);
        } else {
            if before.take().is_some() {
                out.push(' ');
            }
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    if out.chars().any(char::is_alphanumeric) { out } else { String::new() }
}

/// The pieces of what was typed, at most 16.
pub(in crate::store) fn terms(query: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let (mut run, mut word) = (String::new(), String::new());
    for c in query.chars().chain([' ']) {
        let (cjk, other) = (is_cjk(c), !is_cjk(c) && c.is_alphanumeric());
        if !cjk && !run.is_empty() {
            terms.push(Term::Run(std::mem::take(&mut run)));
        }
        if !other && !word.is_empty() {
            terms.push(Term::Word(std::mem::take(&mut word)));
        }
        if cjk {
            run.push(c);
        } else if other {
            word.extend(c.to_lowercase());
        }
    }
    terms.truncate(16);
    terms
}

/// The FTS5 expression for what was typed: all of its pieces must be there. Every piece is letters and digits within quotes,
/// so nothing typed is an operator. `None` when there is nothing to look for.
pub(in crate::store) fn expression(query: &str) -> Option<String> {
    let parts: Vec<String> = terms(query).iter().map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// One piece as an FTS5 phrase.
pub(in crate::store) fn part(term: &Term) -> String {
    match term {
        Term::Word(word) => format!("\"{word}\" *"),
        Term::Run(run) => {
            let chars: Vec<char> = run.chars().collect();
            match chars.as_slice() {
                [single] => format!("\"{single}\" *"),
                _ => {
                    let pairs: Vec<String> = chars.windows(2).map(|pair| pair.iter().collect()).collect();
                    format!("\"{}\"", pairs.join(" "))
                }
            }
        }
    }
}

/// The digits of a telephone number back to front; `None` without any.
pub(in crate::store) fn reversed_digits(value: &str) -> Option<String> {
    let digits: String = value.chars().filter(char::is_ascii_digit).rev().collect();
    (!digits.is_empty()).then_some(digits)
}

/// What was typed as the end of a number, back to front: at least four digits and nothing but digits and the signs between them.
/// Zeros in front (trunk or international prefix) are not part of a stored number.
pub(super) fn number_part(query: &str) -> Option<String> {
    let like_number = query.chars().all(|c| c.is_ascii_digit() || " +-()/.\u{a0}".contains(c));
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (like_number && digits.len() >= 4).then(|| digits.chars().rev().collect())
}

/// `17` and `#17` are also the number of a ticket.
pub(super) fn ticket_number(query: &str) -> Option<u64> {
    let query = query.trim();
    let number = query.strip_prefix('#').unwrap_or(query).trim_start();
    // `parse` would take a sign as well; tables hold 63 bits.
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|id| digits && i64::try_from(*id).is_ok())
}
