//! Who is calling: the number a trunk gives, made comparable, and the name beside it.

use crate::desk::person::Identity;
use crate::sip::{NameAddr, Uri};

/// Longest number or user part that is kept; longer ones are no caller ids (E.164 allows 15 digits).
const LONGEST: usize = 64;

/// The identity behind a caller's address.
///
/// `asserted` (RFC 3325) is believed before `from`, because only trunks get this far. Digits become an E.164 number where the
/// country is known; anything else is kept as a SIP address. `None` for callers who hide themselves.
pub(super) fn identity(from: &NameAddr, asserted: Option<&NameAddr>, country_code: Option<&str>) -> Option<Identity> {
    let uri = &asserted.unwrap_or(from).uri;
    let user = uri.user().filter(|user| !user.is_empty() && user.len() <= LONGEST)?;
    if user.eq_ignore_ascii_case("anonymous") || uri.host.eq_ignore_ascii_case("anonymous.invalid") {
        return None;
    }
    Some(match number(&user, country_code) {
        Some(number) => Identity { kind: "phone".into(), namespace: String::new(), value: number },
        None => Identity { kind: "sip".into(), namespace: String::new(), value: address(&user, uri) },
    })
}

/// The display name, without control characters and not longer than a line.
pub(super) fn display(from: &NameAddr) -> Option<String> {
    let name: String = from.display.as_deref()?.chars().filter(|c| !c.is_control()).take(80).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A telephone number in E.164 form where that can be told: `+`, or `00`, or a national number behind its trunk prefix `0` or bare.
fn number(user: &str, country_code: Option<&str>) -> Option<String> {
    let digits: String = user.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')' | ' ')).collect();
    let (plus, digits) = match digits.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, digits.as_str()),
    };
    if digits.is_empty() || digits.len() > 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match (plus, country_code) {
        (true, _) => format!("+{digits}"),
        (false, _) if digits.starts_with("00") => format!("+{}", &digits[2..]),
        (false, Some(code)) if digits.starts_with('0') => format!("+{code}{}", &digits[1..]),
        // Short codes and service numbers (10086, 400…) are no national numbers.
        (false, Some(code)) if digits.len() >= 9 => format!("+{code}{digits}"),
        (false, _) => digits.to_owned(),
    })
}

fn address(user: &str, uri: &Uri) -> String {
    format!("{user}@{}", uri.host)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_become_comparable() {
        let table = [
            ("+86 138-0013-8000", None, Some("+8613800138000")),
            ("008613800138000", None, Some("+8613800138000")),
            ("13800138000", Some("86"), Some("+8613800138000")),
            ("013800138000", Some("86"), Some("+8613800138000")),
            ("02088887777", Some("86"), Some("+862088887777")),
            ("10086", Some("86"), Some("10086")),
            ("13800138000", None, Some("13800138000")),
            ("alice", Some("86"), None),
            ("+", Some("86"), None),
            ("１３８", None, None),
        ];
        for (user, country, expected) in table {
            assert_eq!(number(user, country).as_deref(), expected, "{user}");
        }
    }
}
