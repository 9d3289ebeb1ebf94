//! What the Bot API says (core.telegram.org/bots/api), as far as we look at it.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One update as it is kept: what Telegram said, and when we heard it, because a tap on a button has no time of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Kept {
    /// Milliseconds since 1970 UTC.
    pub heard: i64,
    pub update: Update,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Update {
    pub update_id: i64,
    pub message: Option<Message>,
    pub edited_message: Option<Message>,
    pub business_message: Option<Message>,
    pub edited_business_message: Option<Message>,
    pub deleted_business_messages: Option<Deleted>,
    pub callback_query: Option<CallbackQuery>,
    pub my_chat_member: Option<ChatMember>,
    pub message_reaction: Option<Reacted>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub id: i64,
    pub is_bot: bool,
    pub first_name: String,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub language_code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chat {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub message_id: i64,
    /// Seconds since 1970 UTC.
    pub date: i64,
    pub edit_date: Option<i64>,
    pub from: Option<User>,
    pub chat: Chat,
    pub business_connection_id: Option<String>,
    /// Set on what a bot wrote for the firm.
    pub sender_business_bot: Option<User>,
    pub text: Option<String>,
    pub caption: Option<String>,
    pub photo: Option<Vec<File>>,
    pub document: Option<File>,
    pub voice: Option<File>,
    pub audio: Option<File>,
    pub video: Option<File>,
    pub video_note: Option<File>,
    pub animation: Option<File>,
    pub sticker: Option<Sticker>,
    pub location: Option<Location>,
    pub venue: Option<Venue>,
    pub contact: Option<Contact>,
    pub reply_markup: Option<Markup>,
    /// Kinds that we do not know, and what needs no look.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub file_id: String,
    pub file_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sticker {
    pub file_id: String,
    pub emoji: Option<String>,
    /// A vector animation, gzipped; no browser shows it.
    pub is_animated: bool,
    pub is_video: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Venue {
    pub location: Location,
    pub title: String,
    pub address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub phone_number: String,
    pub first_name: String,
    pub last_name: Option<String>,
    pub user_id: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Markup {
    pub inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub text: String,
    pub callback_data: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallbackQuery {
    pub id: String,
    pub from: User,
    pub message: Option<Message>,
    pub data: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Deleted {
    pub business_connection_id: String,
    pub chat: Chat,
    pub message_ids: Vec<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMember {
    pub chat: Chat,
    pub from: User,
    pub new_chat_member: Member,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reacted {
    pub chat: Chat,
    pub message_id: i64,
    pub user: Option<User>,
    pub date: i64,
    pub new_reaction: Vec<Reaction>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    /// Absent where it is a picture of the platform's own.
    pub emoji: Option<String>,
}

/// Every answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub ok: bool,
    pub result: Value,
    pub error_code: Option<u16>,
    pub description: String,
    pub parameters: Parameters,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    /// Seconds.
    pub retry_after: Option<u64>,
}

/// The name of a message. A customer's chat with the bot has their own number; with a connection, it is the firm's own chat with them.
pub(super) fn key(connection: Option<&str>, chat: i64, message: impl std::fmt::Display) -> String {
    match connection {
        Some(connection) => format!("b/{connection}/{chat}/{message}"),
        None => format!("{chat}/{message}"),
    }
}

/// The connection in such a name: by it the firm's own account answers.
pub(super) fn connection(key: &str) -> Option<&str> {
    key.strip_prefix("b/")?.rsplitn(3, '/').nth(2).filter(|connection| !connection.is_empty())
}

/// Connection, chat and number in such a name.
pub(super) fn place(key: &str) -> Option<(Option<&str>, i64, i64)> {
    let mut parts = key.rsplitn(3, '/');
    let (message, chat) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let connection = connection(key);
    (connection.is_some() || parts.next().is_none()).then_some((connection, chat, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_the_connection() {
        assert_eq!(connection(&key(None, 777, 5)), None);
        assert_eq!(connection(&key(Some("a/b"), -777, 5)), Some("a/b"));
        assert_eq!(connection(""), None);
        assert_eq!(place(&key(Some("a/b"), -777, 5)), Some((Some("a/b"), -777, 5)));
        assert_eq!((place(&key(None, 777, 5)), place("x/777/5"), place("777")), (Some((None, 777, 5)), None, None));
    }
}
