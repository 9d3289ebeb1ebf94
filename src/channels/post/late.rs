//! Files that a platform did not give with their message: asked for again, ever more rarely, until they come or a day is over. Their message
//! was told without them, and has them as soon as they are there.

use super::{Open, Post, take};
use crate::channels::platform::{Fetched, Trouble};
use crate::desk::input::Input;
use crate::store::late_files::{self, LateFile};
use crate::store::messages;
use std::time::Duration;

/// Before it is asked for again the first time, and at most, ms; between them it has waited as long again as it has waited already.
pub(super) const SOONEST_MS: i64 = 30_000;
const RAREST_MS: i64 = 3_600_000;
/// Then nobody waits for it any more, ms. Platforms keep files for a day at least, most of them.
const GIVEN_UP_MS: i64 = 24 * 3_600_000;
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);
/// Asked for in one look.
const AT_ONCE: u32 = 16;

pub(super) async fn run(post: Post) {
    loop {
        look(&post).await;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

pub(super) async fn look(post: &Post) {
    match late_files::due(&post.shared.store, post.shared.clock.now(), AT_ONCE).await {
        Ok(due) => {
            futures_util::future::join_all(due.into_iter().map(|late| ask(post, late))).await;
        }
        Err(error) => tracing::error!(%error, "files that are late could not be read"),
    }
}

async fn ask(post: &Post, late: LateFile) {
    let (store, now) = (&post.shared.store, post.shared.clock.now());
    let waited = now.since(late.since);
    let result = match post.account(&late.channel) {
        Some(open) => fetched(post, &open, &late).await,
        None => Err(Trouble::Down("there is no such channel".into())),
    };
    let noted = match result {
        Ok(()) => Ok(()),
        Err(trouble) if take::may_come(&trouble) && waited < GIVEN_UP_MS => {
            late_files::postpone(store, late.id, now.after(waited.clamp(SOONEST_MS, RAREST_MS))).await
        }
        Err(trouble) => {
            tracing::warn!(channel = %late.channel, message = late.external_id, %trouble, "a customer's file is given up");
            late_files::forget(store, late.id).await
        }
    };
    if let Err(error) = noted {
        tracing::error!(%error, "when a file is asked for again could not be noted");
    }
}

/// Fetches it and tells the desk, which forgets that it was late.
async fn fetched(post: &Post, open: &Open, late: &LateFile) -> Result<(), Trouble> {
    let own = |error: &dyn std::fmt::Display| Trouble::Retry(error.to_string());
    let store = &post.shared.store;
    let known = messages::known(store, &late.channel, &late.external_id).await.map_err(|error| own(&error))?;
    let Some(message) = known else { return Err(Trouble::Retry("its message is not there".into())) };
    let row = messages::get(store, message).await.map_err(|error| own(&error))?;
    let Some((conversation, person)) = row.and_then(|row| Some((row.conversation?, row.person))) else {
        return Err(Trouble::Refused("its message is gone".into()));
    };
    let given: Fetched = open.account.platform.fetch(&late.media).await?;
    if given.bytes.len() as u64 > open.account.most_file {
        return Err(Trouble::Refused(format!("larger than {} MB", open.account.most_file >> 20)));
    }
    let file = take::keep(post, &late.name, given, &late.sender).await.map_err(|error| own(&error))?;
    let came = Input::FileCame { late: late.id, message, conversation, person, file, instead: late.instead.clone() };
    post.shared.switchboard.ask(came).await.map(drop).map_err(|refusal| Trouble::Retry(format!("{refusal:?}")))
}
