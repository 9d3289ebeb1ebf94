//! Messages of ours that get other words, or are taken back. Each is done behind its message, in the same lane.
//!
//! What had not gone out yet goes out with the other words, or not at all (`amendments::fold`); the platform is asked only about what it has.

use super::health::{Direction, heard, sends_nothing};
use super::patience::{Patience, Terms, failed};
use super::send::{LONGEST_SEND, RECALLED, key};
use super::{Open, Post};
use crate::channels::platform::{Amend, SentPiece, Trouble};
use crate::desk::act::{Amends, Outbound};
use crate::desk::input::{Body, Change, Delivery};
use crate::desk::parts::parts;
use crate::store::amendments::{self, Stands};
use crate::store::{StoreError, messages};
use std::sync::Arc;

/// What became of it; `None`: its message is still to be sent.
pub(super) async fn amend(post: &Post, mut open: Arc<Open>, outbound: &Outbound, amends: &Amends) -> Result<Option<Delivery>, StoreError> {
    let (store, mut patience, running) = (&post.shared.store, Patience::new(), open.running.clone());
    let Some(mut amend) = prepared(post, &open, outbound, amends).await? else { return Ok(Some(failed("gone"))) };
    // Whether a try before this one may have done it, before the process ended or without an answer.
    let (mut begun, mut doubt) = (false, false);
    loop {
        let turn = running.lanes.turn(|| sends_nothing(&running)).await;
        match amendments::begin(store, outbound.message, post.shared.clock.now()).await? {
            None => return Ok(Some(failed("gone"))),
            Some(Stands::Folded(state)) => return Ok(folded(state, &amends.change)),
            Some(Stands::Unseen(Delivery::Queued)) => return Ok(None),
            Some(Stands::Unseen(_)) => return Ok(Some(failed("not_sent"))),
            Some(Stands::Open { again }) if !begun => doubt = again,
            Some(Stands::Open { .. }) => {}
        }
        (begun, amend.again) = (true, doubt);
        let done = tokio::time::timeout(LONGEST_SEND, open.account.platform.amend(&amend)).await;
        let done = done.unwrap_or_else(|_| Err(Trouble::Uncertain("it took too long".into())));
        heard(post, &open.account.id, &open.running, Direction::Out, done.as_ref().map(drop));
        let Err(trouble) = done else { return Ok(Some(Delivery::Sent)) };
        tracing::info!(amendment = %outbound.message, channel = %open.account.id, %trouble, "a message could not be amended");
        doubt |= matches!(trouble, Trouble::Uncertain(_));
        let terms = Terms { most: open.account.tries, repeats: true, failing: sends_nothing(&running) };
        match patience.after(trouble, terms) {
            Ok(wait) => {
                turn.over().await;
                tokio::time::sleep(wait).await;
            }
            // What is refused may be refused because it is done.
            Err(_) if doubt => return Ok(Some(Delivery::Unknown)),
            Err(state) => return Ok(Some(state)),
        }
        if let Some(newer) = post.account(&open.account.id) {
            open = newer;
        }
    }
}

/// `None`: there is no such message any more.
async fn prepared(post: &Post, open: &Open, outbound: &Outbound, amends: &Amends) -> Result<Option<Amend>, StoreError> {
    let Some(row) = messages::get(&post.shared.store, amends.message).await? else { return Ok(None) };
    let body = Body { text: row.text, files: row.files, extra: row.extra };
    let caption =
        parts(open.account.platform.traits(), &body).is_some_and(|parts| parts.first().is_some_and(|part| !part.files.is_empty()));
    let pieces = amendments::pieces(&post.shared.store, &open.account.id, amends.message).await?;
    Ok(Some(Amend {
        key: key(&post.shared, outbound.message, 0),
        to: outbound.to.clone(),
        conversation: outbound.conversation,
        pieces: pieces.into_iter().map(|(part, id)| SentPiece { key: key(&post.shared, amends.message, part), id }).collect(),
        change: amends.change.clone(),
        caption,
        again: false,
    }))
}

/// What became of the message is what became of it.
fn folded(message: Delivery, change: &Change) -> Option<Delivery> {
    match (message, change) {
        (Delivery::Queued, _) => None,
        (Delivery::Failed { reason }, Change::Recalled) if reason == RECALLED => Some(Delivery::Sent),
        (Delivery::Failed { .. }, _) => Some(failed("not_sent")),
        (Delivery::Unknown, _) => Some(Delivery::Unknown),
        (Delivery::Sent | Delivery::Delivered | Delivery::Read, _) => Some(Delivery::Sent),
    }
}
