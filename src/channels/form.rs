//! `application/x-www-form-urlencoded` (WHATWG URL §5) and percent-encoding (RFC 3986 §2.1).

/// Names and values, decoded, in the order in which they stand; at most `most` of them. Bytes that are no UTF-8 become U+FFFD.
pub fn pairs(body: &[u8], most: usize) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == most {
            return None;
        }
        let equals = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(equals)?;
        pairs.push((decode(name), decode(value.get(1..).unwrap_or_default())));
    }
    Some(pairs)
}

/// The first value of this name.
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

pub fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
    pairs.join("&")
}

/// Everything but letters, digits and `-._~` by its bytes.
pub fn percent(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn decode(text: &[u8]) -> String {
    let digit = |at: Option<&u8>| at.and_then(|b| char::from(*b).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let (mut bytes, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, digit(text.get(at)), digit(text.get(at + 1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_whatever_stands_in_them() {
        let read = |text: &str| pairs(text.as_bytes(), 9);
        let one = |name: &str, value: &str| Some(vec![(name.to_owned(), value.to_owned())]);
        assert_eq!(read("a=b+c%20%E4%BD%A0"), one("a", "b c 你"));
        assert_eq!(read("a"), one("a", ""));
        assert_eq!(read("&&a=b=c&"), one("a", "b=c"));
        assert_eq!(read("a=%"), one("a", "%"));
        assert_eq!(read("a=%4"), one("a", "%4"));
        assert_eq!(read("a=%zz%ff"), one("a", "%zz\u{fffd}"));
        assert_eq!(read(&"a&".repeat(10)), None, "too many");
        assert_eq!(encoded([("a b", "你&*~")]), "a%20b=%E4%BD%A0%26%2A~");
    }
}
