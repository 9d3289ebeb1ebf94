//! Who calls from a page: the visitor of a window, or the customer of a link. A link's customer is not known as a visitor: they write nothing, and
//! whoever holds the link may call for as long as it is good and no longer.

use super::visitors::Visitor;
use super::{WebChat, Window, hear};
use crate::desk::id::{AgentId, At};
use crate::desk::person::Who;
use crate::store::viewer::{Role, Viewer};
use crate::store::{StoreError, conversations, persons};

/// Begins the names of those who came by a link; visitors' own are hexadecimal.
const LINK: char = '~';

/// The visitor that a link makes; `None` for one that is not good (any more). A visitor's name may hold no dot, which its token counts by.
pub(super) fn visitor(chat: &WebChat, link: &str, now: At) -> Option<String> {
    let links = chat.shared.links.load();
    links.as_ref().as_ref()?.call_of(link, now)?;
    Some(format!("{LINK}{}", link.replace('.', ":")))
}

/// Whether this visitor came by a link.
pub(super) fn by_link(visitor: &Visitor) -> bool {
    visitor.1.starts_with(LINK)
}

/// Who calls, and the agent who is asked first; `None` when the link is not good any more.
pub(super) async fn caller(chat: &WebChat, window: &Window, visitor: &Visitor) -> Result<Option<(Who, Option<AgentId>)>, StoreError> {
    let Some(link) = visitor.1.strip_prefix(LINK) else {
        return Ok(Some((hear::who(chat, window, visitor).await?, None)));
    };
    let links = chat.shared.links.load();
    let conversation = links.as_ref().as_ref().and_then(|links| links.call_of(&link.replace(':', "."), chat.shared.clock.now()));
    let Some(conversation) = conversation else { return Ok(None) };
    let house = Viewer { agent: AgentId::from("webchat"), role: Role::Admin };
    let Some(row) = conversations::get(&chat.shared.store, &house, conversation).await? else { return Ok(None) };
    let person = persons::brief(&chat.shared.store, row.identity.clone()).await?;
    Ok(Some((Who { identity: row.identity, display: Some(row.person_name), person }, row.agent)))
}
