//! An article's Markdown as HTML. HTML written into it is left out, pictures are those of articles alone, and the result goes through the same
//! sieve as strangers' letters: nothing in it runs, and nothing is fetched from elsewhere.

use crate::store::knowledge::{MARKDOWN, file_number};
use crate::web::inbox::say::Html;
use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const TAGS: [&str; 27] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "sub",
];

static SIEVE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut sieve = Builder::new();
    sieve
        .tags(HashSet::from(TAGS))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["src", "alt"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"));
    sieve
});

/// The page's HTML of `markdown`. Pictures lie under `pictures`, such as `/help/files/`.
pub fn article(markdown: &str, pictures: &str) -> Html {
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    // A picture that is none of ours is its description: what is inside of it stays as text.
    let mut strange = 0_usize;
    let events = Parser::new_ext(markdown, MARKDOWN).filter_map(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => None,
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Some(Event::Start(Tag::Heading { level: below(level), id, classes, attrs }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level)))),
        Event::Start(Tag::Image { link_type, dest_url, id, .. }) => match file_number(&dest_url) {
            Some(file) => {
                let dest_url = CowStr::from(format!("{pictures}{file}"));
                Some(Event::Start(Tag::Image { link_type, dest_url, title: CowStr::from(""), id }))
            }
            None => {
                strange += 1;
                None
            }
        },
        Event::End(TagEnd::Image) if strange > 0 => {
            strange -= 1;
            None
        }
        other => Some(other),
    });
    html::push_html(&mut out, events);
    Html(SIEVE.clean(&out).to_string())
}

/// The page's own title is the first heading.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}
