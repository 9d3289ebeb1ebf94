//! Weibo private messages (私信). Pushes are signed like those of official accounts, with the App Secret in the token's place, and are answered
//! with nothing at once; answers go out by the platform's interface, which gives no way to tell a repetition from a new message and takes
//! words, links with a picture and places alone.
//!
//! The platform grants messages to applications of verified accounts; its documentation is old, and what it leaves open is configuration.

pub mod config;
mod read;

#[cfg(test)]
mod tests;

use super::platform::*;
use super::wechat::api::encoded;
use super::wechat::door::Door;
use super::wechat::send::clean;
use crate::config::value::SecretError;
use crate::desk::card::degrees;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, Text, Traits, Unit, Window};
use crate::reach::{Answer, Ask, Client, Lost};
use config::WeiboSection;
use futures_util::future::BoxFuture;
use http::{Method, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(15);
const FORM: &str = "application/x-www-form-urlencoded";
/// Largest file, bytes.
const LARGEST_FILE: usize = 32 << 20;
/// The account is told of so long before its token ends, s.
const ENDS_SOON_S: i64 = 14 * DAY_S;
const DAY_S: i64 = 86_400;

/// One account.
pub struct Weibo {
    traits: Traits,
    door: Door,
    client: Client,
    token: SecretString,
    clicks: BTreeMap<String, String>,
    base: String,
    api: String,
    upload: String,
}

/// What the platform says went wrong.
#[derive(Deserialize)]
struct Failed {
    #[serde(default)]
    error: String,
    error_code: i64,
}

/// What may be written there.
pub fn traits(section: &WeiboSection) -> Traits {
    let window = Window { ms: section.window.millis(), messages: None };
    // The platform names no limits of a card's words; these fit on one.
    let cards = Cards { links: true, pictured: true, title: 60, about: 120, places: true, bare: true, ..Cards::default() };
    Traits { window: Some(window), cards, ..Traits::words(Text { most: *section.max_chars.get_ref(), unit: Unit::Characters, parts: 4 }) }
}

impl Weibo {
    /// `folder` is where the configuration stands, for secrets in files beside it.
    pub fn open(section: &WeiboSection, folder: &Path, client: Client) -> Result<Weibo, SecretError> {
        let base = |name: &crate::config::value::Name| name.get_ref().trim_end_matches('/').to_owned();
        Ok(Weibo {
            traits: traits(section),
            door: Door::new(section.app_secret.get_ref().reveal(folder)?, Vec::new(), String::new()),
            client,
            token: section.access_token.get_ref().reveal(folder)?,
            clicks: section.clicks.clone(),
            base: base(&section.base_url),
            api: base(&section.api_url),
            upload: base(&section.upload_url),
        })
    }

    async fn get(&self, base: &str, path: &str, query: &str, most: usize) -> Result<Answer, Trouble> {
        let url = address(&format!("{base}{path}?access_token={}&{query}", encoded(self.token.expose_secret())))?;
        let answer = self.client.ask(Ask::get(url).within(WITHIN).most(most)).await.map_err(lost);
        harmless(answer.and_then(looked_at))
    }

    async fn post(&self, base: &str, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let mut form = format!("access_token={}", encoded(self.token.expose_secret()));
        for (name, value) in fields {
            form.push_str(&format!("&{name}={}", encoded(value)));
        }
        let ask = Ask::post(address(&format!("{base}{path}"))?, FORM, form).within(WITHIN);
        looked_at(self.client.ask(ask).await.map_err(lost)?)
    }

    async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        if !piece.files.is_empty() {
            return Err(Trouble::Refused("the platform takes no files".into()));
        }
        let (kind, data) = match &piece.extra {
            Some(Extra::Link { url, title, about, picture }) => {
                let article = json!({ "display_name": clean(title), "summary": clean(about), "image": picture, "url": url });
                ("articles", json!({ "articles": [article] }))
            }
            Some(Extra::Place { latitude, longitude, .. }) => {
                ("position", json!({ "longitude": degrees(*longitude), "latitude": degrees(*latitude) }))
            }
            _ => ("text", json!({ "text": clean(&piece.text) })),
        };
        let data = data.to_string();
        let fields = [("type", kind), ("data", &data), ("receiver_id", &piece.to.value), ("save_sender_box", "1")];
        self.post(&self.base, "/2/messages/reply.json", &fields).await?;
        Ok(Handed { ids: Vec::new(), state: Delivery::Sent, threads: Vec::new() })
    }
}

