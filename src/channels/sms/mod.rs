//! Text messages to and from telephones, through a gateway that speaks a documented JSON (`docs/sms.md`): the provider's own, or a small
//! program between the two.
//!
//! ```text
//!  desk ──Outbound──▶ act.rs ──POST, signed──▶ gateway ──▶ telephones
//!  desk ◀──Input──── hear.rs ◀──POST, signed── gateway ◀── telephones, receipts
//! ```
//!
//! One message is one idempotency key, however often it is tried; texts to one number go one after the other. What the gateway never
//! confirmed is told as unknown, not as sent and not as failed.

mod act;
mod client;
pub mod config;
mod hear;
mod sign;
pub mod wire;

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::store::Store;
use crate::switchboard::Switchboard;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use client::Client;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub use client::TrustError;

/// Largest hook, bytes.
const LARGEST_HOOK: usize = 64 * 1024;

/// One account at a gateway, resolved from the configuration.
#[derive(Clone)]
pub struct Account {
    pub id: ChannelId,
    pub url: http::Uri,
    /// Signs in both directions.
    pub secret: SecretString,
    pub from: String,
    pub max_parts: usize,
    pub timeout: Duration,
    pub tries: u32,
    /// Messages per second.
    pub rate: u32,
    /// Where the gateway tells us of replies and receipts; `None` while customers have no address of ours.
    pub hook: Option<String>,
}

/// All accounts; cheap to clone.
#[derive(Clone)]
pub struct Sms {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    client: Client,
    accounts: RwLock<Arc<BTreeMap<ChannelId, Account>>>,
}

impl Sms {
    /// Opens each account's wire from the desk.
    ///
    /// Errors: this machine's trusted certificates cannot be read.
    pub fn start(store: Store, switchboard: Switchboard, clock: Clock, accounts: Vec<Account>) -> Result<Sms, TrustError> {
        let shared = Shared { store, switchboard, clock, client: Client::new()?, accounts: RwLock::default() };
        let sms = Sms { shared: Arc::new(shared) };
        sms.reload(accounts);
        Ok(sms)
    }

    /// Takes over a reloaded configuration.
    pub fn reload(&self, accounts: Vec<Account>) {
        let accounts: BTreeMap<_, _> = accounts.into_iter().map(|account| (account.id.clone(), account)).collect();
        let ids: Vec<ChannelId> = accounts.keys().cloned().collect();
        let old = std::mem::replace(&mut *self.shared.accounts.write().unwrap_or_else(PoisonError::into_inner), Arc::new(accounts));
        for id in ids.into_iter().filter(|id| !old.contains_key(id)) {
            let outlet = self.shared.switchboard.open_outlet(id.clone());
            tokio::spawn(act::run(self.clone(), id, outlet));
        }
    }

    /// The gateway's side: `/sms/{channel}/hook`.
    pub fn router(&self) -> Router {
        Router::new().route("/sms/{channel}/hook", post(hear::hook)).layer(DefaultBodyLimit::max(LARGEST_HOOK)).with_state(self.clone())
    }

    fn account(&self, id: &ChannelId) -> Option<Account> {
        self.shared.accounts.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}
