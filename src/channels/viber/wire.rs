//! What Viber tells (REST Bot API 7.3), as far as we look at it.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "event")]
    pub kind: String,
    /// Milliseconds since 1970 UTC.
    pub timestamp: i64,
    pub message_token: Value,
    /// Of a message.
    pub sender: Option<User>,
    /// Of what becomes of ours, and of those who leave.
    pub user_id: Option<String>,
    pub message: Option<Message>,
    /// Why a message of ours failed.
    pub desc: Option<String>,
    /// A community, where others read what is answered.
    pub chat_id: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub id: String,
    pub name: Option<String>,
    pub language: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    pub text: Option<String>,
    pub media: Option<String>,
    pub file_name: Option<String>,
    pub location: Option<Location>,
    pub contact: Option<Contact>,
    pub sticker_id: Option<Value>,
    /// What our last message before it carried.
    pub tracking_data: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub lat: Value,
    pub lon: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub name: Option<String>,
    pub phone_number: Option<String>,
}

/// An answer: HTTP says 200 to everything that was understood.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    pub status: i64,
    #[serde(default)]
    pub status_message: String,
}

/// The name of a message: a number of 64 bits, which some examples write as text.
pub(super) fn token(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

/// Degrees, as a number or written out.
pub(super) fn degrees(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|degrees: &f64| degrees.is_finite()).unwrap_or(0.0)
}
