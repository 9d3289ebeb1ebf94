//! Places in texts that the house sends of its own accord.

use std::collections::BTreeMap;

/// `{name}` becomes its value, once: what a customer has written names no place of ours. A name without a value stays, so that whoever reads it sees
/// what is missing.
pub fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}').and_then(|(name, tail)| Some((values.get(name)?, tail))) {
            Some((value, tail)) => {
                out.push_str(value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once() {
        let values = BTreeMap::from([("name".to_owned(), "{order}".to_owned()), ("order".to_owned(), "7".to_owned())]);
        assert_eq!(filled("Hello {name}, {order} { {other}", &values), "Hello {order}, 7 { {other}");
        assert_eq!(filled("", &values), "");
    }
}
