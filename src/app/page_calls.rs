//! From chat windows to calls and back: neither knows of the other.

use crate::channels::webchat::call::{CallAsk, Connect, NotConnected};
use crate::voice::Voice;
use crate::voice::pages::{PageError, PageOffer};
use tokio::sync::mpsc;

/// Carries what pages ask of calls, until nobody asks any more.
pub(super) async fn carry(voice: Voice, mut asked: mpsc::Receiver<CallAsk>) {
    while let Some(ask) = asked.recv().await {
        match ask {
            CallAsk::Connect(connect) => drop(tokio::spawn(connect_page(voice.clone(), *connect))),
            CallAsk::Leave { page, declines } => voice.page_leaves(&page, declines),
        }
    }
}

async fn connect_page(voice: Voice, connect: Connect) {
    let Connect { page, who, first, sdp, video, resume, reply } = connect;
    let answer = voice.page_offers(PageOffer { page, who, first, sdp, video, resume }).await.map_err(|error| match error {
        PageError::Over => NotConnected::Over,
        PageError::Stopping => NotConnected::Busy,
        PageError::Webrtc(error) => {
            tracing::warn!(%error, "a page's media offer was refused");
            NotConnected::BadOffer
        }
        PageError::Task(error) => {
            tracing::error!(%error, "a page's media connection could not be made");
            NotConnected::Busy
        }
    });
    // The page may have gone.
    let _ = reply.send(answer);
}
