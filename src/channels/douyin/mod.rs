//! Douyin private messages (抖音私信). The platform must have granted them to the application (it admits no new ones): without the grant every
//! request is refused, which `probe` says. An answer names the message that it answers and its conversation; both stand in the key of what
//! the customer wrote. A repetition is a new message to the platform.

pub mod config;
mod hear;
mod renew;
mod send;

#[cfg(test)]
mod tests;

use super::platform::*;
use super::token::Keeper;
use crate::config::value::{Secret, SecretError};
use crate::desk::traits::{FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use bytes::Bytes;
use config::DouyinSection;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use renew::Kept;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// Largest webhook, bytes.
const LARGEST: usize = 1 << 20;

/// One account.
pub struct Douyin {
    traits: Traits,
    client: Client,
    keeper: Keeper,
    client_key: String,
    client_secret: SecretString,
    open_id: String,
    /// The refresh_token as the administrator wrote it.
    written: Secret,
    /// What came of it; only ever the newest.
    kept: Mutex<Option<Kept>>,
    folder: PathBuf,
    base: String,
}

/// What may be written there.
pub fn traits(section: &DouyinSection) -> Traits {
    let picture = |mime| FileRule { mime, most_bytes: 10 << 20 };
    Traits {
        files: vec![picture("image/jpeg"), picture("image/png")],
        window: Some(Window { ms: section.window.millis(), messages: None }),
        // The platform says itself what is too late.
        recall: Within::Always,
        tells: Tells::default(),
        ..Traits::words(Text { most: *section.max_chars.get_ref(), unit: Unit::Characters, parts: 4 })
    }
}

impl Douyin {
    /// `folder` is where the configuration stands, for secrets in files beside it.
    pub fn open(section: &DouyinSection, folder: &Path, client: Client) -> Result<Douyin, SecretError> {
        section.refresh_token.get_ref().reveal(folder)?;
        Ok(Douyin {
            traits: traits(section),
            client,
            keeper: Keeper::default(),
            client_key: section.client_key.get_ref().clone(),
            client_secret: section.client_secret.get_ref().reveal(folder)?,
            open_id: section.open_id.get_ref().clone(),
            written: section.refresh_token.get_ref().clone(),
            kept: Mutex::default(),
            folder: folder.to_owned(),
            base: section.base_url.get_ref().trim_end_matches('/').to_owned(),
        })
    }
}

impl Platform for Douyin {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        let refused = |status, why| Err(HookRefused { status, why });
        if request.method != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "webhooks are posted");
        }
        if request.body.len() > LARGEST {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "larger than any webhook");
        }
        let given = request.headers.get("x-douyin-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !hear::is_signed(self.client_secret.expose_secret(), request.body, given) {
            return refused(StatusCode::FORBIDDEN, "the signature is wrong: compare the Client Secret of both sides");
        }
        let Ok(event) = hear::Event::read(request.body) else {
            return refused(StatusCode::BAD_REQUEST, "broken JSON");
        };
        let answer = |body: String| HookAnswer { content_type: "application/json", body: body.into(), ..HookAnswer::default() };
        if event.event == "verify_webhook" {
            // A number goes back as a number.
            let echo = json!({ "challenge": event.content()["challenge"] }).to_string();
            return Ok(Hooked { answer: answer(echo), ..Hooked::default() });
        }
        let raw = Raw { key: event.key(request.body), body: request.body.to_vec() };
        let heard = event.event.starts_with("im_");
        let taken = HookAnswer { body: Bytes::from_static(b"{}"), ..answer(String::new()) };
        Ok(Hooked { events: if heard { vec![raw] } else { Vec::new() }, answer: taken, poll: false })
    }

    /// Not to hear, but to renew the authorisation.
    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(async move { Ok(self.renewed(cursor).await) })
    }

    fn recall(&self, cursor: &str) {
        self.recalled(cursor);
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        hear::read(&self.client_key, raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.bring(media))
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
        // Each trial asks for an access token.
        Duration::from_secs(3_600)
    }

    fn called(&self) -> Option<&'static str> {
        Some("抖音开放平台 → 开发配置 → Webhooks")
    }
}
