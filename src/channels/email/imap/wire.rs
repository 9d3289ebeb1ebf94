//! The wire of IMAP (RFC 9051 §9) as a client hears it: bytes in, responses out, no IO. Servers differ in much that is not lexical, so the
//! lexical layer is all that is parsed here: atoms, strings, literals, lists. It knows no command and refuses no extension.

use bytes::{Buf, Bytes, BytesMut};

/// Longest response without its literals, bytes.
const LONGEST_LINE: usize = 1 << 20;
/// Lists within lists.
const DEEPEST: usize = 32;

/// Something that a response holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// An atom, with a section in brackets where it has one (`BODY[HEADER]`).
    Atom(String),
    /// A quoted string or a literal.
    Text(Bytes),
    Nil,
    List(Vec<Value>),
}

impl Value {
    pub fn atom(&self) -> Option<&str> {
        match self {
            Value::Atom(atom) => Some(atom),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<u64> {
        self.atom()?.parse().ok()
    }

    pub fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }
}

/// What became of a command, or what the server says unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    No,
    Bad,
    PreAuth,
    Bye,
}

/// One response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Response {
    /// `+`: go on; the text is base64 where the server challenges.
    Continue(String),
    /// The end of the command with this tag (`None`: said unasked), with its code in brackets.
    Status { tag: Option<String>, status: Status, code: Vec<String>, text: String },
    /// `* 12 EXISTS`, `* 12 FETCH (…)`.
    Numbered { number: u64, what: String, values: Vec<Value> },
    /// `* CAPABILITY …`, `* SEARCH …`.
    Data { what: String, values: Vec<Value> },
}

/// The server speaks something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server speaks no IMAP: {0}")]
pub(in super::super) struct Broken(pub &'static str);

/// Collects what is heard until a response is whole.
#[derive(Debug)]
pub(super) struct Reader {
    buffer: BytesMut,
    /// Lines and literals of the response that is being heard.
    parts: Vec<Part>,
    line_bytes: usize,
    /// Bytes of the literal that comes now.
    literal: Option<usize>,
    /// Up to where no line end was found.
    looked: usize,
    longest_literal: usize,
}

#[derive(Debug)]
enum Part {
    Line(Bytes),
    Literal(Bytes),
}

impl Reader {
    /// A literal longer than `longest_literal` breaks the connection.
    pub fn new(longest_literal: usize) -> Reader {
        Reader { buffer: BytesMut::new(), parts: Vec::new(), line_bytes: 0, literal: None, looked: 0, longest_literal }
    }

    /// Where bytes are put that were heard.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Nothing was heard that was not given out.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.parts.is_empty()
    }

    /// The next response, once it is whole.
    pub fn next(&mut self) -> Result<Option<Response>, Broken> {
        loop {
            if let Some(length) = self.literal {
                if self.buffer.len() < length {
                    return Ok(None);
                }
                self.parts.push(Part::Literal(self.buffer.split_to(length).freeze()));
                self.literal = None;
                self.looked = 0;
            }
            let found = self.buffer.iter().skip(self.looked).position(|b| *b == b'\n').map(|at| self.looked + at);
            let Some(end) = found else {
                self.looked = self.buffer.len();
                if self.buffer.len() + self.line_bytes > LONGEST_LINE {
                    return Err(Broken("a line without an end"));
                }
                return Ok(None);
            };
            let mut line = self.buffer.split_to(end);
            self.buffer.advance(1);
            self.looked = 0;
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            self.line_bytes += line.len();
            if self.line_bytes > LONGEST_LINE {
                return Err(Broken("a response without an end"));
            }
            if let Some((length, mark)) = announced(&line) {
                if length > self.longest_literal {
                    return Err(Broken("a literal longer than was asked for"));
                }
                line.truncate(mark);
                self.parts.push(Part::Line(line.freeze()));
                self.literal = Some(length);
                continue;
            }
            self.parts.push(Part::Line(line.freeze()));
            let parts = std::mem::take(&mut self.parts);
            self.line_bytes = 0;
            return response(parts).map(Some);
        }
    }
}

/// The length of the literal that a line announces at its end (`{12}`, `~{12}`, `{12+}`), and where the announcement begins.
fn announced(line: &[u8]) -> Option<(usize, usize)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|b| *b == b'{')?;
    let digits = inner.get(open + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let mark = if open > 0 && line.get(open - 1) == Some(&b'~') { open - 1 } else { open };
    Some((length, mark))
}

