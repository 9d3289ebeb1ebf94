//! An article as plain text: what is searched, and what is put into a message, where no markup is shown.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::fmt::Write;

/// What of Markdown articles may use: the same for the text and for the page.
pub const MARKDOWN: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// The words of `markdown`: paragraphs with an empty line between, lists with numbers and dashes, links with their address behind them.
/// HTML is left out.
pub fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    // The next number of each list that is open; `None` for dashes.
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut links: Vec<(usize, String)> = Vec::new();
    for event in Parser::new_ext(markdown, MARKDOWN) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::Rule => block(&mut out, 2),
            Event::Start(Tag::List(first)) => {
                block(&mut out, if lists.is_empty() { 2 } else { 1 });
                lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                lists.pop();
                block(&mut out, if lists.is_empty() { 2 } else { 1 });
            }
            Event::Start(Tag::Item) => {
                if !out.ends_with('\n') {
                    block(&mut out, 1);
                }
                out.extend(std::iter::repeat_n("  ", lists.len().saturating_sub(1)));
                match lists.last_mut() {
                    Some(Some(number)) => {
                        // Writing to a text cannot fail.
                        let _ = write!(out, "{number}. ");
                        *number = number.saturating_add(1);
                    }
                    _ => out.push_str("- "),
                }
            }
            Event::Start(Tag::Paragraph) if lists.is_empty() => block(&mut out, 2),
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) | Tag::BlockQuote(_)) => block(&mut out, 2),
            Event::End(TagEnd::Paragraph) => block(&mut out, if lists.is_empty() { 2 } else { 1 }),
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table | TagEnd::BlockQuote(_)) => block(&mut out, 2),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                out.truncate(out.trim_end_matches(" | ").len());
                out.push('\n');
            }
            Event::End(TagEnd::TableCell) => out.push_str(" | "),
            Event::Start(Tag::Link { dest_url, .. }) => links.push((out.len(), dest_url.into_string())),
            Event::End(TagEnd::Link) => {
                if let Some((from, address)) = links.pop()
                    && address.contains("://")
                    && out.get(from..).is_some_and(|words| words.trim() != address)
                {
                    let _ = write!(out, " ({address})");
                }
            }
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Ends what stands before with so many line breaks, unless nothing does.
fn block(out: &mut String, breaks: usize) {
    out.truncate(out.trim_end_matches([' ', '\n']).len());
    if !out.is_empty() {
        out.extend(std::iter::repeat_n('\n', breaks));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_a_message() {
        let text = "# Return *it*\n\nSend us:\n\n1. the **lamp**\n2. the [form](https://a.example/form)\n   - signed\n\n<b>x</b> | not\n\nEnd,\nreally.";
        let said = "Return it\n\nSend us:\n\n1. the lamp\n2. the form (https://a.example/form)\n  - signed\n\nx | not\n\nEnd, really.";
        assert_eq!(plain(text), said);
        assert_eq!(plain("| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>"), "a | b\n1 | 2");
        assert_eq!(plain("<https://a.example/>"), "https://a.example/");
        assert_eq!(plain(""), "");
    }
}
