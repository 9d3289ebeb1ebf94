//! One piece → one request. Messages of the firm's own account go by its connection, which the customer's newest message names.

use super::Telegram;
use super::wire::{connection, key};
use crate::channels::platform::{Fetched, Handed, LocalFile, Piece, Signal, Trouble};
use crate::channels::taps;
use crate::desk::card::degrees;
use crate::desk::id::MessageId;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Largest picture that is sent as one, bytes.
const LARGEST_PHOTO: u64 = 10 << 20;
const ASK: Duration = Duration::from_secs(20);

impl Telegram {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let mut parameters = Map::new();
        parameters.insert("chat_id".into(), chat(&piece.to)?.into());
        if let Some(connection) = piece.answers.newest.as_ref().and_then(|(newest, _)| connection(newest)) {
            parameters.insert("business_connection_id".into(), connection.into());
        }
        if let Some(Extra::Choices { options }) = &piece.extra {
            parameters.insert("reply_markup".into(), keyboard(piece.message, options));
        }
        let result = match (piece.files.as_slice(), &piece.extra) {
            ([], Some(Extra::Link { url, title, about, picture })) => self.hand_link(parameters, [url, title, about, picture]).await?,
            ([], Some(Extra::Place { latitude, longitude, label, address })) => {
                // Both have to be there.
                let address = if address.is_empty() { format!("{}, {}", degrees(*latitude), degrees(*longitude)) } else { address.clone() };
                for (name, value) in [("title", label.as_str().into()), ("address", Value::from(address))] {
                    parameters.insert(name.into(), value);
                }
                parameters.insert("latitude".into(), taps::degrees(*latitude).into());
                parameters.insert("longitude".into(), taps::degrees(*longitude).into());
                self.api.send("sendVenue", &Value::Object(parameters)).await?
            }
            ([], _) => {
                parameters.insert("text".into(), piece.text.as_str().into());
                self.api.send("sendMessage", &Value::Object(parameters)).await?
            }
            ([file], _) => {
                if !piece.text.is_empty() {
                    parameters.insert("caption".into(), piece.text.as_str().into());
                }
                self.hand_file(file, Value::Object(parameters)).await?
            }
            _ => return Err(Trouble::Refused("Telegram takes one file in a message".into())),
        };
        let number = |value: Option<&Value>| value.and_then(Value::as_i64);
        let (chat, message) = (number(result.get("chat").and_then(|chat| chat.get("id"))), number(result.get("message_id")));
        let connection = result.get("business_connection_id").and_then(Value::as_str);
        let ids = chat.zip(message).map(|(chat, message)| key(connection, chat, message)).into_iter().collect();
        Ok(Handed { ids, state: Delivery::Sent, threads: Vec::new() })
    }

    /// Words with a button under them, under the picture if there is one and Telegram can have it.
    async fn hand_link(&self, mut parameters: Map<String, Value>, [url, title, about, picture]: [&String; 4]) -> Result<Value, Trouble> {
        parameters.insert("reply_markup".into(), json!({ "inline_keyboard": [[{ "text": taps::host(url), "url": url }]] }));
        let words = if about.is_empty() { title.clone() } else { format!("{title}\n{about}") };
        if !picture.is_empty() {
            let mut with = parameters.clone();
            with.insert("photo".into(), picture.as_str().into());
            with.insert("caption".into(), words.as_str().into());
            match self.api.send("sendPhoto", &Value::Object(with)).await {
                Err(Trouble::Refused(why)) if is_of_content(&why) => tracing::warn!(why, "Telegram cannot have the picture of a link"),
                sent => return sent,
            }
        }
        parameters.insert("text".into(), words.into());
        self.api.send("sendMessage", &Value::Object(parameters)).await
    }

    async fn hand_file(&self, file: &LocalFile, parameters: Value) -> Result<Value, Trouble> {
        if file.bytes > self.max_upload {
            return Err(Trouble::Refused(format!("larger than {} MB", self.max_upload >> 20)));
        }
        let bytes: Bytes =
            tokio::fs::read(&file.path).await.map_err(|error| Trouble::Retry(format!("the file cannot be read: {error}")))?.into();
        let (method, field) = kind(file);
        let sent = self.api.send_file(method, &parameters, field, &file.name, &file.mime, bytes.clone()).await;
        match sent {
            // Too wide, too narrow or not what it seems: nothing was sent, and as a document it needs no looking at.
            Err(Trouble::Refused(why)) if method != "sendDocument" && is_of_content(&why) => {
                self.api.send_file("sendDocument", &parameters, "document", &file.name, &file.mime, bytes).await
            }
            sent => sent,
        }
    }

    pub(super) async fn fetched(&self, media: &str) -> Result<Fetched, Trouble> {
        let found = self.api.ask("getFile", &json!({ "file_id": media }), ASK).await?;
        let size = found.get("file_size").and_then(Value::as_u64).unwrap_or(0);
        let too_large = || Trouble::Refused(format!("larger than {} MB", self.max_download >> 20));
        if size > self.max_download {
            return Err(too_large());
        }
        let path = found.get("file_path").and_then(Value::as_str).ok_or_else(too_large)?;
        let bytes = self.api.file(path, usize::try_from(self.max_download).unwrap_or(usize::MAX)).await?;
        Ok(Fetched { bytes, name: None })
    }

    pub(super) async fn show(&self, to: &Identity, signal: Signal) {
        // A bot cannot show that it has read.
        let (Signal::Typing, Ok(chat)) = (signal, chat(to)) else { return };
        let mut parameters = json!({ "chat_id": chat, "action": "typing" });
        if let (Some(connection), Some(parameters)) = (self.connections.of(&chat), parameters.as_object_mut()) {
            parameters.insert("business_connection_id".into(), connection.into());
        }
        if let Err(error) = self.api.ask("sendChatAction", &parameters, ASK).await {
            tracing::debug!(%error, "typing is not shown");
        }
    }
}

fn chat(to: &Identity) -> Result<i64, Trouble> {
    to.value.parse().map_err(|_| Trouble::Refused("not a user of Telegram".into()))
}

fn kind(file: &LocalFile) -> (&'static str, &'static str) {
    match file.mime.as_str() {
        "image/jpeg" | "image/png" | "image/webp" if file.bytes <= LARGEST_PHOTO => ("sendPhoto", "photo"),
        "audio/ogg" => ("sendVoice", "voice"),
        "video/mp4" => ("sendVideo", "video"),
        _ => ("sendDocument", "document"),
    }
}

fn is_of_content(why: &str) -> bool {
    let codes = ["PHOTO_INVALID_DIMENSIONS", "PHOTO_SAVE_FILE_INVALID", "IMAGE_PROCESS_FAILED", "VOICE_MESSAGES_FORBIDDEN"];
    // What Telegram says of an address that it was to fetch.
    let fetching =
        ["WEBPAGE_", "wrong file identifier/HTTP URL specified", "failed to get HTTP URL content", "wrong type of the web page content"];
    codes.iter().chain(&fetching).any(|code| why.contains(code))
}

/// A button in each row, so that long words fit. What a button tells us is its question and place; its words stand in the message that comes back with it.
fn keyboard(question: MessageId, options: &[String]) -> Value {
    let button = |(at, option): (usize, &String)| json!([{ "text": option, "callback_data": taps::name(question, at) }]);
    json!({ "inline_keyboard": options.iter().enumerate().map(button).collect::<Vec<_>>() })
}
