//! A designed letter as lines of text, with what is quoted marked by what mailers put around it. Only the tokens are looked at, so that no
//! nesting, however deep, costs more than its length.

use super::lines::{Kind, Line};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// Characters of text that are kept.
const MOST: usize = 500_000;
/// Elements within each other that are told apart.
const DEEPEST: usize = 512;

/// What a tree of it may cost: each element that formats and is not closed is made again in each block that follows.
const MOST_COST: usize = 2_000_000;

/// What a designed letter says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub lines: Vec<Line>,
    /// A mailer has marked what is quoted.
    pub marked: bool,
    /// Elements are nested deeper than anybody designs, or left open more often.
    pub deep: bool,
}

pub(super) fn read(html: &str) -> Read {
    let sink = Sink(RefCell::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut text = tokenizer.sink.0.take();
    text.line_end();
    Read { lines: text.lines, marked: text.marked, deep: text.deep }
}

struct Sink(RefCell<Text>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut text = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(words) => text.words(&words),
            Token::TagToken(tag) => return text.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// An element that is open.
struct Open {
    name: String,
    /// What is in it is not shown.
    hidden: bool,
    mark: Option<Mark>,
}

/// What a mailer says of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// All of it is quoted.
    Quote,
    /// A frame around quotations: what stands in it before the first of them introduces it.
    Frame {
        quoted: bool,
    },
    Signature,
}

#[derive(Default)]
struct Text {
    lines: Vec<Line>,
    line: String,
    kind: Option<Kind>,
    open: Vec<Open>,
    /// Everything to the end is quoted.
    rest: bool,
    preformatted: usize,
    marked: bool,
    deep: bool,
    size: usize,
    formats: usize,
    cost: usize,
}

impl Text {
    fn words(&mut self, words: &str) {
        if self.size > MOST || self.open.iter().any(|open| open.hidden) {
            return;
        }
        self.size += words.len();
        self.kind.get_or_insert(Kind::Own);
        let kind = self.now();
        if self.line.trim().is_empty() {
            self.kind = Some(kind);
        }
        for c in words.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.line_end(),
                '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
                c if c.is_whitespace() && self.preformatted == 0 => {
                    if !self.line.is_empty() && !self.line.ends_with(' ') {
                        self.line.push(' ');
                    }
                }
                c => self.line.push(c),
            }
        }
    }

    /// Whose the words are that come now.
    fn now(&self) -> Kind {
        let quoted = |open: &Open| matches!(open.mark, Some(Mark::Quote | Mark::Frame { quoted: false }));
        if self.rest || self.open.iter().any(quoted) {
            Kind::Quoted
        } else if self.open.iter().any(|open| open.mark == Some(Mark::Signature)) {
            Kind::Signature
        } else {
            Kind::Own
        }
    }

    fn line_end(&mut self) {
        let kind = self.kind.take().unwrap_or_else(|| self.now());
        // An empty line between paragraphs is kept once.
        if self.line.trim().is_empty() && self.lines.last().is_none_or(|line| line.text.is_empty()) {
            self.line.clear();
            return;
        }
        let text = std::mem::take(&mut self.line);
        // The sign of a signature ends with a space that counts.
        let text = if text == "-- " { text } else { text.trim_end().to_owned() };
        self.lines.push(Line { kind, text });
    }

    fn paragraph(&mut self) {
        if !self.line.trim().is_empty() {
            self.line_end();
        }
        self.line.clear();
        self.kind = None;
        self.line_end();
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        match tag.kind {
            TagKind::EndTag => {
                self.formats -= usize::from(formats(name) && self.formats > 0);
                self.breaks(name);
                self.close(name);
                TokenSinkResult::Continue
            }
            TagKind::StartTag => self.start(tag, name),
        }
    }

    fn start(&mut self, tag: &Tag, name: &str) -> TokenSinkResult<()> {
        self.formats += usize::from(formats(name));
        self.cost += self.formats;
        self.deep |= self.cost > MOST_COST;
        match name {
            "br" => self.line_end(),
            "hr" => {
                self.paragraph();
                return TokenSinkResult::Continue;
            }
            "img" => {
                let alt = attribute(tag, "alt").unwrap_or_default();
                if !alt.trim().is_empty() && alt.len() < 200 {
                    self.words(&format!("[{}]", alt.trim()));
                }
            }
            "li" => {
                self.line_end();
                self.words("• ");
            }
            "td" | "th" if !self.line.trim().is_empty() => self.words(" "),
            _ => self.breaks(name),
        }
        if matches!(name, "br" | "img" | "input" | "meta" | "link" | "base" | "col" | "area" | "wbr" | "source") || tag.self_closing {
            return TokenSinkResult::Continue;
        }
        let mark = mark(tag, name);
        match mark {
            Some(Found::Rest) => (self.rest, self.marked) = (true, true),
            Some(Found::Element(Mark::Quote | Mark::Frame { .. })) => self.marked = true,
            _ => {}
        }
        // The first quotation within a frame ends its introduction.
        let in_frame = matches!(name, "blockquote");
        for open in &mut self.open {
            if let (true, Some(Mark::Frame { quoted })) = (in_frame, &mut open.mark) {
                *quoted = true;
            }
        }
        let in_a_frame = in_frame && self.open.iter().any(|open| matches!(open.mark, Some(Mark::Frame { .. })));
        let mark = match mark {
            Some(Found::Element(mark)) => Some(mark),
            _ if in_a_frame => Some(Mark::Quote),
            _ => None,
        };
        if self.open.len() < DEEPEST {
            let hidden =
                matches!(name, "script" | "style" | "head" | "title" | "template" | "noscript" | "object" | "svg" | "math" | "select")
                    || is_hidden(tag);
            self.open.push(Open { name: name.to_owned(), hidden, mark });
            self.preformatted += usize::from(name == "pre");
        } else {
            self.deep = true;
        }
        // The tokenizer must know what is no markup.
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    fn breaks(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" | "blockquote" | "pre" => self.paragraph(),
            "div" | "tr" | "li" | "section" | "article" | "header" | "footer" | "center" | "dd" | "dt" | "address" | "fieldset"
            | "body"
                if !self.line.trim().is_empty() =>
            {
                self.line_end();
            }
            _ => {}
        }
    }

    /// Closes the nearest of this name, and what was left open in it.
    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.preformatted -= self.open.drain(at..).filter(|open| open.name == "pre").count();
        }
    }
}

