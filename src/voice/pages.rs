//! Customers' pages that call and are called. A page's media connection comes first; only once it carries media a call begins, or goes on:
//! whoever merely asks for connections costs the desk nothing. A page has one call at a time, so one that was loaded again finds its call by
//! being the same page.

use super::{Voice, admission, call, hear};
use crate::desk::id::{AgentId, CallId};
use crate::desk::input::{CallHeard, Input};
use crate::desk::person::{Page, Who};
use crate::media::{PeerEvent, PeerId};
use crate::webrtc::{self, WebrtcError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Events that one connection, or one call's page, may have waiting.
const EVENTS: usize = 16;

/// A page asks for a media connection for its call.
pub struct PageOffer {
    pub page: Page,
    /// Who calls, looked up by the channel.
    pub who: Who,
    /// Asked first, where the call begins.
    pub first: Option<AgentId>,
    pub sdp: String,
    /// With the camera on.
    pub video: bool,
    /// For the call that there is: no other is begun.
    pub resume: bool,
}

/// Why a page gets no connection.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("there is no such call any more")]
    Over,
    #[error("the house is stopping")]
    Stopping,
    #[error(transparent)]
    Webrtc(#[from] WebrtcError),
    #[error("the connection could not be made: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What a call hears of its customer's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PageHeard {
    /// A connection carries media: the first, or one that takes the former's place.
    Peer(PeerId),
    /// Nothing was heard on this connection for long.
    Silent(PeerId),
    /// It is gone.
    Gone(PeerId),
    HungUp,
    /// Does not want to be called.
    Declined,
    /// Was rung for long enough.
    TooLong,
}

/// The calls of all pages.
#[derive(Clone, Default)]
pub(super) struct Pages(Arc<Mutex<HashMap<Page, Entry>>>);

struct Entry {
    call: CallId,
    line: mpsc::Sender<PageHeard>,
}

/// A page's place in the list of calls; free again when dropped.
pub(super) struct Registered {
    pages: Pages,
    page: Page,
    call: CallId,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut entries = self.pages.entries();
        if entries.get(&self.page).is_some_and(|entry| entry.call == self.call) {
            entries.remove(&self.page);
        }
    }
}

/// What a page's call listens on.
pub(super) struct PageLine {
    pub heard: mpsc::Receiver<PageHeard>,
    _registered: Registered,
}

impl Pages {
    fn entries(&self) -> MutexGuard<'_, HashMap<Page, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page belongs to this call from now on; `None` when it has another.
    pub(super) fn register(&self, page: &Page, call: CallId) -> Option<PageLine> {
        let mut entries = self.entries();
        if entries.contains_key(page) {
            return None;
        }
        let (line, heard) = mpsc::channel(EVENTS);
        entries.insert(page.clone(), Entry { call, line });
        Some(PageLine { heard, _registered: Registered { pages: self.clone(), page: page.clone(), call } })
    }

    fn line(&self, page: &Page) -> Option<mpsc::Sender<PageHeard>> {
        self.entries().get(page).map(|entry| entry.line.clone())
    }
}

impl Voice {
    /// Answers a page's offer. What comes of it is heard when the connection carries media.
    pub async fn page_offers(&self, offer: PageOffer) -> Result<String, PageError> {
        if self.shared.stop.is_cancelled() {
            return Err(PageError::Stopping);
        }
        if offer.resume && self.shared.pages.line(&offer.page).is_none() {
            return Err(PageError::Over);
        }
        let (shared, sdp) = (self.shared.clone(), offer.sdp.clone());
        let answered = tokio::task::spawn_blocking(move || webrtc::answer(&shared.web, &sdp, shared.clock.instant())).await??;
        let (events, heard) = mpsc::channel(EVENTS);
        let peer = self.shared.plane.add_peer(answered.peer, events);
        tokio::spawn(follow(self.clone(), offer, peer, heard));
        Ok(answered.answer)
    }

    /// The customer hangs up, or will not be called.
    pub fn page_leaves(&self, page: &Page, declines: bool) {
        if let Some(line) = self.shared.pages.line(page) {
            tell(&line, if declines { PageHeard::Declined } else { PageHeard::HungUp });
        }
    }

    /// A connection carries media: its call goes on, or begins. `None` where neither may be.
    fn page_connected(&self, offer: &PageOffer, peer: PeerId) -> Option<mpsc::Sender<PageHeard>> {
        let line = self.shared.pages.line(&offer.page);
        let line = match line {
            Some(line) => line,
            None if offer.resume || self.shared.stop.is_cancelled() => return None,
            None => {
                let Some(waits) = self.shared.admission.enter(self.shared.clock.instant()) else {
                    tracing::warn!("a page's call is turned away: the desk is behind");
                    return None;
                };
                let call = self.shared.switchboard.number_call();
                // Another page of the same customer may have come first.
                if let Some(line) = self.shared.pages.register(&offer.page, call) {
                    let (page, who, first) = (offer.page.clone(), offer.who.clone(), offer.first.clone());
                    self.shared.tasks.spawn(take(
                        self.clone(),
                        call,
                        CallHeard::FromPage { page, video: offer.video, who, first },
                        line,
                        waits,
                    ));
                }
                self.shared.pages.line(&offer.page)?
            }
        };
        tell(&line, PageHeard::Peer(peer));
        Some(line)
    }
}

/// Gives a page's call a task and tells the desk.
async fn take(voice: Voice, call: CallId, heard: CallHeard, page: PageLine, waits: admission::Place) {
    let CallHeard::FromPage { who, .. } = &heard else { return };
    let who = who.clone();
    let line = voice.shared.switchboard.open_line(call);
    let _open = hear::Open { voice: voice.clone(), call };
    tracing::info!(%call, known = who.person.is_some(), "call from a page");
    if voice.shared.switchboard.tell(Input::Call(call, heard)).is_err() {
        return tracing::warn!(%call, "a page's call is turned away: the desk is too busy");
    }
    let settings = voice.settings();
    call::run(call::Start { voice, settings, call, who, began: call::Began::Page(page), line, waits: Some(waits) }).await;
}

/// Follows one connection from its offer to its end.
async fn follow(voice: Voice, offer: PageOffer, peer: PeerId, mut heard: mpsc::Receiver<PeerEvent>) {
    let mut line = None;
    while let Some(event) = heard.recv().await {
        tracing::debug!(page = ?offer.page, ?peer, ?event, "customer's page");
        match (event, &line) {
            (PeerEvent::Connected, None) => {
                line = voice.page_connected(&offer, peer);
                if line.is_none() {
                    break;
                }
            }
            // Heard again after it had been silent: its audio says so.
            (PeerEvent::Connected, Some(_)) | (PeerEvent::Disconnected, None) => {}
            (PeerEvent::Disconnected, Some(line)) => tell(line, PageHeard::Silent(peer)),
            (PeerEvent::Closed | PeerEvent::Failed, _) => break,
        }
    }
    if let Some(line) = line {
        tell(&line, PageHeard::Gone(peer));
    }
    voice.shared.plane.remove_peer(peer);
}

fn tell(line: &mpsc::Sender<PageHeard>, heard: PageHeard) {
    // A call that is over hears nothing more.
    if let Err(mpsc::error::TrySendError::Full(heard)) = line.try_send(heard) {
        tracing::error!(?heard, "a call is too busy to hear of its page");
    }
}