fn response(parts: Vec<Part>) -> Result<Response, Broken> {
    let Some(Part::Line(first)) = parts.first() else { return Err(Broken("an empty response")) };
    let text = String::from_utf8_lossy(first).into_owned();
    if let Some(rest) = text.strip_prefix('+') {
        return Ok(Response::Continue(rest.trim().to_owned()));
    }
    let (tag, rest) = text.split_once(' ').ok_or(Broken("a response without words"))?;
    let tag = (tag != "*").then(|| tag.to_owned());
    if let Some((status, words)) = status(rest) {
        let (code, text) = code(words);
        return Ok(Response::Status { tag, status, code, text });
    }
    if tag.is_some() {
        return Err(Broken("a command that ends without a status"));
    }
    let skip = first.len() - rest.len().min(first.len());
    let mut values = Parser { parts: &parts, part: 0, at: skip }.values(None, 0)?.into_iter();
    let head = values.next().and_then(|value| value.atom().map(str::to_owned)).ok_or(Broken("a response without a name"))?;
    if let Ok(number) = head.parse() {
        let what = values.next().and_then(|value| value.atom().map(str::to_ascii_uppercase)).ok_or(Broken("a number of nothing"))?;
        return Ok(Response::Numbered { number, what, values: values.collect() });
    }
    Ok(Response::Data { what: head.to_ascii_uppercase(), values: values.collect() })
}

fn status(rest: &str) -> Option<(Status, &str)> {
    let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let status = match word.to_ascii_uppercase().as_str() {
        "OK" => Status::Ok,
        "NO" => Status::No,
        "BAD" => Status::Bad,
        "PREAUTH" => Status::PreAuth,
        "BYE" => Status::Bye,
        _ => return None,
    };
    Some((status, text))
}

/// `[UIDVALIDITY 3857529045] UIDs valid` in its parts.
fn code(text: &str) -> (Vec<String>, String) {
    let split = text.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    match split {
        Some((code, text)) => (code.split_whitespace().map(str::to_owned).collect(), text.trim().to_owned()),
        None => (Vec::new(), text.trim().to_owned()),
    }
}

struct Parser<'a> {
    parts: &'a [Part],
    part: usize,
    at: usize,
}

impl Parser<'_> {
    fn line(&self) -> &[u8] {
        match self.parts.get(self.part) {
            Some(Part::Line(line)) => line.get(self.at..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Values up to the end, or to the parenthesis that closes the list.
    fn values(&mut self, closing: Option<u8>, depth: usize) -> Result<Vec<Value>, Broken> {
        if depth > DEEPEST {
            return Err(Broken("lists within lists without an end"));
        }
        let mut values = Vec::new();
        loop {
            if self.line().is_empty() {
                // A literal stands between two lines.
                match self.parts.get(self.part + 1) {
                    Some(Part::Literal(bytes)) => {
                        values.push(Value::Text(bytes.clone()));
                        self.part += 2;
                        self.at = 0;
                        continue;
                    }
                    _ if closing.is_none() => return Ok(values),
                    _ => return Err(Broken("a list without an end")),
                }
            }
            match self.line().first() {
                Some(b' ') => self.at += 1,
                Some(b'(') => {
                    self.at += 1;
                    values.push(Value::List(self.values(Some(b')'), depth + 1)?));
                }
                Some(b')') if closing.is_some() => {
                    self.at += 1;
                    return Ok(values);
                }
                Some(b'"') => values.push(self.quoted()?),
                _ => values.push(self.atom()?),
            }
        }
    }

    fn quoted(&mut self) -> Result<Value, Broken> {
        let line = self.line();
        let mut text = Vec::new();
        let mut at = 1;
        loop {
            match line.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    text.push(*line.get(at + 1).ok_or(Broken("a string without an end"))?);
                    at += 2;
                }
                Some(byte) => {
                    text.push(*byte);
                    at += 1;
                }
                None => return Err(Broken("a string without an end")),
            }
        }
        self.at += at + 1;
        Ok(Value::Text(text.into()))
    }

    fn atom(&mut self) -> Result<Value, Broken> {
        let line = self.line();
        let mut end = 0;
        let mut brackets = 0_usize;
        while let Some(byte) = line.get(end) {
            match byte {
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b' ' | b'(' | b')' | b'"' if brackets == 0 => break,
                _ => {}
            }
            end += 1;
        }
        if end == 0 {
            return Err(Broken("something out of place"));
        }
        let atom = String::from_utf8_lossy(line.get(..end).unwrap_or_default()).into_owned();
        self.at += end;
        Ok(if atom.eq_ignore_ascii_case("NIL") { Value::Nil } else { Value::Atom(atom) })
    }
}

