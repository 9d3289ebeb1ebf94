//! Text messages, MMS and, where an account has it, WhatsApp through Twilio.
//!
//! ```text
//!  Twilio ──POST form, signed (sign.rs)──▶ hear.rs: messages, receipts
//!  Twilio ◀──POST Messages.json, basic auth── send.rs; errors.rs
//!  Twilio ◀──GET ContentAndApprovals── templates.rs: texts made in its Content Template Builder
//!  Twilio ◀──GET /hooks/…?media=──  a picture of ours that goes out as MMS (offered.rs)
//! ```
//!
//! Twilio has no idempotency key for messages: a request whose answer was lost is not repeated; its receipt tells what became of it.

pub mod config;
mod errors;
mod hear;
mod offered;
mod send;
mod sign;
mod templates;

#[cfg(test)]
mod tests;

use super::platform::*;
use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use config::TwilioSection;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use offered::Offered;
use secrecy::{ExposeSecret, SecretString};

/// Nothing to say at once.
const ANSWER: &[u8] = b"<Response></Response>";
/// Largest request, bytes; Twilio's have a few thousand.
const LARGEST: usize = 64 * 1024;
/// Longest text, characters: longer ones Twilio refuses.
const LONGEST: usize = 1_600;
/// WhatsApp and Messenger let nobody write later than this after the customer but by templates, ms.
const APP_WINDOW_MS: i64 = 24 * 3_600_000;
/// Largest picture, bytes: Twilio makes it fit from there.
const PICTURE: u64 = 5_000_000;

/// One sender of an account.
pub struct Twilio {
    channel: ChannelId,
    section: TwilioSection,
    token: SecretString,
    /// Where Twilio calls us; without it nothing is heard.
    hook: Option<String>,
    client: Client,
    clock: Clock,
    traits: Traits,
    offered: Offered,
}

pub fn traits(section: &TwilioSection) -> Traits {
    let picture = |mime| FileRule { mime, most_bytes: PICTURE };
    let app = section.from.as_ref().is_some_and(|from| from.get_ref().contains(':'));
    let parts = *section.max_parts.get_ref();
    Traits {
        text: if app { Text { most: LONGEST, unit: Unit::Characters, parts: 4 } } else { Text { most: 0, unit: Unit::Segments, parts } },
        caption: if section.mms { LONGEST } else { 0 },
        captioned: &[],
        files: if section.mms { ["image/jpeg", "image/png", "image/gif"].map(picture).to_vec() } else { Vec::new() },
        whole: section.mms,
        choices: 0,
        cards: Cards::default(),
        templates: true,
        window: app.then_some(Window { ms: APP_WINDOW_MS, messages: None }),
        threads: false,
        first: Some("phone"),
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, read: true, ..Tells::default() },
    }
}

impl Twilio {
    pub fn new(
        channel: ChannelId,
        section: TwilioSection,
        token: SecretString,
        hook: Option<String>,
        client: Client,
        clock: Clock,
    ) -> Twilio {
        Twilio { channel, traits: traits(&section), section, token, hook, client, clock, offered: Offered::default() }
    }

    fn token(&self) -> &[u8] {
        self.token.expose_secret().as_bytes()
    }
}

impl Platform for Twilio {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.method == Method::GET {
            let found = self.offered.answer(request.query, request.now);
            return found
                .map(|answer| Hooked { answer, ..Hooked::default() })
                .ok_or(HookRefused { status: StatusCode::NOT_FOUND, why: "no such picture" });
        }
        if request.body.len() > LARGEST {
            return Err(HookRefused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "too large" });
        }
        let signature = request.headers.get("x-twilio-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !sign::is_signed(self.token(), request.url, request.body, signature) {
            return Err(HookRefused {
                status: StatusCode::FORBIDDEN,
                why: "X-Twilio-Signature is wrong: is the address, with scheme and port, the one in the console?",
            });
        }
        hear::events(request.body, request.now)
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        hear::read(&self.channel, raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.get_media(media))
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>, Trouble>> {
        Box::pin(self.listed())
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.try_out())
    }

    fn called(&self) -> Option<&'static str> {
        Some("A message comes in: Webhook")
    }
}
