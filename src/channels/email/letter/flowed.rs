//! `format=flowed` (RFC 3676): lines that were broken only to be short are one paragraph again.

/// The text with its paragraphs joined; `del_sp` as the letter says.
pub(super) fn join(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Depth of quotation of the paragraph that is not finished.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        if open == Some(depth) && !signature {
            out.push_str(content);
        } else {
            if open.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 {
                out.push(' ');
            }
            out.push_str(content);
        }
        if content.ends_with(' ') && !signature {
            if del_sp {
                out.pop();
            }
            open = Some(depth);
        } else {
            out.push('\n');
            open = None;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paragraphs_flow_and_quotes_and_signatures_do_not() {
        let text = "one \ntwo\n> first \n> second\n>> deeper\n space-stuffed\n-- \nAnna";
        assert_eq!(join(text, false), "one two\n> first second\n>> deeper\nspace-stuffed\n-- \nAnna\n");
        assert_eq!(join("你 \n好", true), "你好\n");
        assert_eq!(join("flows \n> quoted", false), "flows \n> quoted\n", "a quotation ends what flowed");
    }
}
