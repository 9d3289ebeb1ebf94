//! What the WeChat family sends, XML or JSON, as one tree of named values. No DTD, no entities but the five that XML itself has, no
//! attributes, bounded depth and number.

use crate::desk::card::millionths;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Levels of elements.
const DEPTH: usize = 12;
/// Elements in one message.
const MOST: usize = 2_000;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// A message or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields(Value);

impl Fields {
    /// By its first character: `<` begins XML, `{` JSON.
    pub fn read(bytes: &[u8]) -> Result<Fields, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        match text.as_bytes().first() {
            Some(b'<') => xml(text).map(Fields),
            Some(b'{') => match serde_json::from_str(text) {
                Ok(Value::Object(object)) => Ok(Fields(Value::Object(object))),
                _ => Err(Malformed("broken JSON")),
            },
            _ => Err(Malformed("neither XML nor JSON")),
        }
    }

    /// A text or a number, as text; `None` where it is missing or empty.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Degrees, as millionths of one.
    pub fn degrees(&self, name: &str) -> Option<i32> {
        let degrees: f64 = match self.0.get(name)? {
            Value::String(text) => text.trim().parse().ok()?,
            Value::Number(number) => number.as_f64()?,
            _ => return None,
        };
        (degrees.abs() <= 180.0).then(|| millionths(degrees))
    }

    /// What is within; a list gives each of its members, one thing alone is a list of it.
    pub fn each(&self, name: &str) -> Vec<Fields> {
        match self.0.get(name) {
            Some(Value::Array(list)) => list.iter().filter(|value| value.is_object()).cloned().map(Fields).collect(),
            Some(value @ Value::Object(_)) => vec![Fields(value.clone())],
            _ => Vec::new(),
        }
    }
}

/// An element that is open.
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    within: Map<String, Value>,
}

impl Open {
    fn value(self) -> Value {
        if self.within.is_empty() { Value::String(self.text) } else { Value::Object(self.within) }
    }
}

fn xml(text: &str) -> Result<Value, Malformed> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut count): (Vec<Open>, usize) = (Vec::new(), 0);
    loop {
        match reader.read_event().map_err(|_| Malformed("broken XML"))? {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEPTH || count > MOST {
                    return Err(Malformed("too much XML"));
                }
                open.push(Open { name: name(start.local_name().as_ref())?, ..Open::default() });
            }
            Event::Empty(empty) => {
                count += 1;
                let parent = open.last_mut().filter(|_| count <= MOST).ok_or(Malformed("too much XML"))?;
                put(parent, name(empty.local_name().as_ref())?, Value::String(String::new()));
            }
            Event::Text(text) => match open.last_mut() {
                Some(element) => element.text.push_str(&text),
                None if text.trim().is_empty() => {}
                None => return Err(Malformed("text outside of the XML")),
            },
            Event::CData(text) => open.last_mut().ok_or(Malformed("text outside of the XML"))?.text.push_str(&text),
            Event::GeneralRef(reference) => {
                let element = open.last_mut().ok_or(Malformed("text outside of the XML"))?;
                element.text.push(entity(&reference).ok_or(Malformed("an entity in the XML"))?);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(Malformed("broken XML"))?;
                let name = element.name.clone();
                match open.last_mut() {
                    Some(parent) => put(parent, name, element.value()),
                    None => return Ok(element.value()),
                }
            }
            Event::DocType(_) => return Err(Malformed("a DTD in the XML")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Err(Malformed("XML that is cut off")),
        }
    }
}

fn name(name: impl AsRef<[u8]>) -> Result<String, Malformed> {
    std::str::from_utf8(name.as_ref()).map(str::to_owned).map_err(|_| Malformed("not UTF-8"))
}

