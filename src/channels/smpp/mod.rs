//! Text messages by SMPP 3.4, the protocol of carriers' message centres: we connect to them, so no public address is needed.
//!
//! ```text
//!  message centre ◀──TCP, TLS──▶ link.rs (task, reconnects) ── session.rs (no IO) ── pdu.rs (bytes)
//!                                   │ deliver_sm                      ▲ submit_sm
//!                 poll ◀── ledger.rs (parts, doubts: the cursor)      │
//!                 read ── long.rs, coding.rs, receipt.rs       send ── long.rs, coding.rs
//! ```
//!
//! A received message is acknowledged when the pipeline comes back with the cursor that it was given with it, which is when both are on
//! disk. What goes out in several short messages asks for a receipt of the last one, and for word of failure of the others.

mod coding;
pub mod config;
pub mod errors;
mod ledger;
mod link;
mod long;
pub mod pdu;
mod read;
mod receipt;
mod session;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wire_tests;

use super::platform::*;
use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::desk::input::Delivery;
use crate::desk::traits::{Cards, Tells, Text, Traits, Unit, Within};
use config::SmppSection;
use futures_util::future::BoxFuture;
use ledger::Ledger;
use link::{Health, Link, Target};
use pdu::{Address, ShortMessage, UDHI, ton};
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use serde::Deserialize;
use session::{Answered, Rules};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Messages given at once.
const BATCH: usize = 100;
/// `poll` waits this long for something.
const WAIT: Duration = Duration::from_secs(20);
/// A connection is waited for this long before it is said to be missing.
const PATIENCE: Duration = Duration::from_secs(15);
/// Half-sent texts that are remembered, so that another try begins where the last one ended.
const HALVES: usize = 1_000;

/// Why an account cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the bind cannot be written: {0}")]
pub struct BindError(#[from] pdu::PduError);

/// One account at a message centre.
pub struct Smpp {
    channel: ChannelId,
    section: SmppSection,
    traits: Traits,
    clock: Clock,
    target: Target,
    /// Made with the first use.
    link: OnceLock<Link>,
    hearing: tokio::sync::Mutex<Hearing>,
    halves: Mutex<BTreeMap<String, Vec<String>>>,
}

#[derive(Default)]
struct Hearing {
    ledger: Option<Ledger>,
    given: Option<Given>,
}

/// What the pipeline has been given and has not said to have kept.
struct Given {
    batch: u64,
    events: Vec<Raw>,
    receipts: Vec<link::Receipt>,
    upto: u64,
}

pub fn traits(section: &SmppSection) -> Traits {
    Traits {
        text: Text { most: 0, unit: Unit::Segments, parts: *section.max_parts.get_ref() },
        caption: 0,
        captioned: &[],
        files: Vec::new(),
        whole: false,
        choices: 0,
        cards: Cards::default(),
        templates: false,
        window: None,
        threads: false,
        first: Some("phone"),
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, ..Tells::default() },
    }
}

impl Smpp {
    /// Connects when it is first used. `trust` is for TLS.
    ///
    /// Errors: what is configured is longer than the wire takes.
    pub fn open(
        channel: ChannelId,
        section: SmppSection,
        password: &secrecy::SecretString,
        trust: Option<Arc<ClientConfig>>,
        clock: Clock,
    ) -> Result<Smpp, BindError> {
        let kind = section.system_type.as_ref().map_or("", |kind| kind.get_ref().as_str());
        let rules = Rules {
            bind: pdu::bind(section.user.get_ref(), password.expose_secret(), kind, &Address::default())?,
            window: *section.window.get_ref(),
            enquire: section.enquire.duration(),
            answer: section.timeout.duration(),
        };
        let target = Target { server: section.server.get_ref().clone(), tls: trust.filter(|_| section.tls), rules };
        Ok(Smpp {
            channel,
            traits: traits(&section),
            section,
            clock,
            target,
            link: OnceLock::new(),
            hearing: tokio::sync::Mutex::default(),
            halves: Mutex::default(),
        })
    }

    fn link(&self) -> &Link {
        self.link.get_or_init(|| Link::open(self.target.clone(), self.clock.clone()))
    }

    async fn hear(&self, cursor: Option<&str>) -> Result<Polled, Trouble> {
        let mut hearing = self.hearing.lock().await;
        if let Some(given) = hearing.given.take() {
            if batch_of(cursor) != given.batch {
                // It was not kept.
                let polled =
                    Polled { events: given.events.clone(), cursor: hearing.ledger.as_ref().map(Ledger::cursor), wait: Duration::ZERO };
                hearing.given = Some(given);
                return Ok(polled);
            }
            self.link().acknowledge(given.receipts, given.upto).await;
        }
        let end = self.clock.instant() + WAIT;
        loop {
            let heard = self.link().take(BATCH);
            let now = self.clock.now().0;
            let Hearing { ledger, given } = &mut *hearing;
            let ledger = ledger.get_or_insert_with(|| Ledger::load(cursor));
            let mut settled = ledger.confirmed(heard.confirmed.0, heard.confirmed.1);
            if matches!(heard.health, Health::Bound(_)) && now - heard.bound_at > self.section.repeats.millis() {
                settled |= ledger.settle(heard.session);
            }
            let patience = self.section.part_patience.millis();
            let mut events = ledger.expired(now, patience);
            events.extend(heard.incoming.iter().filter_map(|incoming| ledger.hear(incoming)));
            if !heard.incoming.is_empty() || !events.is_empty() {
                ledger.batch += 1;
                let upto = heard.incoming.last().map_or(0, |incoming| incoming.nth);
                let receipts = heard.incoming.iter().map(|incoming| (incoming.session, incoming.sequence, incoming.command)).collect();
                *given = Some(Given { batch: ledger.batch, events: events.clone(), receipts, upto });
                return Ok(Polled { events, cursor: Some(ledger.cursor()), wait: Duration::ZERO });
            }
            if settled {
                return Ok(Polled { events, cursor: Some(ledger.cursor()), wait: Duration::ZERO });
            }
            if let Health::Lost(trouble) = heard.health {
                return Err(trouble);
            }
            let left = end.saturating_duration_since(self.clock.instant());
            if left.is_zero() {
                return Ok(Polled::default());
            }
            let expiry = ledger.next_expiry(patience).map(|at| Duration::from_millis((at - now).max(1).unsigned_abs()));
            self.link().changed(expiry.map_or(left, |expiry| expiry.min(left))).await;
        }
    }

