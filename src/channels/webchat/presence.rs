//! Who is still there: a visitor whose last page has been gone for a while has left, and is back with the next page. Pages come and go
//! with every click on the site, and phones cut the line of a page in the background, so a moment's absence says nothing.

use super::WebChat;
use crate::desk::id::{AgentId, ConversationId};
use crate::desk::input::Input;
use crate::desk::person::Page;
use crate::store::conversations;
use crate::store::viewer::{Role, Viewer};
use std::time::Duration;

/// No page for so long: the visitor has left.
const AWAY: Duration = Duration::from_secs(30);
/// How often one looks.
const EVERY: Duration = Duration::from_secs(5);
/// Waiting conversations of the last process that are watched.
const KNOWN: u32 = 10_000;

/// Runs as long as the chat does.
pub(super) async fn follow(chat: WebChat) {
    learn(&chat).await;
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        for (conversation, here) in chat.shared.visitors.look(chat.shared.clock.instant(), AWAY) {
            tell(&chat, conversation, here);
        }
    }
}

/// Visitors who wait since before this process began may never come back: they are looked for, too.
async fn learn(chat: &WebChat) {
    let viewer = Viewer { agent: AgentId::from("webchat"), role: Role::Agent };
    match conversations::waiting(&chat.shared.store, &viewer, KNOWN).await {
        Ok(rows) => {
            for row in rows {
                let Some(page) = Page::of(&row.channel, &row.identity).filter(|page| chat.window(page.channel.as_str()).is_some()) else {
                    continue;
                };
                let visitor = (page.channel, page.visitor);
                if chat.shared.visitors.conversation_of(&visitor).is_none() {
                    chat.shared.visitors.belongs(row.id, visitor);
                }
            }
        }
        Err(error) => tracing::error!(%error, "waiting visitors could not be read"),
    }
}

fn tell(chat: &WebChat, conversation: ConversationId, here: bool) {
    let input = if here { Input::CustomerBack { conversation } } else { Input::CustomerLeft { conversation } };
    if chat.shared.switchboard.tell(input).is_err() {
        tracing::error!("the desk is too busy to hear that a visitor left or came back");
    }
}
