//! One piece → a reply while the customer's token is young (free, once), else a push, which counts but may be repeated by its key.
//!
//! What was not answered is tried again at once, within the same call: a reply with the same token, of which LINE then says that it is sent now or that
//! it is used, and so is the message; a push with its key. Later it could go the other way a second time, so what is still not known then is
//! told as unknown.

use super::Line;
use super::api::{Posted, Taken};
use super::read::CONTENT;
use crate::channels::meta::pages::title;
use crate::channels::platform::{Fetched, Handed, LocalFile, Piece, Signal, Trouble};
use crate::channels::{lost, taps};
use crate::desk::card::degrees;
use crate::desk::id::{At, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::reach::{Ask, Lost};
use serde_json::{Value, json};
use std::time::Duration;

/// Longest label of a tapped answer, characters; longest of what it tells us, bytes.
const LABEL: usize = 20;
const DATA: usize = 300;
/// Longest text of a template under a title, and of what stands for it in notices, characters.
const ABOUT: usize = 60;
const ALTERNATIVE: usize = 400;
/// Largest picture, bytes.
const PICTURE: u64 = 10 << 20;
const FILE_WITHIN: Duration = Duration::from_secs(180);
/// How often a film that is still being prepared is asked for within one try.
const PREPARING: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);
/// Tries of a message whose answers are lost, and the pause between them.
const TRIES: u32 = 4;
const AGAIN: Duration = Duration::from_millis(400);
/// A token is good for a minute, and a little longer at LINE's pleasure, ms.
const TOKEN_MS: i64 = 60_000;

/// By which way a piece was tried.
#[derive(Clone)]
pub(super) enum Way {
    Reply { token: String, at: At },
    Push,
}