    async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        if !piece.files.is_empty() {
            return Err(Trouble::Refused("a text message carries no files".into()));
        }
        let digest = Sha256::digest(piece.key.as_bytes());
        let reference = digest.first_chunk().map_or(0, |head: &[u8; 2]| u16::from_be_bytes(*head));
        let parts = long::cut(&piece.text, self.section.alphabet, self.section.long, reference);
        let parts =
            parts.filter(|parts| parts.len() <= *self.section.max_parts.get_ref()).ok_or_else(|| Trouble::Refused("too long".into()))?;
        let mut ids = self.halves().remove(&piece.key).unwrap_or_default();
        let count = parts.len();
        for (nth, part) in parts.into_iter().enumerate().skip(ids.len()) {
            let message = ShortMessage {
                source: sender(self.section.from.get_ref()),
                destination: receiver(&piece.to.value),
                esm_class: if part.has_header { UDHI } else { 0 },
                // 1: whatever becomes of it. 2: only if it fails (§5.2.17).
                registered_delivery: if nth + 1 == count { 1 } else { 2 },
                data_coding: part.data_coding,
                text: part.text,
                tlvs: part.tlvs,
                ..ShortMessage::default()
            };
            let body = message.bytes().map_err(|error| Trouble::Refused(error.to_string()))?;
            let trouble = match self.link().submit(body).await {
                Answered::Taken(id) => {
                    ids.push(self.section.receipt_ids.of_answer(&id));
                    continue;
                }
                Answered::Refused(status) => errors::of_submit(status),
                Answered::Uncertain => Trouble::Uncertain("the connection to the message centre broke".into()),
                Answered::NotSent => match self.link().health() {
                    Health::Lost(trouble @ Trouble::Down(_)) => trouble,
                    _ => Trouble::Retry("there is no connection to the message centre".into()),
                },
            };
            self.remember_half(&piece.key, ids);
            return Err(trouble);
        }
        ids.retain(|id| !id.is_empty());
        Ok(Handed { ids, state: Delivery::Sent, threads: Vec::new() })
    }

    fn halves(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember_half(&self, key: &str, ids: Vec<String>) {
        let mut halves = self.halves();
        if !ids.is_empty() {
            halves.insert(key.to_owned(), ids);
        }
        if halves.len() > HALVES {
            halves.pop_first();
        }
    }

    async fn bound(&self) -> Result<String, Trouble> {
        let end = self.clock.instant() + PATIENCE;
        loop {
            match self.link().health() {
                Health::Bound(name) => return Ok(name),
                Health::Lost(trouble) => return Err(trouble),
                Health::Connecting if self.clock.instant() >= end => {
                    return Err(Trouble::Retry("the message centre does not answer".into()));
                }
                Health::Connecting => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// Only the number: the rest of a cursor may be long.
fn batch_of(cursor: Option<&str>) -> u64 {
    #[derive(Deserialize)]
    struct Batch {
        batch: u64,
    }
    cursor.and_then(|cursor| serde_json::from_str::<Batch>(cursor).ok()).map_or(0, |batch| batch.batch)
}

/// A number with `+` is international, other digits are a short code of the network's, and the rest is a name.
fn sender(from: &str) -> Address {
    match from.strip_prefix('+') {
        Some(digits) => Address { ton: ton::INTERNATIONAL, npi: 1, digits: digits.to_owned() },
        None if from.bytes().all(|b| b.is_ascii_digit()) => Address { ton: ton::UNKNOWN, npi: 1, digits: from.to_owned() },
        None => Address { ton: ton::ALPHANUMERIC, npi: 0, digits: from.to_owned() },
    }
}

fn receiver(to: &str) -> Address {
    match to.strip_prefix('+') {
        Some(digits) => Address { ton: ton::INTERNATIONAL, npi: 1, digits: digits.to_owned() },
        None => Address { ton: ton::UNKNOWN, npi: 1, digits: to.to_owned() },
    }
}

impl Platform for Smpp {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(self.hear(cursor))
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        read::read(&self.channel, &self.section, raw)
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(async { vec![Probe { what: "smpp_bind", found: self.bound().await.into(), setting: "system_id, password" }] })
    }
}
