//! Telegram, by a bot (core.telegram.org/bots/api). It is asked for what is new (`getUpdates`, which needs no public address) or told by
//! webhook; a bot that is connected to a firm's own account hears and answers there, too.
//!
//! ```text
//!  hear.rs   getUpdates, webhook → kept updates          wire.rs   the Bot API's JSON
//!  read.rs   update → Heard                              errors.rs refusals → Trouble
//!  send.rs   piece → sendMessage, sendPhoto, …; getFile  api.rs    requests, the token in them
//!  amend.rs  editMessageText, editMessageCaption, deleteMessage
//!  start.rs  links by which a site vouches for customers probe.rs  does it work
//! ```
//!
//! There are no receipts and no idempotency: what was sent without an answer is unknown. The token stands in every address, so no address is
//! ever shown.

mod amend;
mod api;
pub mod config;
mod errors;
mod hear;
mod probe;
mod read;
mod send;
mod start;
mod wire;

#[cfg(test)]
mod tests;

use super::platform::{
    Amend, Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Polled, Probe, Signal, Trouble, Unreadable,
};
use super::recent::Recent;
use crate::clock::Clock;
use crate::config::value::SecretError;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Within};
use crate::reach::Client;
use api::Api;
use config::TelegramSection;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use start::Start;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Customers whose connection is remembered for what is sent beside messages.
const CONNECTIONS: usize = 10_000;

/// A bot may delete what it has said for 48 hours; it may edit it whenever it likes.
const DELETED_WITHIN_MS: i64 = 48 * 3_600_000;

/// One bot.
pub struct Telegram {
    api: Arc<Api>,
    traits: Traits,
    clock: Clock,
    poll_wait: Duration,
    webhook: Option<Webhook>,
    /// This process has told Telegram of the webhook: its secret may be new though its address is not.
    registered: AtomicBool,
    start: Option<Start>,
    /// Bytes.
    max_download: u64,
    max_upload: u64,
    connections: Recent<i64, String>,
}

struct Webhook {
    url: String,
    secret: SecretString,
}

/// What a bot can carry.
pub fn traits(section: &TelegramSection) -> Traits {
    Traits {
        text: Text { most: 4_096, unit: Unit::Utf16, parts: 5 },
        caption: 1_024,
        captioned: &[],
        files: vec![FileRule { mime: "", most_bytes: u64::from(*section.max_upload_mb.get_ref()) << 20 }],
        whole: false,
        choices: 12,
        cards: Cards { choice: 60, links: true, places: true, ..Cards::default() },
        templates: false,
        window: None,
        threads: false,
        first: None,
        open_page: false,
        edit: Within::Always,
        recall: Within::For(DELETED_WITHIN_MS),
        tells: Tells { shows_typing: true, ..Tells::default() },
    }
}

impl Telegram {
    /// Errors: a secret cannot be had; `folder` is where the configuration lies.
    pub fn open(section: &TelegramSection, folder: &Path, client: Client, clock: Clock) -> Result<Telegram, SecretError> {
        let webhook = section.webhook.as_ref().map(|webhook| {
            Ok::<_, SecretError>(Webhook { url: webhook.url.get_ref().clone(), secret: webhook.secret.get_ref().reveal(folder)? })
        });
        let start = section.start.as_ref().map(|start| {
            Ok::<_, SecretError>(Start { secret: start.secret.get_ref().reveal(folder)?, channel: start.channel.get_ref().clone() })
        });
        let token = section.token.get_ref().reveal(folder)?;
        Ok(Telegram {
            api: Arc::new(Api { client, base: section.base_url.get_ref().trim_end_matches('/').to_owned(), token }),
            traits: traits(section),
            clock,
            poll_wait: section.poll_wait.get_ref().duration(),
            webhook: webhook.transpose()?,
            registered: AtomicBool::new(false),
            start: start.transpose()?,
            max_download: u64::from(*section.max_download_mb.get_ref()) << 20,
            max_upload: u64::from(*section.max_upload_mb.get_ref()) << 20,
            connections: Recent::new(CONNECTIONS),
        })
    }
}

impl Platform for Telegram {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        self.called(request)
    }

    /// With a webhook, too: that is when it is looked after.
    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(async move {
            match &self.webhook {
                Some(webhook) => self.told(webhook).await,
                None => self.asked(cursor).await,
            }
        })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let meant = read::read(raw, self.start.as_ref())?;
        for heard in &meant {
            if let Heard::Message(wrote) = heard
                && let (Some(connection), Ok(chat)) = (wire::connection(&wrote.key), wrote.from.identity.value.parse())
            {
                self.connections.tell(chat, connection.to_owned());
            }
        }
        Ok(meant)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.fetched(media))
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn amend<'a>(&'a self, amend: &'a Amend) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(self.amended(amend))
    }

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(self.show(to, signal))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.probed())
    }

    fn called(&self) -> Option<&'static str> {
        self.webhook.is_some().then_some("setWebhook: url")
    }
}
