//! The heartbeat: each channel is asked by and by whether it works, so that one that nobody writes to is not found dead by the next answer. The
//! connector says how often that is decent (`Platform::probe_every`).

use super::health::{of_the_channel, probed};
use super::{Open, Post};
use crate::channels::platform::{Found, Probe, Trouble};
use std::sync::Arc;
use std::time::Duration;

/// After its account was opened: not while everything starts, and soon.
const FIRST: Duration = Duration::from_secs(60);
/// After one that found trouble; it doubles.
const AGAIN: Duration = Duration::from_secs(60);
const LONGEST_AGAIN: Duration = Duration::from_secs(600);
/// All that is tried of a channel may take so long.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) async fn run(post: Post, open: Arc<Open>) {
    let every = open.account.platform.probe_every();
    let (mut wait, mut again) = (FIRST.min(every), AGAIN.min(every));
    loop {
        // Houses that were started together do not ask together.
        tokio::time::sleep(wait.mul_f64(0.75 + 0.5 * rand::random::<f64>())).await;
        if ask(&post, &open).await.iter().any(|probe| of_the_channel(probe).is_some()) {
            wait = again;
            again = (again * 2).min(LONGEST_AGAIN).min(every);
        } else {
            (wait, again) = (every, AGAIN.min(every));
        }
    }
}

/// Asks now, and notes what was found.
pub(super) async fn ask(post: &Post, open: &Open) -> Vec<Probe> {
    let late = |_| {
        let found = Found::Bad(Trouble::Uncertain(format!("{} s", LONGEST.as_secs())));
        vec![Probe { what: "answer", found, setting: "base_url" }]
    };
    let probes = tokio::time::timeout(LONGEST, open.account.platform.probe()).await.unwrap_or_else(late);
    probed(post, &open.account.id, &open.running, &probes);
    probes
}
