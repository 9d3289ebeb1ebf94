//! Which visitors have a page open now, and on what wire each is told things. A slow page loses its wire and reads the history again when
//! it comes back: nothing is kept for it here.

use super::wire::VisitorHears;
use crate::desk::id::{ChannelId, ConversationId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Frames one page may have waiting.
const FRAMES: usize = 64;
/// Pages of one visitor at once.
const PAGES: usize = 8;
/// Pages of all visitors at once.
const ALL_PAGES: usize = 20_000;
/// Conversations whose visitor is remembered.
const CONVERSATIONS: usize = 50_000;

/// A visitor in a window.
pub(super) type Visitor = (ChannelId, String);

#[derive(Default)]
pub(super) struct Visitors(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    pages: HashMap<Visitor, Vec<mpsc::Sender<VisitorHears>>>,
    open: usize,
    /// Whose conversation it is: facts and the floor name conversations, pages belong to visitors.
    conversations: HashMap<ConversationId, Visitor>,
    /// The same the other way round: each visitor's newest.
    current: HashMap<Visitor, ConversationId>,
    /// Conversations whose visitor has no page: since when, and whether that was told.
    absent: HashMap<ConversationId, (Instant, bool)>,
}

impl Visitors {
    /// A page opens; `None` when there are too many.
    pub(super) fn open(&self, visitor: Visitor) -> Option<mpsc::Receiver<VisitorHears>> {
        let mut tables = self.tables();
        tables.sweep_if_full();
        if tables.open >= ALL_PAGES {
            return None;
        }
        let pages = tables.pages.entry(visitor).or_default();
        let before = pages.len();
        pages.retain(|page| !page.is_closed());
        if pages.len() >= PAGES {
            return None;
        }
        let (page, hears) = mpsc::channel(FRAMES);
        pages.push(page);
        let after = pages.len();
        tables.open = (tables.open + after).saturating_sub(before);
        Some(hears)
    }

    /// Tells all pages of a visitor; says whether there was one.
    pub(super) fn tell(&self, visitor: &Visitor, frame: &VisitorHears) -> bool {
        let mut tables = self.tables();
        let Some(pages) = tables.pages.get_mut(visitor) else { return false };
        let before = pages.len();
        pages.retain(|page| page.try_send(frame.clone()).is_ok());
        let after = pages.len();
        if after == 0 {
            tables.pages.remove(visitor);
        }
        tables.open = (tables.open + after).saturating_sub(before);
        after > 0
    }

    /// Tells all pages of a window.
    pub(super) fn tell_window(&self, window: &ChannelId, frame: &VisitorHears) {
        let theirs: Vec<Visitor> = self.tables().pages.keys().filter(|(channel, _)| channel == window).cloned().collect();
        for visitor in &theirs {
            self.tell(visitor, frame);
        }
    }

    /// Remembers whose conversation this is.
    pub(super) fn belongs(&self, conversation: ConversationId, visitor: Visitor) {
        let mut tables = self.tables();
        if tables.conversations.len() >= CONVERSATIONS {
            // Ids grow, so the smallest are the oldest; a forgotten one is learned again from the store when its visitor returns.
            let mut ids: Vec<_> = tables.conversations.keys().copied().collect();
            ids.sort_unstable();
            for id in ids.iter().take(CONVERSATIONS / 4) {
                if let Some(visitor) = tables.conversations.remove(id)
                    && tables.current.get(&visitor) == Some(id)
                {
                    tables.current.remove(&visitor);
                }
            }
        }
        tables.current.insert(visitor.clone(), conversation);
        tables.conversations.insert(conversation, visitor);
    }

    pub(super) fn of(&self, conversation: ConversationId) -> Option<Visitor> {
        self.tables().conversations.get(&conversation).cloned()
    }

    /// The conversation a visitor has open, if any is known.
    pub(super) fn conversation_of(&self, visitor: &Visitor) -> Option<ConversationId> {
        self.tables().current.get(visitor).copied()
    }

    /// Whose visitors have been without a page for `away` since the last look, and who of those is back (`true`).
    pub(super) fn look(&self, now: Instant, away: Duration) -> Vec<(ConversationId, bool)> {
        let mut tables = self.tables();
        let Tables { pages, current, absent, .. } = &mut *tables;
        let mut news = Vec::new();
        let mut still = HashMap::new();
        for (visitor, conversation) in current.iter() {
            let here = pages.get(visitor).is_some_and(|pages| pages.iter().any(|page| !page.is_closed()));
            match (here, absent.get(conversation)) {
                (true, Some((_, true))) => news.push((*conversation, true)),
                (true, _) => {}
                (false, seen) => {
                    let (since, told) = seen.copied().unwrap_or((now, false));
                    let gone = now.duration_since(since) >= away;
                    if gone && !told {
                        news.push((*conversation, false));
                    }
                    still.insert(*conversation, (since, told || gone));
                }
            }
        }
        *absent = still;
        news
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Forgets pages that closed without anything having been told to them since.
    fn sweep_if_full(&mut self) {
        if self.open >= ALL_PAGES {
            self.pages.retain(|_, pages| {
                pages.retain(|page| !page.is_closed());
                !pages.is_empty()
            });
            self.open = self.pages.values().map(Vec::len).sum();
        }
    }
}
