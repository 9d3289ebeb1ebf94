//! One piece → one request, with the piece's key as `biz_opaque_callback_data`: receipts bring it back, even before the answer does.

use super::Whatsapp;
use crate::channels::meta::graph::id;
use crate::channels::meta::pages::title;
use crate::channels::platform::{Fetched, Handed, LocalFile, Piece, Signal, Trouble};
use crate::channels::{lost, taps};
use crate::desk::id::MessageId;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::reach::Part;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// Most answers that are buttons; more are a list.
const BUTTONS: usize = 3;
/// Longest title of a button and of a row, and longest id of a row, characters and bytes.
const BUTTON: usize = 20;
const ROW: usize = 24;
const ROW_ABOUT: usize = 72;
const ROW_ID: usize = 190;
/// What opens the list; there is no room for a language.
const OPEN_LIST: &str = "☰";
/// Longest body above buttons, characters.
const BODY: usize = 1_024;

impl Whatsapp {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let mut body = envelope(piece);
        let (kind, content) = match (piece.files.as_slice(), &piece.extra) {
            ([], Some(Extra::Template { name, language, variables })) => ("template", self.template(name, language, variables).await),
            ([], Some(Extra::Choices { options })) if piece.text.chars().count() <= BODY => {
                ("interactive", interactive(piece.message, &piece.text, options))
            }
            ([], Some(Extra::Link { url, title, about, picture })) => ("interactive", link(url, title, about, picture)),
            ([], Some(Extra::Place { latitude, longitude, label, address })) => {
                let mut pin = json!({ "latitude": taps::degrees(*latitude), "longitude": taps::degrees(*longitude), "name": label });
                if !address.is_empty() {
                    pin["address"] = address.as_str().into();
                }
                ("location", pin)
            }
            ([], _) => ("text", json!({ "body": piece.text, "preview_url": false })),
            ([file], extra) => self.file(file, &piece.text, matches!(extra, Some(Extra::Voice))).await?,
            _ => return Err(Trouble::Refused("WhatsApp takes one file in a message".into())),
        };
        body.insert("type".into(), kind.into());
        body.insert(kind.into(), content);
        let said = self.graph.send(&format!("{}/messages", id(&self.phone_number_id)?), &Value::Object(body)).await?;
        let ids = said.pointer("/messages/0/id").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
        Ok(Handed { ids, state: Delivery::Sent, threads: Vec::new() })
    }

    /// Uploads a file and gives the message that shows it. Nothing is sent before the upload is there.
    async fn file(&self, file: &LocalFile, caption: &str, voice: bool) -> Result<(&'static str, Value), Trouble> {
        let kind = kind(file, !caption.is_empty());
        let bytes: Bytes =
            tokio::fs::read(&file.path).await.map_err(|error| Trouble::Retry(format!("the file cannot be read: {error}")))?.into();
        let parts = [
            Part::text("messaging_product", "whatsapp"),
            Part::text("type", &file.mime),
            Part::file("file", &file.name, &file.mime, bytes),
        ];
        let path = format!("{}/media", id(&self.phone_number_id)?);
        let said = self.graph.form(&path, &parts, lost::asking).await?;
        let media = said.get("id").and_then(Value::as_str).ok_or_else(|| Trouble::Retry("the upload has no id".into()))?;
        let mut content = json!({ "id": media });
        if let Some(content) = content.as_object_mut() {
            if !caption.is_empty() && kind != "audio" {
                content.insert("caption".into(), caption.into());
            }
            if kind == "document" {
                content.insert("filename".into(), file.name.as_str().into());
            }
            if kind == "audio" && voice && file.mime == "audio/ogg" {
                content.insert("voice".into(), true.into());
            }
        }
        Ok((kind, content))
    }

    /// Two steps: the address, which lives five minutes, and what is there.
    pub(super) async fn fetched(&self, media: &str) -> Result<Fetched, Trouble> {
        let found = self.graph.get(id(media)?, "").await?;
        let size = found.get("file_size").and_then(Value::as_u64).unwrap_or(0);
        let too_large = usize::try_from(size).map_or(true, |size| size > self.most);
        if too_large {
            return Err(Trouble::Refused(format!("larger than {} MB", self.most >> 20)));
        }
        let url = found.get("url").and_then(Value::as_str).ok_or_else(|| Trouble::Refused("the file has no address".into()))?;
        Ok(Fetched { bytes: self.graph.file(url, self.most).await?, name: None })
    }

    /// The values at their places; what is not known of a template after a start is asked for.
    async fn template(&self, name: &str, language: &str, variables: &[String]) -> Value {
        let known = (name.to_owned(), language.to_owned());
        if self.places.of(&known).is_none() {
            // Without an answer they all go to the body, where most templates have them.
            let _ = self.listed().await;
        }
        let places = self.places.of(&known).unwrap_or_default();
        // Neither line ends nor tabs are taken in variables (132018).
        let text = |value: &String| json!({ "type": "text", "text": value.split_whitespace().collect::<Vec<_>>().join(" ") });
        let (head, rest) = variables.split_at(usize::from(places.head.is_some()).min(variables.len()));
        let (body, links) = rest.split_at(rest.len().saturating_sub(places.buttons.len()));
        let named = |value: &String, name: Option<&String>| match name.filter(|name| name.parse::<usize>().is_err()) {
            Some(name) => json!({ "type": "text", "parameter_name": name, "text": text(value)["text"] }),
            None => text(value),
        };
        let mut components = Vec::new();
        if !head.is_empty() {
            components.push(
                json!({ "type": "header", "parameters": head.iter().map(|value| named(value, places.head.as_ref())).collect::<Vec<_>>() }),
            );
        }
        if !body.is_empty() {
            let body = body.iter().enumerate().map(|(at, value)| named(value, places.body.get(at)));
            components.push(json!({ "type": "body", "parameters": body.collect::<Vec<_>>() }));
        }
        for (button, value) in places.buttons.iter().zip(links) {
            components.push(json!({ "type": "button", "sub_type": "url", "index": button.to_string(), "parameters": [text(value)] }));
        }
        json!({ "name": name, "language": { "code": language }, "components": components })
    }

    /// The platform shows both by the newest message: that it was read, and that somebody writes.
    pub(super) async fn show(&self, to: &Identity, signal: Signal) {
        let Some(newest) = self.newest.of(&to.value) else { return };
        let mut body = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": newest });
        if let (Signal::Typing, Some(body)) = (signal, body.as_object_mut()) {
            body.insert("typing_indicator".into(), json!({ "type": "text" }));
        }
        let shown = async { self.graph.send(&format!("{}/messages", id(&self.phone_number_id)?), &body).await };
        if let Err(error) = shown.await {
            tracing::debug!(%error, "it is not shown");
        }
    }
}