fn address(url: &str) -> Result<Uri, Trouble> {
    url.parse().map_err(|_| Trouble::Down("base_url is not an address".into()))
}

fn lost(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(why) | Lost::Untrusted(why) => Trouble::Retry(why),
        Lost::Uncertain(why) => Trouble::Uncertain(why),
        lost @ (Lost::TooLong(_) | Lost::Forbidden(_)) => Trouble::Refused(lost.to_string()),
    }
}

fn harmless<T>(result: Result<T, Trouble>) -> Result<T, Trouble> {
    result.map_err(|trouble| match trouble {
        Trouble::Uncertain(why) => Trouble::Retry(why),
        trouble => trouble,
    })
}

/// The code in the body says more than the status.
fn looked_at(answer: Answer) -> Result<Answer, Trouble> {
    if answer.body.trim_ascii_start().starts_with(b"{")
        && let Ok(failed) = serde_json::from_slice::<Failed>(&answer.body)
        && failed.error_code != 0
    {
        return Err(trouble(&failed));
    }
    match answer.status.as_u16() {
        200..=299 => Ok(answer),
        500.. => Err(Trouble::Uncertain(format!("HTTP {}", answer.status.as_u16()))),
        status => Err(Trouble::Refused(format!("HTTP {status}"))),
    }
}

fn trouble(failed: &Failed) -> Trouble {
    let text: String = format!("{} {}", failed.error_code, failed.error).chars().take(200).collect();
    match failed.error_code {
        10001 | 10002 | 10009 | 21331 => Trouble::Retry(text),
        // "Remote service error", "job expired": whatever was behind it may have done it.
        10003 | 10010 => Trouble::Uncertain(text),
        10022..=10024 | 20016 => Trouble::RetryAfter(Duration::from_secs(60)),
        // The token: not given, wrong, used up, taken back; the application; its address list; its rights.
        10004..=10006 | 10014 | 21301 | 21314..=21319 | 21327 | 21332 | 21337 => Trouble::Down(text),
        20003 => Trouble::Blocked(text),
        _ => Trouble::Refused(text),
    }
}

impl Platform for Weibo {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.method == Method::GET {
            let echo = self.door.greeting(request)?;
            return Ok(Hooked { answer: HookAnswer { body: echo.into(), ..HookAnswer::default() }, ..Hooked::default() });
        }
        let push = self.door.push(request)?;
        let Some(key) = read::key(&push.fields, &push.bytes) else {
            tracing::warn!("a push without sender_id is not kept");
            return Ok(Hooked::default());
        };
        Ok(Hooked { events: vec![Raw { key, body: push.bytes }], ..Hooked::default() })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        read::read(raw, &self.clicks)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(async move {
            let id = media.strip_prefix("fid:").ok_or_else(|| Trouble::Refused("not a file of this platform".into()))?;
            let answer = self.get(&self.upload, "/2/mss/msget", &format!("fid={}", encoded(id)), LARGEST_FILE).await?;
            Ok(Fetched { bytes: answer.body, name: None })
        })
    }

    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        #[derive(Deserialize)]
        struct User {
            screen_name: String,
        }
        Box::pin(async move {
            let answer = self.get(&self.api, "/2/users/show.json", &format!("uid={}", encoded(&who.value)), 1 << 20).await.ok()?;
            let user: User = serde_json::from_slice(&answer.body).ok()?;
            Some(Profile { name: Some(user.screen_name), ..Profile::default() })
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        #[derive(Deserialize)]
        struct Info {
            #[serde(default)]
            expire_in: i64,
        }
        Box::pin(async move {
            let asked = harmless(self.post(&self.api, "/oauth2/get_token_info", &[]).await);
            let info =
                asked.and_then(|answer| serde_json::from_slice::<Info>(&answer.body).map_err(|error| Trouble::Retry(error.to_string())));
            let found = match info {
                Ok(Info { expire_in }) if expire_in < ENDS_SOON_S => Found::Odd(Odd::Ends { days: expire_in.max(0) / DAY_S }),
                Ok(Info { expire_in }) => Found::Well(format!("{} d", expire_in / DAY_S)),
                Err(trouble) => Found::Bad(trouble),
            };
            vec![Probe { what: "weibo_token", found, setting: "粉丝服务平台 → 开发者模式 → Access Token" }]
        })
    }

    fn called(&self) -> Option<&'static str> {
        Some("粉丝服务平台 → 开发者模式 → URL")
    }
}
