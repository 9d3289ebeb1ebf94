//! Whether the sender's domain has signed a letter, by the word of the one server that we believe: ours. Heads of the same name that others
//! wrote come with the letter and prove nothing (RFC 8601 §5).

/// By the heads `Authentication-Results` in the order in which they stand (each server puts its own on top), for letters from `from`.
/// `None`: the trusted server says nothing.
pub(super) fn by<'a>(results: impl Iterator<Item = &'a str>, trusted: &str, from: &str) -> Option<bool> {
    let domain = from.rsplit_once('@')?.1;
    // A trusted server removes heads that pretend to be its own; the topmost is the last one written, even where it does not.
    let result = results.filter_map(|value| value.split_once(';')).find(|(server, _)| {
        let server = server.split_whitespace().next().unwrap_or_default();
        server.eq_ignore_ascii_case(trusted)
    })?;
    let mut says = None;
    for method in split(result.1) {
        let Some(verdict) = method.trim().get(..5).filter(|name| name.eq_ignore_ascii_case("dkim=")).and(method.trim().get(5..)) else {
            continue;
        };
        let verdict = verdict.split([' ', '(', '\t']).next().unwrap_or_default();
        if verdict.eq_ignore_ascii_case("none") {
            continue;
        }
        let passes = verdict.eq_ignore_ascii_case("pass") && signer(method).is_some_and(|signer| aligned(&signer, domain));
        says = Some(says.unwrap_or(false) || passes);
    }
    says
}

/// Results of methods, split at semicolons that stand in no comment.
fn split(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ';' if depth <= 0 => {
                found.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text.get(start..).unwrap_or_default());
    found
}

/// The domain that has signed: `header.d=`, or that of `header.i=`.
fn signer(method: &str) -> Option<String> {
    let property = |name: &str| {
        let mut words = method.split_whitespace();
        words.find_map(|word| word.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).and(word.get(name.len()..)))
    };
    let domain = property("header.d=").or_else(|| property("header.i=")?.rsplit('@').next())?;
    Some(domain.trim_matches(['"', ';']).to_lowercase())
}

/// The same domain, or one of which the sender's is a part, and not a mere ending like `com` (RFC 7489 §3.1.1, by the rule that two labels
/// are needed).
fn aligned(signer: &str, from: &str) -> bool {
    from == signer || (signer.contains('.') && from.strip_suffix(signer).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::by;

    #[test]
    fn only_the_trusted_server_is_believed_and_only_for_the_senders_domain() {
        let says = |heads: &[&str]| by(heads.iter().copied(), "mx.shop.example", "anna@mail.customer.example");
        assert_eq!(says(&["mx.shop.example; dkim=pass header.d=customer.example header.s=k1; spf=pass"]), Some(true));
        assert_eq!(says(&["mx.shop.example 1; spf=pass; dkim=pass (2048; ok) header.i=@mail.customer.example"]), Some(true));
        assert_eq!(says(&["mx.shop.example; dkim=fail header.d=customer.example"]), Some(false));
        assert_eq!(says(&["mx.shop.example; dkim=pass header.d=other.example"]), Some(false), "signed by somebody else");
        assert_eq!(says(&["mx.shop.example; dkim=none; spf=fail"]), None);
        assert_eq!(says(&["evil.example; dkim=pass header.d=customer.example"]), None, "any letter can say that");
        assert_eq!(
            says(&["mx.shop.example; dkim=fail header.d=customer.example", "mx.shop.example; dkim=pass header.d=customer.example"]),
            Some(false),
            "the lower one came with the letter"
        );
        assert_eq!(says(&["mx.shop.example; dkim=pass header.d=example"]), Some(false), "everybody's ending");
    }
}
