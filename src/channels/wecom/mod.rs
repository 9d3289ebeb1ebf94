//! WeCom (企业微信): customer service (微信客服), and messages of an application to members of staff.
//!
//! The platform calls us only to say that there is something (`hint.rs`); what there is, `pull.rs` asks for by a cursor, so that nothing is lost
//! while we are away. `read.rs` says what an item means, `send.rs` hands pieces over under our own key, which makes a repetition harmless.
//! Sessions stay with the interface (state 1): routing is ours. `staff.rs` tells members. Signatures, envelopes and the way to the API are
//! those of `channels/wechat`.

pub mod config;
mod hint;
mod probe;
mod pull;
mod read;
mod send;
pub mod staff;
mod wire;

#[cfg(test)]
mod tests;

use super::platform::*;
use super::wechat::api::{Api, AskToken};
use super::wechat::door::Door;
use super::wechat::errors::Fault;
use super::wechat::{Unopened, door, union_identity};
use crate::clock::Clock;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use bytes::Bytes;
use config::WecomSection;
use futures_util::future::BoxFuture;
use hint::Hint;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Choices in one menu, and messages of one long text.
const CHOICES: usize = 10;
/// Longest choice and title, characters: 128 bytes whatever the writing. Longest question above choices, bytes; longest words of a link, characters.
const CHOICE: usize = 42;
const QUESTION: usize = 1_024;
const ABOUT: usize = 170;
const PARTS: usize = 4;

/// One customer service account.
pub struct Wecom {
    traits: Traits,
    door: Door,
    reader: read::Reader,
    api: Arc<Api>,
    clock: Clock,
    corp_id: String,
    open_kfid: String,
    open_account: String,
    welcome: Option<String>,
    poll_every: Duration,
    hint: Arc<Hint>,
    pace: Mutex<pull::Pace>,
    /// Customers whose session is ours as far as we know.
    ours: Arc<Mutex<BTreeSet<String>>>,
}

/// A message may be taken back for two minutes.
const RECALLED_WITHIN_MS: i64 = 2 * 60_000;

/// What may be written there.
pub fn traits(section: &WecomSection) -> Traits {
    const MB: u64 = 1 << 20;
    let rule = |mime, most_bytes| FileRule { mime, most_bytes };
    let window = Window { ms: section.window.millis(), messages: Some(*section.window_messages.get_ref()) };
    Traits {
        // What is no picture, film or voice goes as a file.
        files: vec![
            rule("image/jpeg", 10 * MB),
            rule("image/png", 10 * MB),
            rule("audio/amr", 2 * MB),
            rule("video/mp4", 10 * MB),
            rule("", 20 * MB),
        ],
        choices: CHOICES,
        cards: Cards { choice: CHOICE, question: QUESTION, links: true, title: CHOICE, about: ABOUT, places: true, ..Cards::default() },
        window: Some(window),
        // 撤回消息: the platform has it for two minutes.
        recall: Within::For(RECALLED_WITHIN_MS),
        tells: Tells { repeats_safely: true, ..Tells::default() },
        ..Traits::words(Text { most: *section.max_bytes.get_ref(), unit: Unit::Bytes, parts: PARTS })
    }
}

impl Wecom {
    /// `folder` is where the configuration stands, for secrets in files beside it.
    pub fn open(section: &WecomSection, folder: &Path, client: Client, clock: Clock) -> Result<Wecom, Unopened> {
        let corp_id = section.corp_id.get_ref().clone();
        let open_kfid = section.open_kfid.get_ref().clone();
        let secret = section.secret.get_ref().reveal(folder).map_err(|error| Unopened::Secret("secret", error))?;
        let previous = section.previous_aes_key.as_ref().map(toml::Spanned::get_ref);
        let keys = [("aes_key", Some(section.aes_key.get_ref())), ("previous_aes_key", previous)];
        Ok(Wecom {
            traits: traits(section),
            door: door(section.token.get_ref(), keys, &corp_id, folder)?,
            reader: read::Reader { corp_id: corp_id.clone() },
            api: Arc::new(Api::new(client, section.base_url.get_ref(), AskToken::Corp { corp_id: corp_id.clone(), secret })),
            hint: hint::of(&corp_id, &open_kfid),
            pace: Mutex::default(),
            ours: Arc::default(),
            clock,
            corp_id,
            open_kfid,
            open_account: section.open_account.clone(),
            welcome: section.welcome.clone(),
            poll_every: section.poll_every.get_ref().duration(),
        })
    }
}

impl Platform for Wecom {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.method == Method::GET {
            let echo = self.door.sealed_greeting(request)?;
            return Ok(Hooked { answer: HookAnswer { body: echo.into(), ..HookAnswer::default() }, ..Hooked::default() });
        }
        let push = self.door.push(request)?;
        let answer = HookAnswer { body: Bytes::from_static(b"success"), ..HookAnswer::default() };
        let (event, account) = (push.fields.text("Event"), push.fields.text("OpenKfId"));
        let (Some("kf_msg_or_event"), Some(account)) = (event.as_deref(), account) else {
            // The application's other events, and what members write to it, are nobody's here.
            return Ok(Hooked { answer, ..Hooked::default() });
        };
        hint::give(&self.corp_id, &account, &push.fields.text("Token").unwrap_or_default(), request.now);
        Ok(Hooked { answer, poll: account == self.open_kfid, events: Vec::new() })
    }

    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(self.pull(cursor))
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        self.reader.read(raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(async move {
            match media.strip_prefix("media:") {
                Some(id) => self.api.download(id).await.map_err(Fault::trouble),
                None => Err(Trouble::Refused("not a file of this platform".into())),
            }
        })
    }

    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        #[derive(Deserialize)]
        struct Customers {
            #[serde(default)]
            customer_list: Vec<Customer>,
        }
        #[derive(Deserialize)]
        struct Customer {
            #[serde(default)]
            nickname: String,
            #[serde(default)]
            unionid: String,
        }
        Box::pin(async move {
            let asked = json!({ "external_userid_list": [who.value], "need_enter_session_context": 0 });
            let customers: Customers = self.api.look("/cgi-bin/kf/customer/batchget", &asked).await.ok()?;
            let customer = customers.customer_list.into_iter().next()?;
            let also = union_identity(&self.open_account, &customer.unionid).into_iter().collect();
            Some(Profile { name: Some(customer.nickname).filter(|name| !name.is_empty()), also, language: None })
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn amend<'a>(&'a self, amend: &'a Amend) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(self.take_from(amend))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.tried())
    }

    fn probe_every(&self) -> Duration {
        // Its cursor is asked all the time, which needs the same token.
        Duration::from_secs(3_600)
    }

    fn called(&self) -> Option<&'static str> {
        Some("接收消息服务器配置 → URL, Token, EncodingAESKey")
    }
}
