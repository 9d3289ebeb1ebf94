//! Several mailboxes of one house. A letter that came to more than one of them is one message, heard by the mailbox that it names first; an answer
//! that came to another one than the conversation's is heard where the conversation is, and answered from there.

use super::read::Untold;
use super::{Open, Post};
use crate::desk::id::{ChannelId, ConversationId};
use crate::store::{StoreError, messages, threads};
use std::sync::{Arc, PoisonError};

fn all(post: &Post) -> Vec<Arc<Open>> {
    let accounts = post.accounts();
    let open = accounts.iter().flat_map(|accounts| accounts.values());
    open.filter(|open| open.account.platform.traits().threads).cloned().collect()
}

/// Who hears what this account was told; `None`: nobody, because it is a copy of what another mailbox of the house wrote to somebody.
pub(super) fn home(post: &Post, open: &Arc<Open>, raw: &[u8]) -> Option<Arc<Open>> {
    let this = || Some(open.clone());
    if !open.account.platform.traits().threads {
        return this();
    }
    let mailboxes = all(post);
    let Some(head) = (mailboxes.len() > 1).then(|| open.account.platform.head(raw)).flatten() else { return this() };
    // Two that read different folders of one mailbox have the same address: then it is whose folder it lies in.
    let owner = |address: &String| std::iter::once(open).chain(&mailboxes).find(|mailbox| mailbox.account.platform.owns(address));
    // What one mailbox writes to another alone is a letter; what others have too stands in its conversation already.
    let ours = head.ours && owner(&head.from).is_some_and(|writer| writer.account.id != open.account.id);
    if ours && head.to.iter().any(|address| owner(address).is_none()) {
        return None;
    }
    head.to.iter().find_map(owner).cloned().or_else(this)
}

/// The conversation that one of these names belongs to, and its mailbox; one of this mailbox's before those of others.
pub(super) async fn thread(post: &Post, open: &Open, names: &[String]) -> Result<Option<(ConversationId, ChannelId)>, StoreError> {
    let own = &open.account.id;
    let others = all(post).into_iter().map(|open| open.account.id.clone()).filter(|id| id != own);
    for channel in std::iter::once(own.clone()).chain(others) {
        if let Some(conversation) = threads::find(&post.shared.store, &channel, names.to_vec()).await? {
            return Ok(Some((conversation, channel)));
        }
    }
    Ok(None)
}

/// Whether a mailbox of the house has this letter already.
pub(super) async fn has(post: &Post, key: &str) -> Result<bool, StoreError> {
    for open in all(post) {
        if messages::known(&post.shared.store, &open.account.id, key).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One letter, while it is being recorded.
pub(super) struct Alone<'p> {
    post: &'p Post,
    key: String,
}

/// Whoever has the same letter waits meanwhile.
pub(super) fn alone<'p>(post: &'p Post, key: &str) -> Result<Alone<'p>, Untold> {
    let mut letters = post.shared.letters.lock().unwrap_or_else(PoisonError::into_inner);
    match letters.insert(key.to_owned()) {
        true => Ok(Alone { post, key: key.to_owned() }),
        false => Err(Untold::NotNow("another mailbox has the same letter, and is just recording it".into())),
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.post.shared.letters.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
