//! Tells programs of the firm's what happens, by Standard Webhooks (docs/webhooks.md).
//!
//! ```text
//!  store::events ──event.rs──▶ store::webhooks ──lane.rs──▶ POST, signed
//! ```
//!
//! The log of facts is read from a cursor of each address's own: nothing is told before it is on disk, and nothing is missed over a restart.

pub mod config;
pub mod event;
mod lane;

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::config::Loaded;
use crate::reach::Client;
use crate::store::Store;
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use config::WebhookSection;
use lane::Lane;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A new configuration is seen after so long.
const LOOK: Duration = Duration::from_secs(1);

/// Whatever all addresses need.
#[derive(Clone)]
pub struct Webhooks {
    pub store: Store,
    pub switchboard: Switchboard,
    pub clock: Clock,
    pub config: Arc<ArcSwap<Loaded>>,
}

impl Webhooks {
    /// Runs until it is dropped; one task for each address.
    pub async fn run(self) {
        let client = Client::default();
        let mut lanes: HashMap<String, (WebhookSection, DropGuard)> = HashMap::new();
        let mut read = None::<Arc<Loaded>>;
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let now = self.config.load_full();
            if read.as_ref().is_some_and(|read| Arc::ptr_eq(read, &now)) {
                continue;
            }
            let wanted = &now.config.webhooks;
            // A lane whose section is gone or another stops with its guard.
            lanes.retain(|id, (section, _)| wanted.iter().any(|wanted| wanted.id.get_ref() == id && wanted == section));
            for section in wanted {
                let id = section.id.get_ref();
                if !lanes.contains_key(id) {
                    let stop = CancellationToken::new();
                    let lane = Lane::new(&self, &client, section.clone(), now.config.folder.clone());
                    tokio::spawn(stop.clone().run_until_cancelled_owned(lane.run(self.switchboard.recorded())));
                    lanes.insert(id.clone(), (section.clone(), stop.drop_guard()));
                }
            }
            read = Some(now);
        }
    }
}