impl Line {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let message = match piece.files.as_slice() {
            [] => content(piece),
            [file] => self.lent(file)?,
            _ => return Err(Trouble::Refused("LINE takes one file in a message".into())),
        };
        let way = match self.tried.of(&piece.key) {
            Some(way) => way,
            None => self.way(piece),
        };
        self.tried.tell(piece.key.clone(), way.clone());
        match way {
            Way::Reply { token, at } => self.reply(piece, &token, at, &message).await,
            Way::Push => self.push(piece, &message).await,
        }
    }

    /// A picture that LINE fetches; every other file as a link, because LINE takes no others.
    fn lent(&self, file: &LocalFile) -> Result<Value, Trouble> {
        let url = self.lender.address(file, self.clock.now())?;
        Ok(match file.mime.as_str() {
            "image/jpeg" | "image/png" if file.bytes <= PICTURE => {
                json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url })
            }
            _ => json!({ "type": "text", "text": format!("{}\n{url}", file.name) }),
        })
    }

    /// The token is taken: it can be used once.
    fn way(&self, piece: &Piece) -> Way {
        let now = self.clock.now();
        let young = |token: &super::Token| now.since(token.at) < self.reply_within;
        match self.tokens.take(&piece.to.value).filter(young) {
            Some(token) => Way::Reply { token: token.value, at: token.at },
            None => Way::Push,
        }
    }

    async fn reply(&self, piece: &Piece, token: &str, at: At, message: &Value) -> Result<Handed, Trouble> {
        let mut lost = None;
        for _ in 0..TRIES {
            match self.api.post("v2/bot/message/reply", &json!({ "replyToken": token, "messages": [message] }), None).await {
                Ok(Taken::Now(said)) => return Ok(handed(&said)),
                Ok(Taken::Before) => return Ok(handed(&Value::Null)),
                Err(Posted::Refused(Trouble::Refused(why))) if why.contains("reply token") => {
                    return match (lost, self.clock.now().since(at) < TOKEN_MS) {
                        // Used, and by nobody but us.
                        (Some(_), true) => Ok(handed(&Value::Null)),
                        (Some(why), false) => Err(Trouble::Uncertain(why)),
                        // Too old: nothing was sent.
                        (None, _) => {
                            self.tried.tell(piece.key.clone(), Way::Push);
                            self.push(piece, message).await
                        }
                    };
                }
                Err(posted) => lost = Some(again(posted, lost)?),
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(Trouble::Uncertain(lost.unwrap_or_default()))
    }

    async fn push(&self, piece: &Piece, message: &Value) -> Result<Handed, Trouble> {
        let body = json!({ "to": piece.to.value, "messages": [message] });
        let (key, mut lost) = (uuid(&piece.key), None);
        for _ in 0..TRIES {
            match self.api.post("v2/bot/message/push", &body, Some(&key)).await {
                Ok(Taken::Now(said)) => return Ok(handed(&said)),
                Ok(Taken::Before) => return Ok(handed(&Value::Null)),
                Err(posted) => lost = Some(again(posted, lost)?),
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(Trouble::Uncertain(lost.unwrap_or_default()))
    }

    pub(super) async fn fetched(&self, media: &str) -> Result<Fetched, Trouble> {
        let Some(id) = media.strip_prefix(CONTENT) else {
            let url = media.parse().map_err(|_| Trouble::Refused("the file has no address".into()))?;
            let answer = self.api.client.fetch(Ask::get(url).within(FILE_WITHIN).most(self.most)).await.map_err(lost::asking)?;
            return whole(answer);
        };
        for _ in 0..PREPARING {
            let answer = self.api.content(id, self.most, FILE_WITHIN).await?;
            if answer.status.as_u16() != 202 {
                return whole(answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Trouble::RetryAfter(Duration::from_secs(10)))
    }

    pub(super) async fn show(&self, to: &Identity, signal: Signal) {
        let (path, body) = match signal {
            Signal::Typing => ("v2/bot/chat/loading/start", json!({ "chatId": to.value, "loadingSeconds": 20 })),
            Signal::Read => match self.read_tokens.of(&to.value) {
                Some(token) => ("v2/bot/chat/markAsRead", json!({ "markAsReadToken": token })),
                None => return,
            },
        };
        if let Err(Posted::Refused(error)) = self.api.post(path, &body, None).await {
            tracing::debug!(%error, "it is not shown");
        }
    }
}

/// Why it is tried again at once; else what it comes to. Once an answer was lost, a refusal of a later try says nothing of the first.
fn again(posted: Posted, before: Option<String>) -> Result<String, Trouble> {
    match (posted, before) {
        (Posted::Lost(Lost::Uncertain(why)) | Posted::Refused(Trouble::Uncertain(why)), _) => Ok(why),
        (_, Some(why)) => Err(Trouble::Uncertain(why)),
        (Posted::Lost(error), None) => Err(lost::sending(error)),
        (Posted::Refused(trouble), None) => Err(trouble),
    }
}

fn whole(answer: crate::reach::Answer) -> Result<Fetched, Trouble> {
    match answer.status.as_u16() {
        200 => Ok(Fetched { bytes: answer.body, name: None }),
        401 => Err(Trouble::Down("the token is refused".into())),
        400..=428 | 430..=499 => Err(Trouble::Refused("the file is not there any more".into())),
        status => Err(Trouble::Retry(format!("status {status}"))),
    }
}

fn handed(said: &Value) -> Handed {
    let id = said.pointer("/sentMessages/0/id").and_then(Value::as_str).map(str::to_owned);
    Handed { ids: id.into_iter().collect(), state: Delivery::Sent, threads: Vec::new() }
}

fn content(piece: &Piece) -> Value {
    let mut message = match &piece.extra {
        Some(Extra::Link { url, title, about, picture }) => return link(url, title, about, picture),
        Some(Extra::Place { latitude, longitude, label, address }) => {
            // Both have to be there.
            let address = if address.is_empty() { format!("{}, {}", degrees(*latitude), degrees(*longitude)) } else { address.clone() };
            json!({
                "type": "location", "title": label, "address": address, "latitude": taps::degrees(*latitude), "longitude": taps::degrees(*longitude),
            })
        }
        _ => json!({ "type": "text", "text": piece.text }),
    };
    if let Some(Extra::Choices { options }) = &piece.extra {
        let items: Vec<Value> = options.iter().enumerate().map(|(at, option)| item(piece.message, at, option)).collect();
        message["quickReply"] = json!({ "items": items });
    }
    message
}

/// A template with one button. The text has to be there, and the picture must lie behind TLS.
fn link(url: &str, name: &str, about: &str, picture: &str) -> Value {
    let opens = json!({ "type": "uri", "label": title(taps::host(url), LABEL), "uri": url });
    let text = if about.is_empty() { taps::host(url) } else { about };
    let mut card = json!({ "type": "buttons", "title": name, "text": title(text, ABOUT), "defaultAction": opens, "actions": [opens] });
    if picture.starts_with("https://") {
        card["thumbnailImageUrl"] = picture.into();
    }
    json!({ "type": "template", "altText": format!("{name}\n{url}").chars().take(ALTERNATIVE).collect::<String>(), "template": card })
}

/// What is tapped is shown as if the customer had written it, and told to us in full.
fn item(question: MessageId, at: usize, option: &str) -> Value {
    let (label, data) = (title(option, LABEL), taps::payload(question, at, option, DATA));
    let shown: String = option.chars().take(DATA).collect();
    json!({ "type": "action", "action": { "type": "postback", "label": label, "data": data, "displayText": shown } })
}

/// A key of ours as the UUID that LINE wants (RFC 9562 §5.8: version 8, made from what one likes).
pub(super) fn uuid(key: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut bytes: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes.first_chunk::<16>().copied().unwrap_or_default());
    let cut = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    [cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)].join("-")
}
