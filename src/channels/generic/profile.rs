//! `[channels.http.profile]`: a platform that speaks its own JSON. Where the parts of a message stand in it is said by JSON pointers
//! (RFC 6901), what we send by a template; so a small bridge, or none, is enough where there is no connector.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use toml::Spanned;

/// How the platform's JSON is read and written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSection {
    /// How its requests are signed. Default: by Standard Webhooks.
    pub verify: Option<VerifySection>,
    /// What it wants to hear, as it is. Default: nothing.
    #[serde(default)]
    pub answer: String,
    /// Where the list of events stands in a request. Default: the request is one event.
    #[serde(default)]
    pub events: String,
    /// Messages of customers.
    pub message: MessageSection,
    /// How far ours have come. Default: never told.
    pub receipt: Option<ReceiptSection>,
    /// What we send. Default: our own JSON.
    pub send: Option<SendSection>,
}

/// A signature in a header, over the body as it comes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifySection {
    /// Its header.
    pub header: Name,
    /// `hmac-sha256`, `hmac-sha1`, `md5-body-secret`, `sha1-secret-body` or `equals` (the header is the secret).
    pub how: How,
    /// The platform's secret: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// `hex` or `base64`. Default: hex.
    #[serde(default)]
    pub encoding: Encoding,
    /// Stands before it, such as `sha256=`. Default: nothing.
    #[serde(default)]
    pub prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    HmacSha256,
    HmacSha1,
    Md5BodySecret,
    Sha1SecretBody,
    Equals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// Where the parts of a customer's message stand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSection {
    /// An event is one if each of these pointers leads to this value. Default: if it has an id and a sender.
    #[serde(default)]
    pub when: BTreeMap<Name, String>,
    pub id: Name,
    pub from: Name,
    pub name: Option<Name>,
    pub text: Name,
    /// Milliseconds, or seconds, since 1970 UTC. Default: when it comes.
    pub at: Option<Name>,
    /// The address of a file.
    pub media: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptSection {
    /// An event is one if each of these pointers leads to this value.
    pub when: BTreeMap<Name, String>,
    /// The id that `send.id` found, or ours.
    pub id: Name,
    pub state: Name,
    /// The platform's words for `sent`, `delivered`, `read` and `failed`.
    pub states: BTreeMap<String, String>,
    pub reason: Option<Name>,
}

/// A request of ours. `{to}`, `{text}`, `{id}` and `{conversation}` stand for those of the message, in any text of the body and in the
/// address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendSection {
    /// JSON.
    pub body: Name,
    /// Sent with it. Default: none.
    #[serde(default)]
    pub headers: BTreeMap<String, Spanned<Secret>>,
    /// Where the id stands in the answer. Default: it gives none.
    pub id: Option<Name>,
    /// It was taken if each of these pointers leads to this value. Default: if the status is 2xx.
    #[serde(default)]
    pub taken: BTreeMap<Name, String>,
    /// Where the reason stands if it was not.
    pub error: Option<Name>,
    /// What a value of `code` means: `retry`, `window_closed`, `blocked`, `quota` or `down`. Default: refused.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Where that value stands.
    pub code: Option<Name>,
}

/// What stands there, as text: a number or a truth by its JSON.
pub(super) fn text(event: &Value, pointer: &Name) -> Option<String> {
    match event.pointer(pointer.get_ref())? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn fits(event: &Value, when: &BTreeMap<Name, String>) -> bool {
    when.iter().all(|(pointer, wanted)| text(event, pointer).as_deref() == Some(wanted))
}

/// The template with the values put in. Texts alone are touched, so no value can end its quotation.
pub(super) fn filled(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(text) => Value::String(put_in(text, values)),
        Value::Array(items) => Value::Array(items.iter().map(|item| filled(item, values)).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), filled(value, values))).collect()),
        other => other.clone(),
    }
}

/// From left to right, so that a value which looks like a name is not replaced in turn.
pub(super) fn put_in(text: &str, values: &[(&str, &str)]) -> String {
    let (mut done, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        done.push_str(before);
        let named = values.iter().find(|(name, _)| {
            from.get(1..).is_some_and(|from| from.starts_with(name) && from.get(name.len()..).is_some_and(|end| end.starts_with('}')))
        });
        let taken = match named {
            Some((name, value)) => {
                done.push_str(value);
                name.len() + 2
            }
            None => {
                done.push('{');
                1
            }
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_put_in_and_break_nothing() {
        let template = json!({ "to": "{to}", "content": [{ "text": "<{text}> {unknown} {" }, 7] });
        let values = [("to", "a\"}"), ("text", "{to}\n\"")];
        assert_eq!(filled(&template, &values), json!({ "to": "a\"}", "content": [{ "text": "<{to}\n\"> {unknown} {" }, 7] }));
    }

    #[test]
    fn numbers_and_truths_are_texts() {
        let event = json!({ "a": { "b": [1, true, "x", {}, null] } });
        let at = |pointer: &str| text(&event, &Spanned::new(0..0, pointer.to_owned()));
        assert_eq!(at("/a/b/0").as_deref(), Some("1"));
        assert_eq!(at("/a/b/1").as_deref(), Some("true"));
        assert_eq!(at("/a/b/2").as_deref(), Some("x"));
        assert_eq!((at("/a/b/3"), at("/a/b/4"), at("/nothing")), (None, None, None));
    }
}