/// To whom: a number, or an id of this portfolio, which begins with a country and a dot.
fn envelope(piece: &Piece) -> Map<String, Value> {
    let to = if piece.to.value.contains('.') { "recipient" } else { "to" };
    let body = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", to: piece.to.value, "biz_opaque_callback_data": piece.key,
    });
    body.as_object().cloned().unwrap_or_default()
}

/// Titles have little room; what a tap tells us has the whole answer.
fn interactive(question: MessageId, text: &str, options: &[String]) -> Value {
    let tell = |at: usize, option: &str| taps::payload(question, at, option, ROW_ID);
    if options.len() <= BUTTONS {
        let button = |(at, option): (usize, &String)| json!({ "type": "reply", "reply": { "id": tell(at, option), "title": title(option, BUTTON) } });
        let buttons: Vec<Value> = options.iter().enumerate().map(button).collect();
        return json!({ "type": "button", "body": { "text": text }, "action": { "buttons": buttons } });
    }
    let row = |(at, option): (usize, &String)| match option.chars().count() <= ROW {
        true => json!({ "id": tell(at, option), "title": option }),
        false => json!({ "id": tell(at, option), "title": title(option, ROW), "description": title(option, ROW_ABOUT) }),
    };
    let rows: Vec<Value> = options.iter().enumerate().map(row).collect();
    json!({ "type": "list", "body": { "text": text }, "action": { "button": OPEN_LIST, "sections": [{ "rows": rows }] } })
}

/// A button that leads there. It is called by whose the address is, because it has to be called something in any language.
fn link(url: &str, name: &str, about: &str, picture: &str) -> Value {
    let words = if about.is_empty() { name.to_owned() } else { format!("{name}\n{about}") };
    let action = json!({ "name": "cta_url", "parameters": { "display_text": title(taps::host(url), BUTTON), "url": url } });
    let mut content = json!({ "type": "cta_url", "body": { "text": words }, "action": action });
    if !picture.is_empty() {
        content["header"] = json!({ "type": "image", "image": { "link": picture } });
    }
    content
}

/// As what a file is shown. Sounds carry no words, so with words they are documents.
fn kind(file: &LocalFile, words: bool) -> &'static str {
    match (file.mime.as_str(), file.bytes) {
        ("image/jpeg" | "image/png", ..=5_242_880) => "image",
        ("video/mp4" | "video/3gpp", ..=16_777_216) => "video",
        ("audio/aac" | "audio/mp4" | "audio/mpeg" | "audio/amr" | "audio/ogg", ..=16_777_216) if !words => "audio",
        _ => "document",
    }
}
