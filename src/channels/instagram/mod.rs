//! Instagram: direct messages to a professional account. What it shares with Messenger is in `meta/`.
//!
//! There are two ways in (`config.rs`): by the page that the account is linked to, or by the account itself, whose token ends after 60 days
//! and is renewed here (`renew.rs`). Meta signs callbacks with the app's secret or with the Instagram app's; both are believed. Files
//! cannot be handed over, only named by an address: they are lent (`lend.rs`).

pub mod config;
mod probe;
mod renew;

#[cfg(test)]
mod tests;

use super::lend::{LARGEST, Lender};
use super::meta::door::{Door, Opened};
use super::meta::graph::{Graph, id};
use super::meta::messaging::{self, Account};
use super::meta::pages::{Pages, judge};
use super::platform::{
    Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Polled, Probe, Profile, Signal, Trouble, Unreadable,
};
use crate::channels::meta::pages::CARDS;
use crate::clock::Clock;
use crate::config::value::SecretError;
use crate::desk::person::Identity;
use crate::desk::traits::{FileRule, Tells, Text, Traits, Unit, Window, Within};
use crate::reach::Client;
use config::{InstagramLogin, InstagramSection};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const DAY_MS: i64 = 24 * 3_600_000;

/// One account.
pub struct Instagram {
    pages: Pages,
    door: Door,
    traits: Traits,
    login: InstagramLogin,
    /// The token as the administrator wrote it.
    written: SecretString,
    renew_after: Duration,
}

/// What an account can carry.
pub fn traits(section: &InstagramSection) -> Traits {
    Traits {
        text: Text { most: 1_000, unit: Unit::Bytes, parts: 10 },
        caption: 0,
        captioned: &[],
        files: vec![FileRule { mime: "", most_bytes: LARGEST }],
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
        tells: Tells { read: true, shows_typing: true, shows_read: true, ..Tells::default() },
    }
}

impl Instagram {
    /// Errors: a secret cannot be had; `folder` is where the configuration lies, `hook` where files are lent.
    pub fn open(
        section: &InstagramSection,
        folder: &Path,
        client: Client,
        hook: Option<String>,
        clock: Clock,
    ) -> Result<Instagram, SecretError> {
        let written = section.token.get_ref().reveal(folder)?;
        let usual = match section.login {
            InstagramLogin::Page => "https://graph.facebook.com",
            InstagramLogin::Instagram => "https://graph.instagram.com",
        };
        let base = section.base_url.as_ref().map_or(usual, |base| base.get_ref());
        let app_secret = section.app_secret.get_ref().reveal(folder)?;
        let lender = Some(Lender::new(&app_secret, hook));
        let mut secrets = vec![("app_secret", app_secret)];
        if let Some(secret) = &section.instagram_app_secret {
            secrets.push(("instagram_app_secret", secret.get_ref().reveal(folder)?));
        }
        let pages = Pages {
            graph: Graph::new(client, base, section.version.get_ref(), written.clone(), None, judge),
            account: Account { object: "instagram", kind: "instagram", id: section.account_id.get_ref().clone() },
            human_agent: section.human_agent,
            lender,
            metadata: false,
            most: usize::try_from(*section.max_file_mb.get_ref()).unwrap_or(usize::MAX) << 20,
            clock,
        };
        let door = Door { verify_token: section.verify_token.get_ref().reveal(folder)?, secrets };
        let renew_after = section.renew_after.get_ref().duration();
        Ok(Instagram { pages, door, traits: traits(section), login: section.login, written, renew_after })
    }
}

impl Platform for Instagram {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        if let Some(served) = self.pages.lender.as_ref().and_then(|lender| lender.serve(request)) {
            return served.map(|answer| Hooked { answer, ..Hooked::default() });
        }
        Ok(match self.door.open(request)? {
            Opened::Verified(answer) => Hooked { answer, ..Hooked::default() },
            Opened::Told => Hooked { events: messaging::events(&self.pages.account, request.body), ..Hooked::default() },
        })
    }

    /// Not to hear, but to renew the token.
    fn polls(&self) -> bool {
        self.login == InstagramLogin::Instagram
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(self.renewed(cursor))
    }

    fn recall(&self, cursor: &str) {
        self.recalled(cursor);
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        messaging::read(&self.pages.account, raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.pages.fetched(media))
    }

    fn profile<'a>(&'a self, who: &'a Identity) -> BoxFuture<'a, Option<Profile>> {
        Box::pin(async move {
            let found = self.pages.graph.get(id(&who.value).ok()?, "fields=name,username").await.ok()?;
            let part = |name: &str| found.get(name).and_then(Value::as_str).filter(|part| !part.is_empty()).map(str::to_owned);
            Some(Profile { name: part("name").or_else(|| part("username")), ..Profile::default() })
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
        Some("Instagram → API setup → Configure webhooks → Callback URL")
    }
}
