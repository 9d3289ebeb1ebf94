//! Any platform, through a program of yours: documented JSON in and out (`docs/channel.md`), signed by Standard Webhooks in both directions.
//!
//! ```text
//!  program ──POST, signed ─────────▶ hear.rs (wire.rs), or mapped.rs by the pointers of profile.rs
//!  program ◀──POST, signed──────────── send.rs
//! ```
//!
//! One message is one `webhook-id`, however often it is tried, so a program that looks at it sends nothing twice.

pub mod config;
mod hear;
mod mapped;
pub mod profile;
mod send;
pub mod wire;

#[cfg(test)]
mod tests;

use super::platform::*;
use crate::clock::Clock;
use crate::config::value::Period;
use crate::desk::id::ChannelId;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use crate::reach::signed::{self, Key};
use bytes::Bytes;
use config::HttpSection;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::Value;

/// Largest request, bytes; files of more go by their address.
const LARGEST: usize = 3 << 20;

/// One program.
pub struct Generic {
    channel: ChannelId,
    section: HttpSection,
    /// The newest first; we sign with that one.
    keys: Vec<Key>,
    secrets: Secrets,
    headers: Vec<(String, SecretString)>,
    client: Client,
    clock: Clock,
    traits: Traits,
}

/// What the configuration keeps elsewhere.
#[derive(Default)]
pub struct Secrets {
    /// Of `profile.verify`.
    pub verify: Option<SecretString>,
    /// Of `profile.send.headers`.
    pub headers: Vec<(String, SecretString)>,
}

/// `max_text` and the largest file are the channel's.
pub fn traits(section: &HttpSection, max_text: usize, most_bytes: u64) -> Traits {
    let own = section.profile.as_ref().is_none_or(|profile| profile.send.is_none());
    let receipts = section.profile.as_ref().is_none_or(|profile| profile.receipt.is_some());
    Traits {
        text: Text { most: max_text, unit: Unit::Characters, parts: *section.max_parts.get_ref() },
        caption: if own { max_text } else { 0 },
        captioned: &[],
        files: if own { vec![FileRule { mime: "", most_bytes }] } else { Vec::new() },
        whole: own,
        choices: if own { section.choices } else { 0 },
        cards: Cards { links: own && section.cards, places: own && section.cards, ..Cards::default() },
        templates: own && section.templates,
        window: section.window.map(|window| Window { ms: window.millis(), messages: section.window_messages }),
        threads: false,
        first: None,
        open_page: false,
        edit: within(own, section.edit),
        recall: within(own, section.recall),
        tells: Tells {
            delivered: receipts,
            read: receipts,
            typing: section.profile.is_none(),
            shows_typing: own && section.signals,
            shows_read: own && section.signals,
            repeats_safely: own,
        },
    }
}

/// A profile sends messages and nothing else.
fn within(own: bool, period: Option<Period>) -> Within {
    period.filter(|_| own).map_or(Within::Never, |period| Within::For(period.millis()))
}

impl Generic {
    pub fn new(
        channel: ChannelId,
        section: HttpSection,
        traits: Traits,
        (keys, secrets): (Vec<Key>, Secrets),
        client: Client,
        clock: Clock,
    ) -> Generic {
        let Secrets { verify, headers } = secrets;
        Generic { channel, section, keys, secrets: Secrets { verify, headers: Vec::new() }, headers, client, clock, traits }
    }

    fn is_believed(&self, request: &HookRequest<'_>) -> Result<(), HookRefused> {
        let refused = |why| HookRefused { status: StatusCode::UNAUTHORIZED, why };
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let verify = self.section.profile.as_ref().and_then(|profile| profile.verify.as_ref());
        if let (Some(verify), Some(secret)) = (verify, &self.secrets.verify) {
            let given = header(&verify.header.get_ref().to_ascii_lowercase());
            return if mapped::is_signed(verify, secret, given, request.body) {
                Ok(())
            } else {
                Err(refused("the platform's signature is wrong"))
            };
        }
        let (id, at, signatures) = (header(signed::ID), header(signed::TIMESTAMP), header(signed::SIGNATURE));
        signed::refusal(&self.keys, id, at, signatures, request.body, request.now.0.div_euclid(1_000))
            .map_or(Ok(()), |why| Err(refused(why)))
    }
}

impl Platform for Generic {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.method != Method::POST {
            return Err(HookRefused { status: StatusCode::METHOD_NOT_ALLOWED, why: "not a POST" });
        }
        if request.body.len() > LARGEST {
            return Err(HookRefused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "too large" });
        }
        self.is_believed(request)?;
        let wrong = |why| HookRefused { status: StatusCode::BAD_REQUEST, why };
        let told: Value = serde_json::from_slice(request.body).map_err(|_| wrong("not JSON"))?;
        let (events, answer) = match &self.section.profile {
            Some(profile) => (mapped::events(profile, told).ok_or(wrong("no events where they should be"))?, profile.answer.clone()),
            None if told.get("type").is_some_and(Value::is_string) => {
                let id = request.headers.get(signed::ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
                (vec![(hear::key(&told, &format!("webhook:{id}")), told)], r#"{"ok":true}"#.to_owned())
            }
            None => return Err(wrong("no `type`")),
        };
        let kept = |(key, told)| {
            let body = serde_json::to_vec(&hear::Kept { at: request.now.0, told }).ok()?;
            Some(Raw { key, body })
        };
        let events = events.into_iter().filter_map(kept).collect();
        Ok(Hooked {
            events,
            answer: HookAnswer { content_type: "application/json", body: Bytes::from(answer), ..HookAnswer::default() },
            poll: false,
        })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let kept: hear::Kept = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
        match &self.section.profile {
            Some(profile) => mapped::read(&self.channel, profile, &kept),
            None => hear::read(&self.channel, kept),
        }
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.get_media(media))
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn amend<'a>(&'a self, amend: &'a Amend) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(self.hand_amended(amend))
    }

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let tell = match signal {
                _ if !self.traits.tells.shows_typing => return,
                Signal::Typing => wire::Tell::Typing { to: &to.value },
                Signal::Read => wire::Tell::Read { to: &to.value },
            };
            let id = format!("signal-{:016x}", rand::random::<u64>());
            if let Err(trouble) = self.tell(&id, &tell).await {
                tracing::debug!(channel = %self.channel, %trouble, "a signal did not arrive");
            }
        })
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.try_out())
    }

    fn called(&self) -> Option<&'static str> {
        Some("docs/channel.md")
    }
}
