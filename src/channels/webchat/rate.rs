//! What customers say of a conversation when it is over: asked in the window or the app, told to the desk at once.

use super::hear::identity;
use super::visitors::Visitor;
use super::wire::{Question, VisitorHears};
use super::{WebChat, Window};
use crate::desk::id::SurveyName;
use crate::desk::input::Input;
use crate::store::{StoreError, conversations, surveys};

/// So long after the end they are still asked, ms.
pub(super) const ASKED_MS: i64 = 24 * 3_600_000;

/// Takes a score; `None` where there is nothing to rate.
pub(super) async fn rate(chat: &WebChat, window: &Window, visitor: &Visitor, score: u8, comment: String) -> Option<VisitorHears> {
    // Which of them is asked the desk knows; what none of them can mean is no score.
    if !window.questions.values().any(|question| question.takes(score)) {
        return None;
    }
    let found = conversations::last_of(&chat.shared.store, &visitor.0, &identity(visitor)).await;
    let conversation = found.inspect_err(|error| tracing::error!(%error, "what is rated could not be found")).ok()??;
    let taken = chat.shared.switchboard.ask(Input::Rated(conversation, score, comment)).await;
    taken.inspect_err(|refusal| tracing::debug!(?refusal, "a rating was not taken")).ok().map(|_| VisitorHears::Rated { score })
}

/// What this visitor is asked about their last conversation, if they have not answered.
pub(super) async fn asked(chat: &WebChat, window: &Window, visitor: &Visitor) -> Result<Option<Question>, StoreError> {
    if window.questions.is_empty() {
        return Ok(None);
    }
    let store = &chat.shared.store;
    let Some(last) = conversations::last_of(store, &visitor.0, &identity(visitor)).await? else { return Ok(None) };
    let since = chat.shared.clock.now().after(-ASKED_MS);
    Ok(surveys::in_window(store, last, since).await?.and_then(|asked| question(window, &asked.survey)))
}

/// What this survey asks in a window.
pub(super) fn question(window: &Window, survey: &SurveyName) -> Option<Question> {
    window.questions.get(survey).cloned()
}
