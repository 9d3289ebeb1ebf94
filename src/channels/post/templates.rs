//! Templates as a platform tells them: read when its account is opened, every hour, and when somebody asks; kept in the store, from where
//! composers take them.

use super::{Open, Post};
use crate::channels::platform::Trouble;
use crate::desk::id::ChannelId;
use crate::store::{StoreError, templates};
use std::sync::Arc;
use std::time::Duration;

/// Between two readings, and after one that failed; a click reads at once.
const EVERY: Duration = Duration::from_secs(3_600);
const AGAIN: Duration = Duration::from_secs(300);
/// One reading may take so long.
const LONGEST: Duration = Duration::from_secs(60);
/// What was read this short ago is not read again, however often somebody clicks, ms.
const FRESH_MS: i64 = 5_000;
/// Templates that are kept of one channel.
const MOST: usize = 2_000;

pub(super) async fn run(post: Post, open: Arc<Open>) {
    loop {
        let well = read(&post, &open).await;
        tokio::time::sleep(if well { EVERY } else { AGAIN }).await;
    }
}

impl Post {
    /// Reads a channel's templates now. False: they could not be read, and the store says why; or there is no such channel.
    pub async fn read_templates(&self, id: &ChannelId) -> bool {
        match self.account(id).filter(|open| open.account.platform.traits().templates) {
            Some(open) => read(self, &open).await,
            None => false,
        }
    }
}

async fn read(post: &Post, open: &Open) -> bool {
    let (store, id) = (&post.shared.store, &open.account.id);
    // Whoever asks meanwhile waits for this one's result.
    let mut last = open.running.templates_read.lock().await;
    let now = post.shared.clock.now();
    if last.is_some_and(|last| now.since(last) < FRESH_MS) {
        return true;
    }
    let told = tokio::time::timeout(LONGEST, open.account.platform.templates()).await;
    let told = told.unwrap_or_else(|_| Err(Trouble::Retry("it took too long".into())));
    let well = told.is_ok();
    let kept: Result<(), StoreError> = match told {
        Ok(mut list) => {
            list.truncate(MOST);
            *last = Some(now);
            templates::keep(store, id, list, now).await
        }
        Err(trouble) => {
            tracing::warn!(channel = %id, %trouble, "the templates could not be read");
            templates::unread(store, id, trouble.to_string()).await
        }
    };
    if let Err(error) = kept {
        tracing::error!(channel = %id, %error, "the templates could not be kept");
    }
    well
}
