//! LINE, by a Messaging API channel (an official account).
//!
//! ```text
//!  hear.rs  callback → events        read.rs  event → Heard      api.rs    requests, tokens, refusals
//!  send.rs  reply or push; files     wire.rs  LINE's JSON        probe.rs  does it work
//! ```
//!
//! LINE tells nothing of what becomes of a message, and takes pictures only by a public address: they are lent (`lend.rs`), and other files are
//! links. What may be lost with this
//! process is how a piece was tried, so that after a restart nobody knows of one that was under way (`repeats_safely` is true only
//! where replies are off).

mod api;
pub mod config;
mod hear;
mod probe;
mod read;
mod send;
mod wire;

#[cfg(test)]
mod tests;

use super::lend::{LARGEST, Lender};
use super::platform::{
    Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Probe, Profile, Signal, Trouble, Unreadable,
};
use super::recent::Recent;
use super::token::Keeper;
use crate::clock::Clock;
use crate::config::value::SecretError;
use crate::desk::id::At;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Within};
use crate::reach::Client;
use api::{Access, Api};
use config::LineSection;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use send::Way;
use serde_json::Value;
use std::path::Path;

/// Customers and pieces that are remembered.
const REMEMBERED: usize = 10_000;

/// One account.
pub struct Line {
    api: Api,
    secret: SecretString,
    lender: Lender,
    provider: String,
    traits: Traits,
    clock: Clock,
    /// ms.
    reply_within: i64,
    /// Largest file that is fetched, bytes.
    most: usize,
    /// Each customer's newest token for a reply.
    tokens: Recent<String, Token>,
    /// By which each customer's messages are marked as read.
    read_tokens: Recent<String, String>,
    /// How each piece was tried, by its key.
    tried: Recent<String, Way>,
}

/// A right to answer once.
#[derive(Clone)]
struct Token {
    value: String,
    /// When LINE gave it.
    at: At,
}

/// What an account can carry.
pub fn traits(section: &LineSection) -> Traits {
    Traits {
        text: Text { most: *section.max_text.get_ref(), unit: Unit::Utf16, parts: 5 },
        caption: 0,
        captioned: &[],
        files: vec![FileRule { mime: "", most_bytes: LARGEST }],
        whole: false,
        choices: 13,
        cards: Cards { choice: 20, question: 0, links: true, title: 40, about: 60, places: true, ..Cards::default() },
        templates: false,
        window: None,
        threads: false,
        first: None,
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells {
            shows_typing: true,
            shows_read: true,
            repeats_safely: section.reply_within.get_ref().millis() == 0,
            ..Tells::default()
        },
    }
}

impl Line {
    /// `id` is the channel's name here, `hook` where files are lent. Errors: a secret cannot be had; `folder` is where the configuration lies.
    pub fn open(
        id: &str,
        section: &LineSection,
        folder: &Path,
        client: Client,
        hook: Option<String>,
        clock: Clock,
    ) -> Result<Line, SecretError> {
        let secret = section.channel_secret.get_ref().reveal(folder)?;
        let access = match (&section.token, &section.channel_id) {
            (Some(token), _) => Access::Written(token.get_ref().reveal(folder)?),
            (None, Some(channel_id)) => {
                Access::Fetched { channel_id: channel_id.get_ref().clone(), secret: secret.clone(), keeper: Keeper::default() }
            }
            (None, None) => return Err(SecretError::Empty),
        };
        let plain = |url: &crate::config::value::Name| url.get_ref().trim_end_matches('/').to_owned();
        Ok(Line {
            api: Api { client, base: plain(&section.base_url), data: plain(&section.data_url), access },
            lender: Lender::new(&secret, hook),
            secret,
            provider: section.provider.as_ref().map_or(id, |provider| provider.get_ref()).to_owned(),
            traits: traits(section),
            clock,
            reply_within: section.reply_within.get_ref().millis(),
            most: usize::try_from(*section.max_file_mb.get_ref()).unwrap_or(usize::MAX) << 20,
            tokens: Recent::new(REMEMBERED),
            read_tokens: Recent::new(REMEMBERED),
            tried: Recent::new(REMEMBERED),
        })
    }
}

impl Platform for Line {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        match self.lender.serve(request) {
            Some(served) => served.map(|answer| Hooked { answer, ..Hooked::default() }),
            None => self.called(request),
        }
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let (heard, event) = read::read(&self.provider, raw)?;
        if let (false, Some(user)) = (heard.is_empty() || event.mode == "standby", event.source.user) {
            if let Some(value) = event.reply_token {
                self.tokens.tell(user.clone(), Token { value, at: At(event.timestamp) });
            }
            if let Some(token) = event.message.and_then(|message| message.read_token) {
                self.read_tokens.tell(user, token);
            }
        }
        Ok(heard)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.fetched(media))
    }

    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        Box::pin(async move {
            let user = Some(who.value.as_str()).filter(|user| !user.is_empty() && user.bytes().all(|b| b.is_ascii_alphanumeric()))?;
            let found = self.api.get(&format!("v2/bot/profile/{user}")).await.ok()?;
            let part = |name: &str| found.get(name).and_then(Value::as_str).filter(|part| !part.is_empty()).map(str::to_owned);
            Some(Profile { name: part("displayName"), language: part("language"), ..Profile::default() })
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(self.show(to, signal))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.probed())
    }

    fn called(&self) -> Option<&'static str> {
        Some("Messaging API → Webhook URL")
    }
}
