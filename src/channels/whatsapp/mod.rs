//! WhatsApp, by the Cloud API: one number. What it shares with Messenger and Instagram is in `meta/`.
//!
//! ```text
//!  hear.rs   callback → events          read.rs      event → Heard          errors.rs  its codes
//!  send.rs   piece → message; files     templates.rs texts that were approved  probe.rs  does it work
//! ```
//!
//! Receipts may come before the answer to our own request, without the steps between, and say `failed` after `sent`; each brings back the key
//! that we gave. Outside 24 hours after a customer's message only templates are taken.

pub mod config;
mod errors;
mod hear;
mod probe;
mod read;
mod send;
mod templates;
mod wire;

#[cfg(test)]
mod tests;

use super::meta::door::{Door, Opened};
use super::meta::graph::Graph;
use super::platform::{
    Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Probe, Signal, Template, Trouble, Unreadable,
};
use super::recent::Recent;
use crate::config::value::SecretError;
use crate::desk::person::Identity;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use config::WhatsappSection;
use futures_util::future::BoxFuture;
use std::path::Path;
use std::time::Duration;
use templates::Places;

/// Customers whose newest message is remembered, to show that it was read.
const NEWEST: usize = 10_000;
/// Templates whose places are remembered.
const TEMPLATES: usize = 2_000;
const HOUR_MS: i64 = 3_600_000;

/// One number.
pub struct Whatsapp {
    phone_number_id: String,
    business_account_id: String,
    portfolio: String,
    graph: Graph,
    door: Door,
    traits: Traits,
    /// Largest file that is fetched, bytes.
    most: usize,
    newest: Recent<String, String>,
    /// Where values go, by name and language of the template.
    places: Recent<(String, String), Places>,
}

/// What a number can carry.
pub fn traits(section: &WhatsappSection) -> Traits {
    let mb = |mb: u64| mb << 20;
    let rule = |mime, most_bytes| FileRule { mime, most_bytes };
    Traits {
        text: Text { most: 4_096, unit: Unit::Characters, parts: 5 },
        caption: 1_024,
        captioned: &[],
        // What is too large to be shown goes as a document.
        files: vec![rule("", mb(u64::from(*section.max_file_mb.get_ref())))],
        whole: false,
        choices: 10,
        cards: Cards { choice: 20, question: 1_024, links: true, places: true, ..Cards::default() },
        templates: true,
        window: Some(Window { ms: i64::from(*section.window_hours.get_ref()) * HOUR_MS, messages: None }),
        threads: false,
        first: None,
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, read: true, shows_typing: true, shows_read: true, ..Tells::default() },
    }
}

impl Whatsapp {
    /// Errors: a secret cannot be had; `folder` is where the configuration lies.
    pub fn open(section: &WhatsappSection, folder: &Path, client: Client) -> Result<Whatsapp, SecretError> {
        let app_secret = section.app_secret.get_ref().reveal(folder)?;
        let token = section.token.get_ref().reveal(folder)?;
        let proof = section.proof.then(|| app_secret.clone());
        let phone_number_id = section.phone_number_id.get_ref().clone();
        Ok(Whatsapp {
            portfolio: section.portfolio_id.as_ref().map_or_else(|| phone_number_id.clone(), |id| id.get_ref().clone()),
            phone_number_id,
            business_account_id: section.business_account_id.get_ref().clone(),
            graph: Graph::new(client, section.base_url.get_ref(), section.version.get_ref(), token, proof, errors::judge),
            door: Door { verify_token: section.verify_token.get_ref().reveal(folder)?, secrets: vec![("app_secret", app_secret)] },
            traits: traits(section),
            most: usize::try_from(*section.max_file_mb.get_ref()).unwrap_or(usize::MAX) << 20,
            newest: Recent::new(NEWEST),
            places: Recent::new(TEMPLATES),
        })
    }
}

impl Platform for Whatsapp {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        Ok(match self.door.open(request)? {
            Opened::Verified(answer) => Hooked { answer, ..Hooked::default() },
            Opened::Told => Hooked { events: self.events(request.body), ..Hooked::default() },
        })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let meant = read::read(&self.portfolio, raw)?;
        for heard in &meant {
            if let Heard::Message(wrote) = heard {
                self.newest.tell(wrote.from.identity.value.clone(), wrote.key.clone());
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

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(self.show(to, signal))
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>, Trouble>> {
        Box::pin(self.listed())
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.probed())
    }

    fn probe_every(&self) -> Duration {
        // It reads the list of templates.
        Duration::from_secs(900)
    }

    fn called(&self) -> Option<&'static str> {
        Some("WhatsApp → Configuration → Webhook → Callback URL")
    }
}
