//! Requests to Douyin: an answer in a conversation, a picture, tokens. The code of what went wrong stands in one of two places.

use super::Douyin;
use super::hear::BETWEEN;
use crate::channels::platform::{Amend, Fetched, Found, Handed, LocalFile, Odd, Piece, Probe, Trouble};
use crate::channels::token::Token;
use crate::channels::wechat::api::encoded;
use crate::channels::wechat::send::clean;
use crate::desk::input::{Change, Delivery};
use crate::reach::{Answer, Ask, Lost, Part, multipart};
use http::{HeaderName, Uri, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

const SEND: &str = "/im/send/msg/";
const RECALL: &str = "/im/recall/msg/";
/// A talk of two.
const SINGLE: u8 = 1;
const UPLOAD: &str = "/tool/imagex/client_upload/";
const REFRESH: &str = "/oauth/refresh_token/";
pub(super) const WITHIN: Duration = Duration::from_secs(15);
const FILE_WITHIN: Duration = Duration::from_secs(60);
const LARGEST_FILE: usize = 32 << 20;
/// The account's owner is told so long before its authorisation ends, s.
const ENDS_SOON_S: i64 = 7 * DAY_S;
const DAY_S: i64 = 86_400;
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("access-token");

/// What went wrong.
pub(super) enum Fault {
    Token(String),
    Trouble(Trouble),
}

impl Fault {
    pub(super) fn trouble(self) -> Trouble {
        match self {
            Fault::Token(why) => Trouble::Down(why),
            Fault::Trouble(trouble) => trouble,
        }
    }
}

impl Douyin {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let answered = piece.answers.newest.as_ref().and_then(|(key, _)| key.split_once(BETWEEN));
        // The platform knows no message that answers nothing.
        let (message, conversation) = answered.ok_or(Trouble::WindowClosed)?;
        let content = match piece.files.first() {
            Some(file) => json!({ "msg_type": 2, "image": { "media_id": self.upload(file).await? } }),
            None => json!({ "msg_type": 1, "text": { "text": clean(&piece.text) } }),
        };
        let body = json!({ "msg_id": message, "conversation_id": conversation, "to_user_id": piece.to.value, "scene": "im_reply_msg", "content": content });
        let body = body.to_string();
        let ask = |token: &str| Ok(Ask::post(self.url(SEND)?, "application/json", body.clone()).header(ACCESS_TOKEN, token).within(WITHIN));
        let answer = self.asked(ask).await?;
        // As its echo will be named.
        let id = [&answer["data"]["msg_id"], &answer["msg_id"]].into_iter().find_map(|id| id.as_str());
        let id = id.map(|id| format!("{id}{BETWEEN}{conversation}"));
        Ok(Handed { ids: id.into_iter().collect(), state: Delivery::Sent, threads: Vec::new() })
    }

    /// Its messages are taken back one by one; other words they cannot get.
    pub(super) async fn take_from(&self, amend: &Amend) -> Result<(), Trouble> {
        if amend.change != Change::Recalled {
            return Err(Trouble::Refused("Douyin has no other words for a message".into()));
        }
        for piece in &amend.pieces {
            let named = piece.id.as_deref().and_then(|id| id.split_once(BETWEEN));
            let (message, conversation) = named.ok_or_else(|| Trouble::Refused("Douyin's number of the message is not known".into()))?;
            let body = json!({ "msg_id": message, "conversation_id": conversation, "conversation_type": SINGLE }).to_string();
            let ask =
                |token: &str| Ok(Ask::post(self.url(RECALL)?, "application/json", body.clone()).header(ACCESS_TOKEN, token).within(WITHIN));
            self.asked(ask).await?;
        }
        Ok(())
    }

    async fn upload(&self, file: &LocalFile) -> Result<String, Trouble> {
        let content = tokio::fs::read(&file.path).await.map_err(|error| Trouble::Retry(format!("a file: {error}")))?;
        let (content_type, body) = multipart(&[Part::file("image", &file.name, &file.mime, content.into())]);
        let ask = |token: &str| {
            let mut ask = Ask::post(self.url(UPLOAD)?, "multipart/form-data", body.clone()).header(ACCESS_TOKEN, token);
            ask.headers.remove(header::CONTENT_TYPE);
            Ok(ask.header(header::CONTENT_TYPE, &content_type).within(FILE_WITHIN))
        };
        let answer = harmless(self.asked(ask).await)?;
        let id = answer["data"]["image_id"].as_str().ok_or_else(|| Trouble::Retry("no image_id for what was uploaded".into()))?;
        Ok(id.to_owned())
    }

    pub(super) async fn bring(&self, media: &str) -> Result<Fetched, Trouble> {
        let url = media.strip_prefix("at:").and_then(|url| url.parse::<Uri>().ok());
        let url = url.ok_or_else(|| Trouble::Refused("not a file of this platform".into()))?;
        let answer = harmless(self.client.fetch(Ask::get(url).within(FILE_WITHIN).most(LARGEST_FILE)).await.map_err(lost))?;
        match answer.status.as_u16() {
            200..=299 => Ok(Fetched { bytes: answer.body, name: None }),
            500.. => Err(Trouble::Retry(format!("HTTP {}", answer.status.as_u16()))),
            status => Err(Trouble::Refused(format!("HTTP {status}"))),
        }
    }

    fn url(&self, path: &str) -> Result<Uri, Trouble> {
        let url = format!("{}{path}?open_id={}", self.base, encoded(&self.open_id));
        url.parse().map_err(|_| Trouble::Down("base_url is not an address".into()))
    }

    /// With the account's token, and once more with a fresh one.
    async fn asked(&self, ask: impl Fn(&str) -> Result<Ask, Trouble>) -> Result<Value, Trouble> {
        let token = self.token().await?;
        match read(&self.client.ask(ask(&token)?).await.map_err(lost)?) {
            Err(Fault::Token(_)) => {}
            done => return done.map_err(Fault::trouble),
        }
        self.keeper.refused(&token).await;
        let token = self.token().await?;
        read(&self.client.ask(ask(&token)?).await.map_err(lost)?).map_err(Fault::trouble)
    }

    async fn token(&self) -> Result<String, Trouble> {
        let fresh = || async {
            let answer = self.refreshed().await?;
            let token = answer["data"]["access_token"].as_str().ok_or_else(|| Trouble::Retry("no token in the answer".into()))?;
            let lasts = answer["data"]["expires_in"].as_u64().unwrap_or(0);
            Ok(Token::new(token.to_owned(), Duration::from_secs(lasts)))
        };
        self.keeper.token(fresh).await
    }

    pub(super) async fn refreshed(&self) -> Result<Value, Trouble> {
        let refresh = self.refresh_token()?;
        let form = form(&[("client_key", &self.client_key), ("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())]);
        let url = format!("{}{REFRESH}", self.base).parse().map_err(|_| Trouble::Down("base_url is not an address".into()))?;
        let ask = Ask::post(url, "application/x-www-form-urlencoded", form).within(WITHIN);
        harmless(read(&self.client.ask(ask).await.map_err(lost)?).map_err(Fault::trouble))
    }

    pub(super) async fn tried(&self) -> Vec<Probe> {
        let left = self.refreshed().await.map(|answer| answer["data"]["refresh_expires_in"].as_i64().unwrap_or(0).max(0));
        let found = match left {
            Ok(left) if left < ENDS_SOON_S => Found::Odd(Odd::Ends { days: left / DAY_S }),
            Ok(left) => Found::Well(format!("{} d", left / DAY_S)),
            Err(trouble) => Found::Bad(trouble),
        };
        vec![Probe { what: "douyin_token", found, setting: "抖音开放平台 → 授权管理 → refresh_token" }]
    }
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    fields.join("&")
}

/// The code stands in `data` or in `extra`; 0 in both: it went well.
pub(super) fn read(answer: &Answer) -> Result<Value, Fault> {
    if answer.status.as_u16() >= 500 {
        return Err(Fault::Trouble(Trouble::Uncertain(format!("HTTP {}", answer.status.as_u16()))));
    }
    let value: Value =
        serde_json::from_slice(&answer.body).map_err(|_| Fault::Trouble(Trouble::Uncertain("an answer that cannot be read".into())))?;
    for place in ["data", "extra"] {
        let code = value[place]["error_code"].as_i64().unwrap_or(0);
        if code != 0 {
            return Err(fault(code, value[place]["description"].as_str().unwrap_or_default()));
        }
    }
    Ok(value)
}

fn fault(code: i64, description: &str) -> Fault {
    let text: String = format!("{code} {description}").chars().take(200).collect();
    Fault::Trouble(match code {
        28001003 | 28001008 | 2190008 | 10008 => return Fault::Token(text),
        28001005 | 28001006 => Trouble::Retry(text),
        // The grant, or the account's authorisation.
        28001012 | 28001018 | 10010 | 10020 => Trouble::Down(text),
        _ => Trouble::Refused(text),
    })
}

pub(super) fn lost(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(why) | Lost::Untrusted(why) => Trouble::Retry(why),
        Lost::Uncertain(why) => Trouble::Uncertain(why),
        lost @ (Lost::TooLong(_) | Lost::Forbidden(_)) => Trouble::Refused(lost.to_string()),
    }
}

/// What leaves nothing behind may simply be asked again.
fn harmless<T>(result: Result<T, Trouble>) -> Result<T, Trouble> {
    result.map_err(|trouble| match trouble {
        Trouble::Uncertain(why) => Trouble::Retry(why),
        trouble => trouble,
    })
}
