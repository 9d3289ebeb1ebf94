//! What all platforms have in common: one `Post` for the house, in which each account of a platform is a `Platform`.
//!
//! ```text
//!  hook.rs, poll.rs ──keep──▶ store::channel_events ──▶ read.rs ──▶ take.rs, late.rs (files) ──Input──▶ desk
//!  platform ◀──send.rs ◀──desk::parts◀── desk::Outbound              receipt.rs ──Input::Delivery──▶ desk
//!  platform ◀──signal.rs ◀── who types, who has read
//!  platform ◀──heartbeat.rs: does it work? ──▶ health.rs ◀── how requests went, both ways
//! ```
//!
//! *Invariant: nothing is acknowledged before it is on disk.* *Invariant: a piece is begun on disk before the platform is asked; where the
//! platform cannot tell a repetition from a new message, it is never sent a second time without somebody deciding so.*

mod amend;
mod health;
mod heartbeat;
mod hook;
mod lanes;
mod late;
mod mailboxes;
mod patience;
mod poll;
mod read;
mod receipt;
mod send;
mod signal;
mod take;
mod templates;

#[cfg(test)]
mod tests;

use super::platform::{Platform, Probe};
use super::reached::{self, Mark};
use super::recent::Recent;
use crate::clock::Clock;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Change;
use crate::store::{Store, channel_events};
use crate::switchboard::Switchboard;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub use health::{Health, Standing};
use lanes::Lanes;

/// Largest request of a platform: Meta sends batches of up to 3 MiB.
const LARGEST_HOOK: usize = 3 << 20;

/// Changes that have overtaken their messages.
const EARLY: usize = 1_000;

/// One account, resolved from the configuration.
#[derive(Clone)]
pub struct Account {
    pub id: ChannelId,
    pub platform: Arc<dyn Platform>,
    /// Requests per second to the platform.
    pub rate: u32,
    /// Tries of one piece.
    pub tries: u32,
    /// Largest file that is taken, bytes.
    pub most_file: u64,
    /// Where the platform calls us, as it was told; `None` while we have no address.
    pub hook: Option<String>,
    /// By which this house knows its own answer there.
    pub mark: Mark,
}

/// All accounts; cheap to clone.
#[derive(Clone)]
pub struct Post {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    /// A name of this house among those that use the same account, for the keys of its messages.
    house: String,
    /// `None` until the accounts are opened for the first time.
    accounts: watch::Sender<Option<Accounts>>,
    /// Outlets are opened once, before their account, and outlive it: what waits there is for whoever has the name next.
    running: Mutex<BTreeMap<ChannelId, Arc<Running>>>,
    /// What customers have changed of messages that have not come yet, by the keys of those.
    early: Recent<(ChannelId, String), Change>,
    /// Letters that are being recorded, by their keys.
    letters: Mutex<BTreeSet<String>>,
    stop: CancellationToken,
}

type Accounts = Arc<BTreeMap<ChannelId, Arc<Open>>>;

/// An account in force.
struct Open {
    account: Account,
    running: Arc<Running>,
    /// Ends its polling.
    stop: CancellationToken,
}

/// What stays when an account is configured anew.
#[derive(Default)]
struct Running {
    /// There are new events to read.
    kept: Notify,
    /// The platform says that there is something to ask for.
    poll: Notify,
    health: Mutex<Health>,
    /// Messages on their way out.
    lanes: Lanes,
    /// When the templates were read.
    templates_read: tokio::sync::Mutex<Option<At>>,
}

impl Post {
    /// Takes from the desk what goes out by these channels; it waits until the accounts are opened. `house` is `[0-9a-f]`, short, and the
    /// same as long as the data are.
    pub fn start(
        store: Store,
        switchboard: Switchboard,
        clock: Clock,
        house: String,
        channels: Vec<ChannelId>,
        stop: CancellationToken,
    ) -> Post {
        let (accounts, running, letters) = (watch::Sender::default(), Mutex::default(), Mutex::default());
        let early = Recent::new(EARLY);
        let shared = Shared { store, switchboard, clock, house, accounts, running, early, letters, stop };
        let post = Post { shared: Arc::new(shared) };
        for id in &channels {
            post.running(id);
        }
        let stop = post.shared.stop.clone();
        tokio::spawn(stop.clone().run_until_cancelled_owned(signal::run(post.clone())));
        tokio::spawn(stop.run_until_cancelled_owned(late::run(post.clone())));
        post
    }

