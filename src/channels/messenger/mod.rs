//! Messenger: what customers write to a page on Facebook. What it shares with Instagram is in `meta/`: `door.rs` proves callbacks, `messaging.rs`
//! reads events, `pages.rs` sends.
//!
//! Each message of ours carries its key as metadata, which its echo brings back: an echo is the receipt of a message whose answer was lost.
//! Deliveries and reads come as watermarks. Files go with the request, in both directions without an address of ours.

pub mod config;
mod probe;

#[cfg(test)]
mod tests;

use super::meta::door::{Door, Opened};
use super::meta::graph::{Graph, id};
use super::meta::messaging::{self, Account};
use super::meta::pages::{Pages, judge};
use super::platform::{
    Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Probe, Profile, Signal, Trouble, Unreadable,
};
use crate::channels::meta::pages::CARDS;
use crate::clock::Clock;
use crate::config::value::SecretError;
use crate::desk::person::Identity;
use crate::desk::traits::{FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use config::MessengerSection;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::path::Path;

const DAY_MS: i64 = 24 * 3_600_000;

/// One page.
pub struct Messenger {
    pages: Pages,
    door: Door,
    traits: Traits,
}

/// What a page can carry.
pub fn traits(section: &MessengerSection) -> Traits {
    Traits {
        text: Text { most: *section.max_text.get_ref(), unit: Unit::Characters, parts: 5 },
        caption: 0,
        captioned: &[],
        files: vec![FileRule { mime: "", most_bytes: u64::from(*section.max_file_mb.get_ref()) << 20 }],
        whole: false,
        choices: 13,
        cards: CARDS,
        templates: false,
        window: Some(Window { ms: if section.human_agent { 7 * DAY_MS } else { DAY_MS }, messages: None }),
        threads: false,
        first: None,
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, read: true, shows_typing: true, shows_read: true, ..Tells::default() },
    }
}

impl Messenger {
    /// Errors: a secret cannot be had; `folder` is where the configuration lies.
    pub fn open(section: &MessengerSection, folder: &Path, client: Client, clock: Clock) -> Result<Messenger, SecretError> {
        let app_secret = section.app_secret.get_ref().reveal(folder)?;
        let token = section.token.get_ref().reveal(folder)?;
        let proof = section.proof.then(|| app_secret.clone());
        let pages = Pages {
            graph: Graph::new(client, section.base_url.get_ref(), section.version.get_ref(), token, proof, judge),
            account: Account { object: "page", kind: "messenger", id: section.page_id.get_ref().clone() },
            human_agent: section.human_agent,
            lender: None,
            metadata: true,
            most: usize::try_from(*section.max_file_mb.get_ref()).unwrap_or(usize::MAX) << 20,
            clock,
        };
        let door = Door { verify_token: section.verify_token.get_ref().reveal(folder)?, secrets: vec![("app_secret", app_secret)] };
        Ok(Messenger { pages, door, traits: traits(section) })
    }
}

impl Platform for Messenger {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        Ok(match self.door.open(request)? {
            Opened::Verified(answer) => Hooked { answer, ..Hooked::default() },
            Opened::Told => Hooked { events: messaging::events(&self.pages.account, request.body), ..Hooked::default() },
        })
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        messaging::read(&self.pages.account, raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.pages.fetched(media))
    }

    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        Box::pin(async move {
            let found = self.pages.graph.get(id(&who.value).ok()?, "fields=first_name,last_name").await.ok()?;
            let part = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default();
            let name = format!("{} {}", part("first_name"), part("last_name")).trim().to_owned();
            Some(Profile { name: Some(name).filter(|name| !name.is_empty()), ..Profile::default() })
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.pages.hand(piece))
    }

    fn signal<'a>(&'a self, to: &'a Identity, signal: Signal) -> BoxFuture<'a, ()> {
        Box::pin(self.pages.show(to, signal))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.probed())
    }

    fn called(&self) -> Option<&'static str> {
        Some("Messenger → Messenger API Settings → Configure webhooks → Callback URL")
    }
}
