//! WeChat: official accounts (公众号) and mini-programs' customer service (小程序客服).
//!
//! `door.rs` answers the platform's greeting and believes its pushes; `crypt.rs` has signatures and envelopes, `fields.rs` their XML or JSON;
//! `read.rs` says what a push means; `send.rs` hands pieces over by `api.rs`, `errors.rs` says what the platform's codes mean; `probe.rs` tries
//! everything. A push is answered `success` at once: what we say in return goes out as customer service messages, so nothing of ours has to
//! be ready within the platform's 5 s.

pub mod api;
pub mod config;
pub mod crypt;
pub mod door;
pub mod errors;
pub mod fields;
mod probe;
mod read;
pub(crate) mod send;
mod templates;

#[cfg(test)]
mod tests;

use super::platform::*;
use crate::config::value::SecretError;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Window};
use crate::reach::Client;
use api::{Api, AskToken};
use bytes::Bytes;
use config::{TemplateSection, WechatSection};
use crypt::AesKey;
use door::Door;
use errors::Fault;
use futures_util::future::BoxFuture;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// Choices in one menu.
const CHOICES: usize = 10;
/// Longest choice, and longest title of a link, characters: what a line of a telephone shows.
const CHOICE: usize = 40;
const TITLE: usize = 64;
/// Messages of one long text.
const PARTS: usize = 4;

/// One account.
pub struct Wechat {
    traits: Traits,
    door: Door,
    reader: read::Reader,
    api: Api,
    mini_program: bool,
    /// The namespace of unionids.
    open_account: String,
    templates: BTreeMap<String, TemplateSection>,
    /// What was uploaded as the picture of films.
    thumb: Mutex<Option<String>>,
}

/// Why an account cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    #[error("{0}: {1}")]
    Secret(&'static str, SecretError),
    #[error("{0} is not an EncodingAESKey: it has 43 letters and digits")]
    Key(&'static str),
}

/// What may be written there.
pub fn traits(section: &WechatSection) -> Traits {
    const MB: u64 = 1 << 20;
    let rule = |mime, most_bytes| FileRule { mime, most_bytes };
    let mut files = ["image/jpeg", "image/png", "image/gif", "image/bmp"].map(|mime| rule(mime, 10 * MB)).to_vec();
    if !section.mini_program {
        files.extend([rule("audio/amr", 2 * MB), rule("audio/mpeg", 2 * MB), rule("video/mp4", 10 * MB)]);
    }
    let window = Window { ms: section.window.millis(), messages: Some(*section.window_messages.get_ref()) };
    Traits {
        files,
        choices: if section.mini_program { 0 } else { CHOICES },
        cards: Cards { choice: CHOICE, links: true, title: TITLE, ..Cards::default() },
        templates: !section.templates.is_empty(),
        window: Some(window),
        tells: Tells { shows_typing: true, ..Tells::default() },
        ..Traits::words(Text { most: *section.max_bytes.get_ref(), unit: Unit::Bytes, parts: PARTS })
    }
}

/// The token and keys of a door, from the configuration.
pub fn door(
    token: &crate::config::value::Secret,
    keys: [(&'static str, Option<&crate::config::value::Secret>); 2],
    receiver: &str,
    folder: &Path,
) -> Result<Door, Unopened> {
    let token = token.reveal(folder).map_err(|error| Unopened::Secret("token", error))?;
    let mut read = Vec::new();
    for (name, key) in keys.into_iter().filter_map(|(name, key)| Some((name, key?))) {
        let text: SecretString = key.reveal(folder).map_err(|error| Unopened::Secret(name, error))?;
        read.push(AesKey::read(text.expose_secret()).ok_or(Unopened::Key(name))?);
    }
    Ok(Door::new(token, read, receiver.to_owned()))
}

impl Wechat {
    /// `folder` is where the configuration stands, for secrets in files beside it.
    pub fn open(section: &WechatSection, folder: &Path, client: Client) -> Result<Wechat, Unopened> {
        let app_id = section.app_id.get_ref().clone();
        let secret = section.secret.get_ref().reveal(folder).map_err(|error| Unopened::Secret("secret", error))?;
        let keys = [("aes_key", &section.aes_key), ("previous_aes_key", &section.previous_aes_key)];
        let keys = keys.map(|(name, key)| (name, key.as_ref().map(toml::Spanned::get_ref)));
        Ok(Wechat {
            traits: traits(section),
            door: door(section.token.get_ref(), keys, &app_id, folder)?,
            api: Api::new(client, section.base_url.get_ref(), AskToken::Stable { app_id: app_id.clone(), secret }),
            reader: read::Reader { app_id, clicks: section.clicks.clone() },
            mini_program: section.mini_program,
            open_account: section.open_account.clone(),
            templates: section.templates.clone(),
            thumb: Mutex::default(),
        })
    }
}

impl Platform for Wechat {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.method == Method::GET {
            let echo = self.door.greeting(request)?;
            return Ok(Hooked { answer: HookAnswer { body: echo.into(), ..HookAnswer::default() }, ..Hooked::default() });
        }
        let push = self.door.push(request)?;
        let answer = HookAnswer { body: Bytes::from_static(b"success"), ..HookAnswer::default() };
        // What has no name is no message; refused, it would only come twice more.
        let Some(key) = read::key(&push.fields) else {
            tracing::warn!("a push without MsgType or FromUserName is not kept");
            return Ok(Hooked { answer, ..Hooked::default() });
        };
        Ok(Hooked { events: vec![Raw { key, body: push.bytes }], answer, poll: false })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        self.reader.read(raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(async move {
            let fetched = match media.split_once(':') {
                Some(("media", id)) => self.api.download(id).await,
                Some(("at", url)) => self.api.fetch(url).await,
                _ => Err(Fault::Trouble(Trouble::Refused("not a file of this platform".into()))),
            };
            fetched.map_err(Fault::trouble)
        })
    }

    /// Only whether they follow, in what language, and their unionid: names and pictures are not told any more (since December 2021).
    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        #[derive(Deserialize)]
        struct User {
            #[serde(default)]
            unionid: String,
            #[serde(default)]
            language: String,
            #[serde(default)]
            remark: String,
        }
        Box::pin(async move {
            if self.mini_program {
                return None;
            }
            let user: User = self.api.get("/cgi-bin/user/info", &[("openid", &who.value), ("lang", "zh_CN")]).await.ok()?;
            let also = union_identity(&self.open_account, &user.unionid).into_iter().collect();
            let language = Some(user.language.replace('_', "-")).filter(|language| !language.is_empty());
            Some(Profile { name: Some(user.remark).filter(|name| !name.is_empty()), also, language })
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if signal == Signal::Typing {
                self.typing(&to.value).await;
            }
        })
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>, Trouble>> {
        Box::pin(self.all_templates())
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.tried())
    }

    fn probe_every(&self) -> Duration {
        // The platform itself looks up our address and knocks there.
        Duration::from_secs(3_600)
    }

    fn called(&self) -> Option<&'static str> {
        Some(if self.mini_program { "消息推送 → URL(服务器地址)" } else { "服务器配置 → 服务器地址(URL)" })
    }
}

/// By what a customer is known in all accounts of one owner; nothing where they are not bound to each other.
pub fn union_identity(open_account: &str, unionid: &str) -> Option<Identity> {
    let known = !unionid.is_empty() && !open_account.is_empty();
    known.then(|| Identity { kind: "wechat_union".into(), namespace: open_account.to_owned(), value: unionid.to_owned() })
}
