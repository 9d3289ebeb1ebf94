//! A customer who comes by a link from where they wrote before: this browser is a visitor of theirs from now on, and sees what was written there.

use super::WebChat;
use super::token::Key;
use crate::desk::id::{At, ChannelId, ConversationId};
use crate::desk::input::Input;
use crate::desk::person::{Identity, Page};
use crate::store::continuations::{self, Taken};
use crate::store::viewer::{Role, Viewer};
use crate::store::{StoreError, conversations};

/// Why a link leads nowhere.
pub(super) enum Not {
    Gone,
    Later,
}

impl From<StoreError> for Not {
    fn from(error: StoreError) -> Not {
        tracing::error!(%error, "a customer could not go on by their link");
        Not::Later
    }
}

/// The visitor whom this browser is by this link.
pub(super) async fn visitor(chat: &WebChat, channel: &ChannelId, link: &str, known: Option<String>, now: At) -> Result<String, Not> {
    let links = chat.shared.links.load();
    let conversation = links.as_ref().as_ref().and_then(|links| links.go_of(link, now)).ok_or(Not::Gone)?;
    let fresh = Key::visitor().map_err(|_| Not::Later)?;
    match continuations::take(&chat.shared.store, link, channel.clone(), conversation, (known, fresh), now).await? {
        Taken::Gone => Err(Not::Gone),
        Taken::Again(visitor) => Ok(visitor),
        Taken::New(visitor) => {
            let house = Viewer { agent: "webchat".into(), role: Role::Admin };
            let row = conversations::get(&chat.shared.store, &house, conversation).await?.ok_or(Not::Gone)?;
            let identity: Identity = Page { channel: channel.clone(), visitor: visitor.clone() }.identity();
            let heard = Input::Continued { conversation, person: row.person, identity };
            chat.shared.switchboard.ask(heard).await.map_err(|_| Not::Later)?;
            Ok(visitor)
        }
    }
}

/// Where they came from.
pub(super) async fn before(chat: &WebChat, channel: &ChannelId, visitor: &str) -> Result<Vec<ConversationId>, StoreError> {
    continuations::of(&chat.shared.store, channel, visitor).await
}
