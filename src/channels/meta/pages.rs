//! The Send API, which Messenger and Instagram share: texts, files, answers to tap, and what is shown beside them.

use super::errors::Said;
use super::graph::{Graph, id};
use super::messaging::{Account, OURS};
use crate::channels::lend::Lender;
use crate::channels::platform::{Fetched, Handed, LocalFile, Piece, Signal, Trouble};
use crate::channels::{lost, taps};
use crate::clock::Clock;
use crate::desk::id::MessageId;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::desk::traits::Cards;
use crate::reach::Part;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// How long an answer is an ordinary one.
const RESPONSE_MS: i64 = 24 * 3_600_000;
/// Longest title of a tapped answer, characters.
const LONGEST_TITLE: usize = 20;
/// Longest of what a tapped answer tells us, bytes.
const LONGEST_PAYLOAD: usize = 900;

/// Quick replies and generic templates; places are words.
pub(in crate::channels) const CARDS: Cards = Cards {
    choice: LONGEST_TITLE,
    question: 0,
    links: true,
    pictured: false,
    title: LONGEST_LINE,
    about: LONGEST_LINE,
    places: false,
    bare: false,
};
/// Longest line of a generic template, characters.
const LONGEST_LINE: usize = 80;

/// One page or account.
pub(in crate::channels) struct Pages {
    pub graph: Graph,
    pub account: Account,
    /// The app may answer for a week by the tag of human agents.
    pub human_agent: bool,
    /// Instagram fetches files from an address; without one they are handed over.
    pub lender: Option<Lender>,
    /// Echoes bring back what we put beside a message.
    pub metadata: bool,
    /// Largest file that is fetched, bytes.
    pub most: usize,
    pub clock: Clock,
}

impl Pages {
    pub(in crate::channels) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let mut body = self.envelope(piece);
        let mut message = Map::new();
        if self.metadata {
            message.insert("metadata".into(), format!("{OURS}{}", piece.key).into());
        }
        let path = format!("{}/messages", id(&self.account.id)?);
        let said = match piece.files.as_slice() {
            [] => {
                if let Some(Extra::Link { url, title, about, picture }) = &piece.extra {
                    message.insert("attachment".into(), link(url, title, about, picture));
                } else {
                    message.insert("text".into(), piece.text.as_str().into());
                }
                if let Some(Extra::Choices { options }) = &piece.extra {
                    let choices = options.iter().enumerate().map(|(at, option)| choice(piece.message, at, option));
                    message.insert("quick_replies".into(), choices.collect());
                }
                body.insert("message".into(), message.into());
                self.graph.send(&path, &Value::Object(body)).await?
            }
            [file] => match &self.lender {
                Some(lender) => {
                    let url = lender.address(file, self.clock.now())?;
                    match kind(file) {
                        // It takes no documents: they are links.
                        "file" => message.insert("text".into(), format!("{}\n{url}", file.name).into()),
                        kind => message.insert("attachment".into(), json!({ "type": kind, "payload": { "url": url } })),
                    };
                    body.insert("message".into(), message.into());
                    self.graph.send(&path, &Value::Object(body)).await?
                }
                None => {
                    message.insert("attachment".into(), json!({ "type": kind(file), "payload": { "is_reusable": false } }));
                    body.insert("message".into(), message.into());
                    self.hand_file(&path, body, file).await?
                }
            },
            _ => return Err(Trouble::Refused("one file in a message".into())),
        };
        let ids = said.get("message_id").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
        Ok(Handed { ids, state: Delivery::Sent, threads: Vec::new() })
    }

    async fn hand_file(&self, path: &str, body: Map<String, Value>, file: &LocalFile) -> Result<Value, Trouble> {
        let bytes: Bytes =
            tokio::fs::read(&file.path).await.map_err(|error| Trouble::Retry(format!("the file cannot be read: {error}")))?.into();
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields: Vec<(String, String)> = body.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let mut parts: Vec<Part<'_>> = fields.iter().map(|(name, value)| Part::text(name, value)).collect();
        parts.push(Part::file("filedata", &file.name, &file.mime, bytes));
        self.graph.form(path, &parts, lost::sending).await
    }

    /// To whom, and by which right. Past the first day, only with the tag for people who answer themselves.
    fn envelope(&self, piece: &Piece) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("recipient".into(), json!({ "id": piece.to.value }));
        let late = piece.answers.newest.as_ref().is_some_and(|(_, at)| self.clock.now().since(*at) > RESPONSE_MS);
        if late && self.human_agent {
            body.insert("messaging_type".into(), "MESSAGE_TAG".into());
            body.insert("tag".into(), "HUMAN_AGENT".into());
        } else {
            body.insert("messaging_type".into(), "RESPONSE".into());
        }
        body
    }

    pub(in crate::channels) async fn show(&self, to: &Identity, signal: Signal) {
        let action = match signal {
            Signal::Typing => "typing_on",
            Signal::Read => "mark_seen",
        };
        let shown = async {
            let path = format!("{}/messages", id(&self.account.id)?);
            self.graph.send(&path, &json!({ "recipient": { "id": to.value }, "sender_action": action })).await
        };
        if let Err(error) = shown.await {
            tracing::debug!(%error, action, "it is not shown");
        }
    }

    /// Files lie at public addresses, which expire.
    pub(in crate::channels) async fn fetched(&self, media: &str) -> Result<Fetched, Trouble> {
        Ok(Fetched { bytes: self.graph.open_file(media, self.most).await?, name: None })
    }
}

fn kind(file: &LocalFile) -> &'static str {
    match file.mime.split('/').next() {
        Some("image") if file.mime != "image/svg+xml" => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "file",
    }
}

/// A title has little room; what it tells us has the whole answer.
fn choice(question: MessageId, at: usize, option: &str) -> Value {
    let payload = taps::payload(question, at, option, LONGEST_PAYLOAD);
    json!({ "content_type": "text", "title": title(option, LONGEST_TITLE), "payload": payload })
}

/// A generic template of one element.
fn link(url: &str, name: &str, about: &str, picture: &str) -> Value {
    let opens = |title: Option<String>| match title {
        Some(title) => json!({ "type": "web_url", "url": url, "title": title }),
        None => json!({ "type": "web_url", "url": url }),
    };
    let mut element =
        json!({ "title": name, "default_action": opens(None), "buttons": [opens(Some(title(taps::host(url), LONGEST_TITLE)))] });
    for (key, value) in [("subtitle", about), ("image_url", picture)].into_iter().filter(|(_, value)| !value.is_empty()) {
        element[key] = value.into();
    }
    json!({ "type": "template", "payload": { "template_type": "generic", "elements": [element] } })
}

/// The beginning of a text, with a sign that there is more.
pub(in crate::channels) fn title(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Refusals of the Send API.
pub(in crate::channels) fn judge(said: &Said) -> Option<Trouble> {
    match (said.code, said.error_subcode) {
        (10, 2_018_278 | 2_534_022) => Some(Trouble::WindowClosed),
        (551, _) | (100, 2_018_001 | 2_534_014) => Some(Trouble::Blocked(said.why())),
        (200, 1_545_041) => Some(Trouble::Blocked(said.why())),
        (100, _) => Some(Trouble::Refused(said.why())),
        _ => None,
    }
}
