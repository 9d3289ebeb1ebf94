//! How far our messages have come, as platforms tell it: perhaps before the answer to our own request, in any order, and for many at once.

use super::read::Untold;
use super::{Open, Post};
use crate::channels::platform::OfOurs;
use crate::desk::id::{At, MessageId};
use crate::desk::input::{Delivery, Input};
use crate::desk::refusal::Refusal;
use crate::store::{messages, pieces};

/// Longest reason that is kept, characters.
const REASON: usize = 200;

pub(super) async fn told(post: &Post, open: &Open, at: At, of: OfOurs, state: Delivery) -> Result<(), Untold> {
    let (store, channel) = (&post.shared.store, &open.account.id);
    let state = short(state);
    let messages = match of {
        OfOurs::External(name) => pieces::told(store, channel, &name, state.clone(), at).await?.into_iter().collect(),
        OfOurs::Key(key) => of_key(post, open, &key).await?.into_iter().collect(),
        OfOurs::UpTo { to, at } => pieces::up_to(store, channel, &to, at).await?,
    };
    for message in messages {
        record(post, message, state.clone()).await?;
    }
    Ok(())
}

/// The message of a piece's key, `{message}-{part}-{…}`; only what went out by this channel can be told of by it.
async fn of_key(post: &Post, open: &Open, key: &str) -> Result<Option<MessageId>, Untold> {
    let Some(message) = key.split('-').next().and_then(|id| id.parse().ok()).map(MessageId) else { return Ok(None) };
    if super::send::key(&post.shared, message, 0).split('-').next_back() != key.split('-').next_back() {
        return Ok(None);
    }
    let row = messages::get(&post.shared.store, message).await?;
    if row.and_then(|row| row.channel).as_ref() != Some(&open.account.id) {
        tracing::warn!(channel = %open.account.id, %message, "a receipt for a message that this channel did not send");
        return Ok(None);
    }
    Ok(Some(message))
}

/// Also of what the desk has forgotten: whoever looks at it later reads that it did not arrive.
pub(super) async fn record(post: &Post, message: MessageId, state: Delivery) -> Result<(), Untold> {
    let switchboard = &post.shared.switchboard;
    match switchboard.ask(Input::Delivery(message, state.clone())).await {
        Err(Refusal::Gone) => {}
        done => return Ok(done.map(drop)?),
    }
    let Some(row) = messages::get(&post.shared.store, message).await? else { return Ok(()) };
    if let (Some(conversation), Some(known)) = (row.conversation, row.delivery) {
        switchboard.ask(Input::LateDelivery { message, conversation, known, state }).await?;
    }
    Ok(())
}

/// A platform's reason may be anything.
pub(super) fn short(state: Delivery) -> Delivery {
    match state {
        Delivery::Failed { reason } => Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(REASON).collect() },
        state => state,
    }
}
