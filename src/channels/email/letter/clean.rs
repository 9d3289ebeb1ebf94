//! A stranger's page made inert: nothing in it runs, asks another machine, covers what is around it or sends what is typed. Pictures that
//! came with the letter are put into it; those that would have to be fetched are left out, because fetching tells that it was read.

use ammonia::{Builder, UrlRelative};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Longest page that is cleaned, bytes; of a longer one only the text is shown.
const LONGEST: usize = 2 << 20;
/// Bytes of pictures that are put into one page.
const PICTURES: usize = 8 << 20;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// What may be said of looks: nothing that fetches, floats above, or moves out of its place.
const STYLES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-wrap",
];

/// Says to a browser what we say, too: it opens nothing, fetches nothing and tells no other site where the reader was.
const HEAD: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
     img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\"><meta name=\"referrer\" content=\"no-referrer\"></head><body>";
const TAIL: &str = "</body></html>";

/// A picture that came with the letter.
pub(super) struct Picture<'a> {
    /// Its Content-ID, without brackets.
    pub cid: &'a str,
    pub bytes: &'a [u8],
}

/// The page that may be shown; `None`: too long, or nothing is left of it.
pub(super) fn clean(html: &str, pictures: &[Picture<'_>]) -> Option<String> {
    if html.len() > LONGEST {
        return None;
    }
    let pictures = addresses(pictures);
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(
            ["script", "style", "title", "head", "template", "noscript", "object", "svg", "math", "select", "textarea"].into(),
        )
        .generic_attributes(["style", "dir", "lang", "align", "valign", "bgcolor", "width", "height"].into())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["src", "alt"])),
            ("font", HashSet::from(["color", "face", "size"])),
            ("td", HashSet::from(["colspan", "rowspan", "nowrap"])),
            ("th", HashSet::from(["colspan", "rowspan", "nowrap"])),
            ("table", HashSet::from(["border", "cellpadding", "cellspacing"])),
            ("ol", HashSet::from(["start", "type"])),
            ("li", HashSet::from(["value"])),
            ("col", HashSet::from(["span"])),
        ]))
        .url_schemes(["http", "https", "mailto", "tel", "cid"].into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .filter_style_properties(STYLES.iter().copied().collect())
        .strip_comments(true)
        .attribute_filter(move |tag, attribute, value| filter(&pictures, tag, attribute, value));
    let body = builder.clean(html).to_string();
    (!body.trim().is_empty()).then(|| format!("{HEAD}{body}{TAIL}"))
}

fn filter<'v>(pictures: &HashMap<String, String>, tag: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match (tag, attribute) {
        ("img", "src") => {
            let cid = value.trim().get(4..).filter(|_| value.trim().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:")))?;
            pictures.get(cid).map(|address| Cow::Owned(address.clone()))
        }
        (_, "href") if value.trim().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:")) => None,
        // No function of a style is worth what it could fetch.
        (_, "style") => {
            let lower = value.to_ascii_lowercase();
            let harmful = ["url", "expression", "image", "javascript", "@", "\\", "element(", "attr("];
            (!harmful.iter().any(|word| lower.contains(word))).then_some(Cow::Borrowed(value))
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Content-IDs, and the pictures themselves as addresses.
fn addresses(pictures: &[Picture<'_>]) -> HashMap<String, String> {
    let mut room = PICTURES;
    let mut found = HashMap::new();
    for picture in pictures {
        let Some(mime) = kind(picture.bytes).filter(|_| picture.bytes.len() <= room) else { continue };
        room -= picture.bytes.len();
        found.insert(picture.cid.to_owned(), format!("data:{mime};base64,{}", STANDARD.encode(picture.bytes)));
    }
    found
}

/// Pictures of points by their first bytes; drawings (SVG) are programs.
pub(super) fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
