//! Who calls from a page: the visitor of a window, or the customer of a link. Whoever holds the link may call and write for as long as it is good;
//! what was written elsewhere, and in another browser, they are not shown.

use super::visitors::Visitor;
use super::{WebChat, Window, hear};
use crate::desk::id::{AgentId, At, ConversationId};
use crate::desk::person::Who;
use crate::store::conversations::ConversationRow;
use crate::store::viewer::{Role, Viewer};
use crate::store::{StoreError, conversations, persons};

/// Begins the names of those who came by a link, `~CONVERSATION-UNTIL-BROWSER`; visitors' own are hexadecimal.
const LINK: char = '~';

/// How the names of those begin who come by this link; `None` when it is not good (any more).
pub(super) fn opened(chat: &WebChat, link: &str, now: At) -> Option<String> {
    let links = chat.shared.links.load();
    let (conversation, until) = links.as_ref().as_ref()?.call_until(link, now)?;
    Some(format!("{LINK}{conversation}-{}-", until.0))
}

/// Of somebody who came by a link: until when it is good.
pub(super) fn until(visitor: &str) -> Option<At> {
    parts(visitor).map(|(_, until)| until)
}

fn parts(visitor: &str) -> Option<(ConversationId, At)> {
    let (conversation, rest) = visitor.strip_prefix(LINK)?.split_once('-')?;
    let (until, _) = rest.split_once('-')?;
    Some((ConversationId(conversation.parse().ok()?), At(until.parse().ok()?)))
}

/// The conversation in which the customer was sent the link by which they have come; `None` for those who came without.
pub(super) async fn sent_in(chat: &WebChat, visitor: &Visitor) -> Result<Option<ConversationRow>, StoreError> {
    let Some((conversation, _)) = parts(&visitor.1) else { return Ok(None) };
    let house = Viewer { agent: AgentId::from("webchat"), role: Role::Admin };
    conversations::get(&chat.shared.store, &house, conversation).await
}

/// Who calls, and the agent who is asked first; `None` when the link is not good any more.
pub(super) async fn caller(chat: &WebChat, window: &Window, visitor: &Visitor) -> Result<Option<(Who, Option<AgentId>)>, StoreError> {
    if until(&visitor.1).is_none() {
        return Ok(Some((hear::who(chat, window, visitor).await?, None)));
    }
    let Some(row) = sent_in(chat, visitor).await? else { return Ok(None) };
    let person = persons::brief(&chat.shared.store, row.identity.clone()).await?;
    Ok(Some((Who { identity: row.identity, display: Some(row.person_name), person }, row.agent)))
}
