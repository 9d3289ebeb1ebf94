//! Where a visitor is on the firm's site, straight to the pages that show them: nothing is read and nothing kept on the way.

use super::Frame;
use crate::desk::floor::Floor;
use crate::desk::id::{ConversationId, PersonId, Work};
use crate::switchboard::Here;
use crate::web::WebState;
use crate::web::inbox::view::HereLine;
use serde_json::json;

/// `here {person, title, href, since}`; without a title they are not seen any more.
pub(super) fn show(state: &WebState, here: Here) {
    let Some(person) = whose(&state.switchboard.floor(), here.conversation) else { return };
    let body = match here.page.map(|page| HereLine::new(page.url, page.title, page.since)) {
        Some(line) => json!({ "person": person, "title": line.title, "href": line.href, "since": line.since }),
        None => json!({ "person": person, "title": "" }),
    };
    state.live.to_viewers(person, &Frame::new("here", body));
}

/// Whose conversation it is, as long as it waits or is served.
fn whose(floor: &Floor, conversation: ConversationId) -> Option<PersonId> {
    let work = Work::Conversation(conversation);
    let serving = floor.serving.iter().find(|row| row.work == work).map(|row| row.person);
    serving.or_else(|| floor.waiting.iter().find(|row| row.work == work).map(|row| row.person))
}
