//! Rakuten Viber, by a bot (developers.viber.com, REST Bot API).
//!
//! ```text
//!  hear.rs  callback → event; our address told to Viber   read.rs    event → Heard      cards.rs  keyboards, rich media, pins
//!  send.rs  piece → message; files lent and fetched       errors.rs  status → Trouble   api.rs    requests
//!  wire.rs  Viber's JSON                                  probe.rs   does it work
//! ```
//!
//! Viber knows no repetition by a key of ours: what was sent without an answer is unknown.

mod api;
mod cards;
pub mod config;
mod errors;
mod hear;
mod probe;
mod read;
mod send;
mod wire;

#[cfg(test)]
mod tests;

use super::lend::{LARGEST, Lender};
use super::platform::{Fetched, Handed, Heard, HookRefused, HookRequest, Hooked, Piece, Platform, Polled, Probe, Trouble, Unreadable};
use crate::clock::Clock;
use crate::config::value::SecretError;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Within};
use crate::reach::Client;
use api::Api;
use config::ViberSection;
use futures_util::future::BoxFuture;
use std::path::Path;

/// Largest picture and film that are shown, bytes; larger ones are files.
const PICTURE: u64 = 1 << 20;
const VIDEO: u64 = 26 << 20;

/// One bot.
pub struct Viber {
    api: Api,
    lender: Lender,
    /// Where Viber shall call us; `None` while we have no address.
    hook: Option<String>,
    account: String,
    sender: String,
    avatar: Option<String>,
    traits: Traits,
    clock: Clock,
    /// Largest file that is fetched, bytes.
    most: usize,
}

/// What a bot can carry.
pub fn traits(section: &ViberSection) -> Traits {
    Traits {
        // Characters, it says; a whole request has 30 KB, which these never reach.
        text: Text { most: *section.max_text.get_ref(), unit: Unit::Utf16, parts: 3 },
        caption: 512,
        captioned: &[FileRule { mime: "image/jpeg", most_bytes: PICTURE }, FileRule { mime: "image/png", most_bytes: PICTURE }],
        files: vec![FileRule { mime: "", most_bytes: LARGEST }],
        whole: false,
        choices: cards::CHOICES,
        cards: Cards {
            choice: cards::CHOICE,
            question: 0,
            links: true,
            pictured: false,
            title: cards::TITLE,
            about: cards::ABOUT,
            places: true,
            bare: true,
        },
        templates: false,
        window: None,
        threads: false,
        first: None,
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, read: true, ..Tells::default() },
    }
}

impl Viber {
    /// `id` is the channel's name here, `hook` where Viber calls us and files are lent. Errors: a secret cannot be had; `folder` is where the
    /// configuration lies.
    pub fn open(
        id: &str,
        section: &ViberSection,
        folder: &Path,
        client: Client,
        hook: Option<String>,
        clock: Clock,
    ) -> Result<Viber, SecretError> {
        let token = section.token.get_ref().reveal(folder)?;
        Ok(Viber {
            lender: Lender::new(&token, hook.clone()),
            api: Api { client, base: section.base_url.get_ref().trim_end_matches('/').to_owned(), token },
            hook,
            account: id.to_owned(),
            sender: section.sender.get_ref().clone(),
            avatar: section.avatar.as_ref().map(|avatar| avatar.get_ref().clone()),
            traits: traits(section),
            clock,
            most: usize::try_from(*section.max_file_mb.get_ref()).unwrap_or(usize::MAX) << 20,
        })
    }
}

impl Platform for Viber {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        match self.lender.serve(request) {
            Some(served) => served.map(|answer| Hooked { answer, ..Hooked::default() }),
            None => self.heard(request),
        }
    }

    /// That is when its knowledge of our address is looked after.
    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(self.told())
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        read::read(&self.account, raw)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(self.fetched(media))
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand(piece))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.probed())
    }

    fn called(&self) -> Option<&'static str> {
        Some("set_webhook: url")
    }
}