/// A string as a command holds it: quoted where it may be, else `None`: it must go as a literal.
pub(super) fn quote(text: &str) -> Option<String> {
    let fine = text.len() <= 1_000 && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    fine.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The name of a folder as the wire has it: modified UTF-7 (RFC 3501 §5.1.3).
pub(super) fn folder(name: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut out = String::new();
    let mut wide: Vec<u8> = Vec::new();
    let flush = |wide: &mut Vec<u8>, out: &mut String| {
        if !wide.is_empty() {
            out.push('&');
            out.push_str(&STANDARD_NO_PAD.encode(&wide).replace('/', ","));
            out.push('-');
            wide.clear();
        }
    };
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut wide, &mut out);
            out.push(c);
            out.push_str(if c == '&' { "-" } else { "" });
        } else {
            wide.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut wide, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_tests::{Random, Rounds};

    fn all(bytes: &[u8]) -> Result<Vec<Response>, Broken> {
        let mut reader = Reader::new(1 << 16);
        reader.buffer().extend_from_slice(bytes);
        let mut found = Vec::new();
        while let Some(response) = reader.next()? {
            found.push(response);
        }
        Ok(found)
    }

    const HEARD: &[u8] = b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n* 3 EXISTS\r\n\
        * 2 FETCH (UID 12 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 7 BODY[HEADER.FIELDS (FROM)] NIL BODY[] {7}\r\nA(\r\n\"{3 X-GM \"a\\\"b\")\r\n\
        * SEARCH 4 5\r\n+ go on\r\na1 NO [AUTHENTICATIONFAILED] wrong\r\n* BYE\r\n";

    #[test]
    fn responses_are_heard_whole_however_they_are_cut() {
        let whole = all(HEARD).expect("IMAP");
        assert_eq!(whole.len(), 7);
        let fetched = Response::Numbered {
            number: 2,
            what: "FETCH".into(),
            values: vec![Value::List(vec![
                Value::Atom("UID".into()),
                Value::Atom("12".into()),
                Value::Atom("FLAGS".into()),
                Value::List(vec![Value::Atom("\\Seen".into())]),
                Value::Atom("INTERNALDATE".into()),
                Value::Text("17-Jul-1996 02:44:25 -0700".into()),
                Value::Atom("RFC822.SIZE".into()),
                Value::Atom("7".into()),
                Value::Atom("BODY[HEADER.FIELDS (FROM)]".into()),
                Value::Nil,
                Value::Atom("BODY[]".into()),
                Value::Text(Bytes::from_static(b"A(\r\n\"{3")),
                Value::Atom("X-GM".into()),
                Value::Text("a\"b".into()),
            ])],
        };
        assert!(whole.contains(&fetched), "{whole:#?}");
        let mut reader = Reader::new(1 << 16);
        let mut found = Vec::new();
        for byte in HEARD {
            reader.buffer().extend_from_slice(&[*byte]);
            while let Some(response) = reader.next().expect("IMAP") {
                found.push(response);
            }
        }
        assert_eq!(found, whole);
        assert!(reader.is_empty());
    }

    #[test]
    fn servers_cannot_make_us_wait_or_hold_without_end() {
        assert_eq!(all(b"* 1 FETCH (BODY[] {99999999}\r\n"), Err(Broken("a literal longer than was asked for")));
        assert_eq!(all(&vec![b'a'; LONGEST_LINE + 1]), Err(Broken("a line without an end")));
        let mut deep = b"* X ".to_vec();
        deep.extend(vec![b'('; 10_000]);
        deep.extend(b"\r\n");
        assert_eq!(all(&deep), Err(Broken("lists within lists without an end")));
        assert_eq!(all(b"* X (\r\n"), Err(Broken("a list without an end")));
        assert_eq!(all(b"* X \"\r\n"), Err(Broken("a string without an end")));
        assert_eq!(all(b"HTTP/1.1 400 Bad Request\r\n"), Err(Broken("a command that ends without a status")));
    }

    #[test]
    fn names_of_folders_and_strings_are_written_as_the_wire_has_them() {
        assert_eq!(folder("INBOX/客服 & Co"), "INBOX/&W6JnDQ- &- Co");
        assert_eq!(folder("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "the example of RFC 3501");
        assert_eq!(quote("a\"\\b").as_deref(), Some("\"a\\\"\\\\b\""));
        assert_eq!(quote("a\r\nb"), None);
    }

    #[test]
    fn fuzz_imap() {
        let rounds = Rounds::new("imap", 3_000, 41);
        let mut random = Random::new(rounds.seed);
        for _ in rounds {
            let mut bytes = HEARD.to_vec();
            for _ in 0..=random.below(6) {
                let at = random.index(bytes.len());
                match random.below(3) {
                    0 => bytes[at] = random.below(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, *b"{}()[]\"\\ 9\r\n".get(random.index(12)).unwrap_or(&b' ')),
                }
            }
            let _ = all(&bytes);
        }
    }
}
