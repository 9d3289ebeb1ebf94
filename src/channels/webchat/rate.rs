//! What customers say of a conversation when it is over: asked in the window or the app, told to the desk at once.

use super::hear::identity;
use super::visitors::Visitor;
use super::wire::VisitorHears;
use super::{WebChat, Window};
use crate::desk::id::ConversationId;
use crate::desk::input::Input;
use crate::store::{StoreError, conversations};

/// So long after the end they are still asked, ms.
const ASKED_MS: i64 = 24 * 3_600_000;

/// Takes a score from 1 to 5; `None` where there is nothing to rate.
pub(super) async fn rate(chat: &WebChat, window: &Window, visitor: &Visitor, score: u8, comment: String) -> Option<VisitorHears> {
    if !window.rating || !(1..=5).contains(&score) {
        return None;
    }
    let found = conversations::last_of(&chat.shared.store, &visitor.0, &identity(visitor)).await;
    let conversation = found.inspect_err(|error| tracing::error!(%error, "what is rated could not be found")).ok()??;
    let taken = chat.shared.switchboard.ask(Input::Rated(conversation, score, comment)).await;
    taken.inspect_err(|refusal| tracing::debug!(?refusal, "a rating was not taken")).ok().map(|_| VisitorHears::Rated { score })
}

/// Whether this visitor is asked how it was.
pub(super) async fn is_asked(chat: &WebChat, window: &Window, visitor: &Visitor) -> Result<bool, StoreError> {
    if !window.rating {
        return Ok(false);
    }
    let Some(last) = conversations::last_of(&chat.shared.store, &visitor.0, &identity(visitor)).await? else { return Ok(false) };
    to_rate(chat, last).await
}

/// It was served, is over for no more than a day, and was not rated.
pub(super) async fn to_rate(chat: &WebChat, conversation: ConversationId) -> Result<bool, StoreError> {
    let now = chat.shared.clock.now();
    conversations::unrated_since(&chat.shared.store, conversation, now.after(-ASKED_MS)).await
}
