//! What pages ask of channels, carried to the post: pages do not know of channels.

use crate::channels::platform::{Found, Probe};
use crate::channels::post::{Health, Post, Standing};
use crate::desk::id::ChannelId;
use crate::web::state::{ChannelAsk, ChannelStanding, Tried, Verdict, Way};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Questions at once: each may wait for a platform.
const AT_ONCE: usize = 8;

/// Runs until the process stops.
pub(super) async fn carry(post: Post, mut asked: mpsc::Receiver<ChannelAsk>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(ask) = asked.recv().await {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let post = post.clone();
        tokio::spawn(async move {
            answer(&post, ask).await;
            drop(place);
        });
    }
}

/// A page that was left needs no answer.
async fn answer(post: &Post, ask: ChannelAsk) {
    match ask {
        ChannelAsk::Templates { channel, done } => {
            let _ = done.send(post.read_templates(&channel).await);
        }
        ChannelAsk::Standing { answer } => {
            let _ = answer.send(post.standing().into_iter().map(standing).collect());
        }
        ChannelAsk::Try { channel, answer } => {
            let tried = post.probe(&channel).await;
            let _ = answer.send(tried.map(|probes| probes.into_iter().map(found).collect()));
        }
    }
}

fn standing((channel, called, hook, health): (ChannelId, Option<&'static str>, Option<String>, Health)) -> ChannelStanding {
    let way = |standing: Standing| Way { worked_at: standing.worked_at, failing: standing.failing, last: standing.last };
    let (down, disbelieved) = (health.failing().is_some(), health.disbelieved());
    let (hearing, sending, probing) = (way(health.hearing), way(health.sending), way(health.probing));
    let odd = health.odd.into_iter().map(found).collect();
    ChannelStanding { channel, called, hook, down, hearing, sending, probing, odd, disbelieved }
}

fn found(probe: Probe) -> Tried {
    let (said, verdict) = match probe.found {
        Found::Well(said) => (said, Verdict::Works),
        Found::Odd(odd) => {
            let (kind, said) = odd.told();
            (said, Verdict::Odd(kind))
        }
        Found::Bad(trouble) => {
            let (kind, why) = trouble.told();
            (why, Verdict::Fails(kind))
        }
    };
    Tried { what: probe.what, said, verdict, setting: probe.setting }
}
