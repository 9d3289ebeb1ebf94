//! Text messages to and from telephones, through a gateway that speaks a documented JSON (`docs/sms.md`): the provider's own, or a small
//! program between the two.
//!
//! ```text
//!  gateway ──POST /sms/{channel}/hook, signed (sign.rs)──▶ hear.rs: messages, receipts
//!  gateway ◀──POST, signed── send.rs
//! ```
//!
//! One message is one idempotency key, however often it is tried.

pub mod config;
mod hear;
mod send;
mod sign;
pub mod wire;

#[cfg(test)]
mod tests;

use super::platform::*;
use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::desk::traits::{Tells, Text, Traits, Unit};
use crate::reach::Client;
use config::GatewaySection;
use futures_util::future::BoxFuture;
use http::StatusCode;
use secrecy::SecretString;
use std::time::Duration;

/// Largest hook, bytes.
const LARGEST_HOOK: usize = 64 * 1024;

/// One account at a gateway.
pub struct Sms {
    channel: ChannelId,
    section: GatewaySection,
    secret: SecretString,
    /// Where the gateway tells us of replies and receipts; `None` while we have no address.
    hook: Option<String>,
    client: Client,
    clock: Clock,
    traits: Traits,
}

pub fn traits(section: &GatewaySection) -> Traits {
    let tells = Tells { delivered: true, repeats_safely: true, ..Tells::default() };
    Traits { tells, first: Some("phone"), ..Traits::words(Text { most: 0, unit: Unit::Segments, parts: *section.max_parts.get_ref() }) }
}

impl Sms {
    pub fn new(
        channel: ChannelId,
        section: GatewaySection,
        secret: SecretString,
        hook: Option<String>,
        client: Client,
        clock: Clock,
    ) -> Sms {
        Sms { channel, traits: traits(&section), section, secret, hook, client, clock }
    }
}

impl Platform for Sms {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if request.body.len() > LARGEST_HOOK {
            return Err(HookRefused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "too large" });
        }
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !sign::is_signed(&self.secret, header(sign::TIMESTAMP), header(sign::SIGNATURE), request.body, request.now) {
            return Err(HookRefused { status: StatusCode::UNAUTHORIZED, why: "X-Hubline-Signature is wrong, or its time is" });
        }
        hear::events(request.body, request.now)
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        hear::read(&self.channel, raw)
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.try_out())
    }

    fn probe_every(&self) -> Duration {
        // It can be asked nothing but what it must refuse.
        Duration::from_secs(3_600)
    }

    fn called(&self) -> Option<&'static str> {
        Some("docs/sms.md")
    }
}