/// Elements that HTML opens again by itself (the list of active formatting elements).
fn formats(name: &str) -> bool {
    matches!(name, "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u")
}

enum Found {
    Element(Mark),
    Rest,
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

/// The mailer's own marks, by mailer.
fn mark(tag: &Tag, name: &str) -> Option<Found> {
    let class = attribute(tag, "class").unwrap_or_default();
    let id = attribute(tag, "id").unwrap_or_default();
    let style = attribute(tag, "style").unwrap_or_default();
    let has = |wanted: &str| class.split_ascii_whitespace().any(|class| class == wanted);
    let quote = Some(Found::Element(Mark::Quote));
    match name {
        // Apple Mail, Thunderbird; 163.
        "blockquote" if attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite")) || id == "isReplyContent" => {
            return quote;
        }
        "blockquote" if has("gmail_quote") => return quote,
        // QQ.
        "includetail" | "qqmailfordward" => return Some(Found::Rest),
        _ => {}
    }
    // Gmail, Proton, Yahoo, Thunderbird.
    if has("gmail_quote") || has("gmail_quote_container") || has("protonmail_quote") {
        return Some(Found::Element(Mark::Frame { quoted: false }));
    }
    if has("gmail_attr") || has("moz-cite-prefix") || has("yahoo_quoted") || has("zmail_extra") || id == "isReplyContent" {
        return quote;
    }
    // Foxmail.
    if style.contains("FoxDiv") || class.contains("FoxDiv") || id.contains("FoxDiv") {
        return quote;
    }
    // Outlook: everything below the line.
    if matches!(id, "divRplyFwdMsg" | "appendonsend" | "x_divRplyFwdMsg") || has("OutlookMessageHeader") {
        return Some(Found::Rest);
    }
    let signs = has("gmail_signature")
        || has("moz-signature")
        || id == "Signature"
        || id == "ms-outlook-mobile-signature"
        || id == "ntes-pcmail-signature";
    signs.then_some(Found::Element(Mark::Signature))
}

/// Preheaders and other text that is there to be found, not to be read.
fn is_hidden(tag: &Tag) -> bool {
    let style: String = attribute(tag, "style").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden") || attribute(tag, "hidden").is_some()
}
