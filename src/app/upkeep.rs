//! What is to be done now and then: messages that a full wire left unsent are sent, what has expired is removed, a disk that fills up is
//! told of in time, trunks are found where they have moved to, and whoever is signed out hears no more calls.

use super::calls::Calls;
use super::network;
use crate::auth::Gate;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::desk::id::MessageId;
use crate::store::{Store, StoreError, app_push, channel_events, drafts, files, forms, logins, messages, pieces, visits, webhooks};
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use rustix::fs::statvfs;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(30);
/// Turns between two removals of what has expired: an hour.
const TURNS: u32 = 120;
/// Turns between two look-ups of the trunks' servers: five minutes.
const TRUNKS: u32 = 10;
/// Unsent messages read at once.
const UNSENT: u32 = 1_000;
/// An upload that no message has taken for so long is removed, ms.
const UPLOADS_MS: i64 = 24 * 3600 * 1000;
/// What an agent began to write and left so long is forgotten, ms.
const DRAFTS_MS: i64 = 30 * 24 * 3600 * 1000;
/// The limits look back minutes; a day is for whoever looks into an attack.
const LOGINS_MS: i64 = 24 * 3600 * 1000;
/// Nobody is woken for older messages.
const PUSHES_MS: i64 = 2 * 3600 * 1000;
/// Less free space than this is told of: some hours of a hundred recorded calls fill ten times as much.
const LOW: u64 = 1 << 30;

pub(super) struct Upkeep {
    pub store: Store,
    pub switchboard: Switchboard,
    pub gate: Gate,
    pub calls: Calls,
    pub config: Arc<ArcSwap<Loaded>>,
    pub clock: Clock,
    pub stop: CancellationToken,
}

/// Runs until the process stops. The first turn comes at once: it sends what the last process left unsent.
pub(super) async fn run(upkeep: Upkeep) {
    let mut revoked = upkeep.gate.revocations();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut turn, mut low) = (0, false);
    let mut address = network::own();
    loop {
        tokio::select! {
            () = upkeep.stop.cancelled() => return,
            // Which one does not matter, nor whether some were missed: all that have a connection are asked about.
            _ = revoked.recv() => upkeep.end_listening().await,
            _ = ticks.tick() => {
                if let Err(error) = upkeep.send_unsent().await {
                    tracing::error!(%error, "unsent messages cannot be read");
                }
                upkeep.end_listening().await;
                upkeep.calls.voice.write_bans().await;
                let before = std::mem::replace(&mut address, network::own());
                if before != address {
                    tracing::warn!(%before, now = %address, "this machine has another address");
                    upkeep.calls.moved(&upkeep.config.load().config).await;
                }
                if turn % TRUNKS == TRUNKS - 1 {
                    upkeep.calls.look_up_trunks(&upkeep.config.load_full()).await;
                }
                low = upkeep.look_at_disk(low);
                if turn == 0
                    && let Err(error) = upkeep.tidy().await
                {
                    tracing::error!(%error, "what has expired cannot be removed");
                }
                turn = (turn + 1) % TURNS;
            }
        }
    }
}

impl Upkeep {
    /// All of them, page by page: a channel that takes nothing must not keep those of another waiting behind its own.
    async fn send_unsent(&self) -> Result<(), StoreError> {
        let mut after = MessageId(0);
        loop {
            let mut last = None;
            let page = async {
                let page = messages::unsent(&self.store, after, UNSENT).await?;
                last = page.last().map(|outbound| outbound.message);
                Ok::<_, StoreError>(page)
            };
            self.switchboard.resend(page).await?;
            match last {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    /// A connection of a page outlives the page's session, and calls are joined to it by the agent's name alone.
    async fn end_listening(&self) {
        for (agent, session) in self.calls.softphones.sessions() {
            // A store that does not answer ends nothing.
            if matches!(self.gate.stands(&agent, session).await, Ok(false)) {
                tracing::info!(%agent, "signed out: the browser phone is disconnected");
                self.calls.softphones.end_session(session);
            }
        }
    }

    pub(super) async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let sessions = self.gate.purge().await?;
        let logins = logins::purge(&self.store, now.after(-LOGINS_MS)).await?;
        let drafts = drafts::purge(&self.store, now.after(-DRAFTS_MS)).await?;
        let forms = forms::purge(&self.store, now).await?;
        let uploads = files::purge(&self.store, now.after(-UPLOADS_MS)).await?;
        channel_events::purge(&self.store, now).await?;
        pieces::purge(&self.store, now).await?;
        webhooks::purge(&self.store, now).await?;
        visits::purge(&self.store, now).await?;
        app_push::purge(&self.store, now.after(-PUSHES_MS)).await?;
        tracing::debug!(sessions, logins, drafts, forms, uploads, "removed what has expired");
        Ok(())
    }

    /// Whether the disk is nearly full now; tells of it once, not each time.
    fn look_at_disk(&self, was_low: bool) -> bool {
        let data = self.store.data();
        let free = match statvfs(data) {
            Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
            Err(error) => {
                tracing::error!(folder = %data.display(), %error, "the disk cannot be looked at");
                return was_low;
            }
        };
        let (low, free_mib) = (free < LOW, free >> 20);
        match (was_low, low) {
            (false, true) => tracing::error!(folder = %data.display(), free_mib, "the disk is nearly full: soon nothing can be recorded"),
            (true, false) => tracing::info!(folder = %data.display(), free_mib, "the disk has room again"),
            _ => {}
        }
        low
    }
}
