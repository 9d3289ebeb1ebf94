//! What pages ask of channels, carried to the post: pages do not know of channels.

use crate::channels::platform::Probe;
use crate::channels::post::{Health, Post, Standing};
use crate::desk::id::ChannelId;
use crate::web::state::{ChannelAsk, ChannelStanding, Tried, Way};
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

fn standing((channel, asks, hook, health): (ChannelId, bool, Option<String>, Health)) -> ChannelStanding {
    let way = |standing: Standing| Way { worked_at: standing.worked_at, failing: standing.failing, last: standing.last };
    let down = health.failing().is_some();
    ChannelStanding { channel, asks, hook, down, hearing: way(health.hearing), sending: way(health.sending) }
}

fn found(probe: Probe) -> Tried {
    let (said, trouble) = match probe.result {
        Ok(said) => (said, None),
        Err(trouble) => {
            let (kind, why) = trouble.told();
            (why, Some(kind))
        }
    };
    Tried { what: probe.what, said, trouble, setting: probe.setting }
}
