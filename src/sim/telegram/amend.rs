//! What a bot may make of its own messages: other words as long as there are any, nothing for 48 hours.

use super::{House, Refusal, Telegram, web};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// After so long nothing is deleted any more, ms.
const DELETED_WITHIN: i64 = 48 * 3_600_000;

impl Telegram {
    /// Lets so much time pass.
    pub fn pass(&self, time: Duration) {
        self.house.book(|book| book.offset += i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// The next amendment is done, and nobody hears so.
    pub fn cuts_next_amendment(&self) {
        self.house.book(|book| book.cut_next = true);
    }

    /// Waits until what was sent, and not deleted, is so.
    pub async fn shows(&self, texts: &[&str], within: Duration) {
        let is = || self.house.book(|book| book.sent.iter().map(|sent| sent.text.as_str()).eq(texts.iter().copied()));
        web::waited(&self.house.moved, within, is).await;
        assert_eq!(self.sent().iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>(), texts);
    }
}

pub(super) fn amend(house: &House, method: &str, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
    let bad = |why: &str| (400, format!("Bad Request: {why}"), json!({}));
    let number = |name: &str| parameters.get(name).and_then(Value::as_i64);
    let connection = parameters.get("business_connection_id").and_then(Value::as_str);
    if method == "deleteBusinessMessages" {
        let ids: Vec<i64> =
            parameters.get("message_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect();
        let connection = connection.filter(|_| (1..=100).contains(&ids.len())).ok_or_else(|| bad("business connection not found"))?;
        return house.book(|book| {
            let before = book.sent.len();
            book.sent.retain(|sent| sent.connection.as_deref() != Some(connection) || !ids.contains(&sent.id));
            if book.sent.len() == before { Err(bad("message to delete not found")) } else { Ok(Value::Bool(true)) }
        });
    }
    let (Some(chat), Some(id)) = (number("chat_id"), number("message_id")) else { return Err(bad("message identifier is not specified")) };
    let now = house.now();
    house.book(|book| {
        let place = book.sent.iter().position(|sent| (sent.chat, sent.id, sent.connection.as_deref()) == (chat, id, connection));
        let at = book.times.get(&(chat, id)).copied().unwrap_or_default();
        let told = if method == "deleteMessage" { "message to delete not found" } else { "message to edit not found" };
        // Customers' own messages are not the bot's to edit.
        let theirs = place.is_none() && book.messages.get(&chat).is_some_and(|newest| id <= *newest) && !book.deleted.contains(&(chat, id));
        if theirs && method != "deleteMessage" {
            return Err(bad("message can't be edited"));
        }
        let Some(place) = place else { return Err(bad(told)) };
        if method == "deleteMessage" {
            if now - at > DELETED_WITHIN {
                return Err(bad("message can't be deleted for everyone"));
            }
            book.sent.remove(place);
            book.deleted.insert((chat, id));
            return Ok(Value::Bool(true));
        }
        let Some(sent) = book.sent.get_mut(place) else { return Err(bad(told)) };
        let caption = method == "editMessageCaption";
        let text = parameters.get(if caption { "caption" } else { "text" }).and_then(Value::as_str).unwrap_or_default();
        if caption != sent.file.is_some() {
            return Err(bad(if caption { "there is no caption in the message to edit" } else { "there is no text in the message to edit" }));
        }
        if !caption && text.trim().is_empty() {
            return Err(bad("message text is empty"));
        }
        if text.encode_utf16().count() > if caption { 1_024 } else { 4_096 } {
            return Err(bad("message is too long"));
        }
        if sent.text == text {
            return Err(bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
            ));
        }
        sent.text = text.to_owned();
        Ok(json!({ "message_id": id, "chat": { "id": chat, "type": "private" }, "text": text, "edit_date": now / 1_000 }))
    })
}
