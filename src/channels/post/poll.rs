//! A channel that is asked: what it gives is kept together with how far it was read, and only then asked past.

use super::health::{Direction, heard};
use super::{Open, Post};
use crate::channels::platform::Trouble;
use crate::store::channel_events;
use std::sync::Arc;
use std::time::Duration;

/// The first pause after something did not work; it doubles.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// One question may take so long, whatever the connector thinks.
const LONGEST_POLL: Duration = Duration::from_secs(180);

pub(super) async fn run(post: Post, open: Arc<Open>) {
    let (id, mut pause) = (&open.account.id, PAUSE);
    loop {
        let wait = match once(&post, &open).await {
            Ok(wait) => {
                pause = PAUSE;
                heard(&post, id, &open.running, Direction::In, Ok(()));
                wait
            }
            Err(trouble) => {
                let wait = match &trouble {
                    Trouble::RetryAfter(wait) => *wait,
                    _ => pause.mul_f64(0.75 + 0.5 * rand::random::<f64>()),
                };
                pause = (pause * 2).min(LONGEST_PAUSE);
                heard(&post, id, &open.running, Direction::In, Err(&trouble));
                wait
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = open.running.poll.notified() => {}
        }
    }
}

/// Asks once; gives how long nothing needs to be asked.
async fn once(post: &Post, open: &Open) -> Result<Duration, Trouble> {
    let (store, id) = (&post.shared.store, &open.account.id);
    let unkept = |error: crate::store::StoreError| {
        tracing::error!(channel = %id, %error, "a channel's place could not be read or kept");
        Trouble::Retry("the disk".into())
    };
    let cursor = channel_events::cursor(store, id).await.map_err(unkept)?;
    let asked = open.account.platform.poll(cursor.as_deref());
    let polled = tokio::time::timeout(LONGEST_POLL, asked).await.unwrap_or_else(|_| Err(Trouble::Retry("it took too long".into())))?;
    if !polled.events.is_empty() || polled.cursor.is_some() {
        let events = polled.events.into_iter().map(|raw| (raw.key, raw.body)).collect();
        channel_events::keep(store, id, events, polled.cursor, post.shared.clock.now()).await.map_err(unkept)?;
        open.running.kept.notify_one();
    }
    Ok(polled.wait)
}