    /// Opens the accounts, the first time or anew. What an account that is gone has kept unread waits until it is back.
    pub async fn open(&self, accounts: Vec<Account>) {
        // Most platforms allow one question at a time: the former ones end first.
        for former in self.accounts().iter().flat_map(|accounts| accounts.values()) {
            former.stop.cancel();
        }
        let mut open = BTreeMap::new();
        for account in accounts {
            let id = account.id.clone();
            self.recall(&account).await;
            let running = self.running(&id);
            let stop = self.shared.stop.child_token();
            let polls = account.platform.polls();
            let one = Arc::new(Open { account, running, stop });
            if polls {
                tokio::spawn(one.stop.clone().run_until_cancelled_owned(poll::run(self.clone(), one.clone())));
            }
            if one.account.platform.traits().templates {
                tokio::spawn(one.stop.clone().run_until_cancelled_owned(templates::run(self.clone(), one.clone())));
            }
            tokio::spawn(one.stop.clone().run_until_cancelled_owned(heartbeat::run(self.clone(), one.clone())));
            one.running.kept.notify_one();
            open.insert(id, one);
        }
        self.shared.accounts.send_replace(Some(Arc::new(open)));
    }

    async fn recall(&self, account: &Account) {
        if !account.platform.polls() {
            return;
        }
        match channel_events::cursor(&self.shared.store, &account.id).await {
            Ok(cursor) => cursor.iter().for_each(|cursor| account.platform.recall(cursor)),
            // Its first poll reads it again.
            Err(error) => tracing::error!(channel = %account.id, %error, "a channel's place could not be read"),
        }
    }

    /// Each channel's state, by name.
    pub fn health(&self) -> BTreeMap<ChannelId, Health> {
        let of = |open: &Arc<Open>| open.running.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.accounts().iter().flat_map(|accounts| accounts.iter()).map(|(id, open)| (id.clone(), of(open))).collect()
    }

    /// Each channel, where the platform's console takes our address (`Platform::called`), that address, and its state.
    pub fn standing(&self) -> Vec<(ChannelId, Option<&'static str>, Option<String>, Health)> {
        let accounts = self.accounts();
        let one = |(id, open): (&ChannelId, &Arc<Open>)| {
            let health = open.running.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
            (id.clone(), open.account.platform.called(), open.account.hook.clone(), health)
        };
        accounts.iter().flat_map(|accounts| accounts.iter()).map(one).collect()
    }

    /// Tries whether everything works that a channel needs; `None`: there is no such channel.
    pub async fn probe(&self, id: &ChannelId) -> Option<Vec<Probe>> {
        let open = self.account(id)?;
        let Account { id, platform, hook, mark, .. } = &open.account;
        let (mut probes, reached) =
            tokio::join!(heartbeat::ask(self, &open), reached::probe(platform.as_ref(), id, hook.as_deref(), Some(mark)));
        probes.extend(reached);
        // Whoever has mended something need not wait until it would be asked anyway.
        open.running.poll.notify_one();
        Some(probes)
    }

    /// The platforms' side: `/hooks/{channel}`, files lent below it, and `/sms/{channel}/hook`, the address that docs/sms.md has given to gateways.
    pub fn router(&self) -> Router {
        let largest = DefaultBodyLimit::max(LARGEST_HOOK);
        let hooks = Router::new()
            .route("/hooks/{channel}", any(hook::hook))
            .route("/hooks/{channel}/{name}", get(hook::lent))
            .route("/sms/{channel}/hook", post(hook::of_gateway));
        hooks.layer(largest).with_state(self.clone())
    }

    fn accounts(&self) -> Option<Accounts> {
        self.shared.accounts.borrow().clone()
    }

    fn account(&self, id: &ChannelId) -> Option<Arc<Open>> {
        self.accounts()?.get(id).cloned()
    }

    /// The same, once the accounts are opened; `None`: there is no such account any more.
    async fn opened(&self, id: &ChannelId) -> Option<Arc<Open>> {
        let mut accounts = self.shared.accounts.subscribe();
        // It ends with the house only.
        let opened = accounts.wait_for(Option::is_some).await.ok()?;
        opened.as_ref()?.get(id).cloned()
    }

    /// The parts of a channel that run for good; begun the first time its name is heard.
    fn running(&self, id: &ChannelId) -> Arc<Running> {
        let mut running = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = running.get(id) {
            return known.clone();
        }
        let new = Arc::new(Running::default());
        running.insert(id.clone(), new.clone());
        let outlet = self.shared.switchboard.open_outlet(id.clone());
        let stop = self.shared.stop.clone();
        tokio::spawn(stop.clone().run_until_cancelled_owned(send::run(self.clone(), id.clone(), outlet)));
        tokio::spawn(stop.run_until_cancelled_owned(read::run(self.clone(), id.clone(), new.clone())));
        new
    }
}