/// An element that comes again makes a list.
fn put(parent: &mut Open, name: String, value: Value) {
    match parent.within.get_mut(&name) {
        None => {
            parent.within.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// One of XML's own five, or a character by its number.
fn entity(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => {
            let number = other.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number).filter(|c| *c != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::wechat::crypt::tests::MESSAGE;
    use crate::fuzz_tests::{Rounds, fuzz};

    fn read(text: &str) -> Result<Fields, Malformed> {
        Fields::read(text.as_bytes())
    }

    #[test]
    fn both_forms_read_the_same() {
        let xml = read(MESSAGE).expect("XML");
        let json = read(
            r#" {"ToUserName":"gh_sim","FromUserName":"oSIM0001","CreateTime":1700000000,"MsgType":"text","Content":"你好","MsgId":1234567890123456}"#,
        );
        let json = json.expect("JSON");
        for name in ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Nothing"] {
            assert_eq!(xml.text(name), json.text(name), "{name}");
        }
        assert_eq!(xml.number("CreateTime"), Some(1_700_000_000));
        assert_eq!(read(r#"{"MsgId":18446744073709551615}"#).expect("JSON").text("MsgId").as_deref(), Some("18446744073709551615"));
    }

    #[test]
    fn lists_places_and_characters() {
        let sent = "<xml><Lat>23.134521</Lat><Content>a &lt;b&gt; &amp; &#x4f60;<![CDATA[ <c> ]]></Content><L><T>1</T></L><L><T>2</T></L><E/></xml>";
        let fields = read(sent).expect("XML");
        assert_eq!(fields.text("Content").as_deref(), Some("a <b> & 你 <c> "));
        assert_eq!(fields.degrees("Lat"), Some(23_134_521));
        assert_eq!(fields.each("L").iter().filter_map(|each| each.number("T")).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(fields.text("E"), None);
        assert_eq!(read(r#"{"L":{"T":1}}"#).expect("JSON").each("L").len(), 1);
        assert_eq!(read(r#"{"L":[{"T":1},{"T":2}],"Lat":"900"}"#).expect("JSON").degrees("Lat"), None);
    }

    #[test]
    fn hostile_xml_is_refused() {
        let bomb = "<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><xml><Content>&b;</Content></xml>";
        assert_eq!(read(bomb), Err(Malformed("a DTD in the XML")));
        assert_eq!(read("<xml><Content>&file;</Content></xml>"), Err(Malformed("an entity in the XML")));
        assert_eq!(read(&"<a>".repeat(100_000)), Err(Malformed("too much XML")));
        assert_eq!(read(&format!("<xml>{}</xml>", "<a></a>".repeat(3_000))), Err(Malformed("too much XML")));
        assert_eq!(read(&format!("<xml>{}</xml>", "<a/>".repeat(3_000))), Err(Malformed("too much XML")));
        assert_eq!(read(&MESSAGE[..MESSAGE.len() - "</xml>".len()]), Err(Malformed("XML that is cut off")));
        assert_eq!(read(&MESSAGE[..150]), Err(Malformed("broken XML")), "within a section");
        for broken in ["", "hello", "[]", "{", "<xml></yml>", "<", "{\"a\":}", "<xml>&#0;</xml>", "<xml>&#x110000;</xml>"] {
            assert!(read(broken).is_err(), "{broken}");
        }
        assert!(Fields::read(b"<xml>\xff</xml>").is_err());
        assert!(read(&format!("{{\"a\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000))).is_err(), "deep JSON");
    }

    #[test]
    fn fuzz_messages_never_panic() {
        let seeds = [MESSAGE.as_bytes().to_vec(), br#"{"MsgType":"text","List":[{"a":1}],"x":"1.5"}"#.to_vec()];
        fuzz(Rounds::new("wechat messages", 4_000, 43), &seeds, |input, _| {
            if let Ok(fields) = Fields::read(input) {
                for name in ["MsgType", "Content", "MsgId", "List", "x"] {
                    let _ = (fields.text(name), fields.number(name), fields.degrees(name), fields.each(name));
                }
            }
        });
    }
}
