//! Lookups of flows: a node asks an address of the firm's own who is calling. The address is the one the administrator wrote, and nothing
//! else: no part of it comes from the customer, and no redirect is followed. What is asked is signed, so that the address can believe it.
//!
//! *Invariant: the desk hears an answer for every question, or gives up by its own clock.*

mod ask;
pub mod config;
pub mod crm;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Asked};

use crate::clock::Clock;
use crate::desk::act::Look;
use crate::desk::id::FlowId;
use crate::desk::input::Input;
use crate::reach::Client;
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Questions asked at once; what comes beyond waits for its turn, and its caller no longer than the node allows.
const AT_ONCE: usize = 64;

/// Where each node asks.
pub type Asks = HashMap<(FlowId, String), Arc<Ask>>;

/// The asking task's settings, swapped whole at a reload.
#[derive(Clone)]
pub struct Lookups {
    asks: Arc<ArcSwap<Asks>>,
}

impl Lookups {
    /// Asks until stopped.
    pub fn start(asks: Asks, switchboard: Switchboard, clock: Clock, stop: CancellationToken) -> Lookups {
        let lookups = Lookups { asks: Arc::new(ArcSwap::from_pointee(asks)) };
        let looks = switchboard.open_lookups();
        tokio::spawn(run(lookups.clone(), looks, switchboard, clock, stop));
        lookups
    }

    pub fn reload(&self, asks: Asks) {
        self.asks.store(Arc::new(asks));
    }
}

async fn run(lookups: Lookups, mut looks: mpsc::Receiver<Look>, switchboard: Switchboard, clock: Clock, stop: CancellationToken) {
    let (turns, client) = (Arc::new(Semaphore::new(AT_ONCE)), Client::default());
    loop {
        let look = tokio::select! {
            () = stop.cancelled() => return,
            look = looks.recv() => match look {
                Some(look) => look,
                None => return,
            },
        };
        let ask = lookups.asks.load().get(&(look.flow.clone(), look.node.clone())).cloned();
        let (switchboard, turns, client, at) = (switchboard.clone(), turns.clone(), client.clone(), clock.now());
        tokio::spawn(async move {
            let found = match ask {
                Some(ask) => tokio::time::timeout(ask.timeout, async {
                    // Never closed.
                    let _turn = turns.acquire().await;
                    ask.ask(&client, &look, at).await
                })
                .await
                .unwrap_or(Err(Asked::TooSlow)),
                // A reload took the node away.
                None => Err(Asked::Nowhere),
            };
            if let Err(error) = &found {
                tracing::warn!(work = %look.work, flow = %look.flow, node = %look.node, %error, "a lookup brought nothing");
            }
            let heard = Input::Found { work: look.work, serial: look.serial, found: found.ok() };
            if switchboard.tell(heard).is_err() {
                tracing::error!(work = %look.work, "the desk is too busy to hear of a lookup");
            }
        });
    }
}
