//! Messages out. One customer's keep their order; different customers' do not wait for each other's retries.

use super::health::{Direction, heard, sends_nothing};
use super::lanes::Lane;
use super::patience::{Patience, Terms, failed};
use super::read::{self, Untold};
use super::{Open, Post, Running, Shared, amend, receipt};
use crate::channels::platform::{Answers, Handed, LocalFile, Piece, Trouble};
use crate::desk::act::Outbound;
use crate::desk::id::{ChannelId, MessageId};
use crate::desk::input::{Change, Delivery, FileRef};
use crate::desk::parts::{Part, parts};
use crate::desk::person::Unreachable;
use crate::store::pieces::{self, Begun};
use crate::store::{StoreError, amendments, files, threads};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Why a message did not go out that was taken back before.
pub(super) const RECALLED: &str = "recalled";
/// One request may take so long, whatever the connector thinks.
pub(super) const LONGEST_SEND: Duration = Duration::from_secs(180);

/// The name of a piece towards the platform: the same at each try, and no other house's.
pub(super) fn key(shared: &Shared, message: MessageId, part: u32) -> String {
    format!("{message}-{part}-{}", shared.house)
}

/// Sends one channel's messages.
pub(super) async fn run(post: Post, channel: ChannelId, mut outlet: mpsc::Receiver<Outbound>) {
    let running = post.running(&channel);
    while let Some(outbound) = outlet.recv().await {
        if let Some(lane) = running.lanes.enter(outbound).await {
            tokio::spawn(post.shared.stop.clone().run_until_cancelled_owned(empty(post.clone(), channel.clone(), running.clone(), lane)));
        }
        // The platform's rate, for all lanes together.
        if let Some(open) = post.account(&channel) {
            tokio::time::sleep(Duration::from_secs(1) / open.account.rate.max(1)).await;
        }
    }
}

/// One customer's messages, one after the other, until none is left.
async fn empty(post: Post, channel: ChannelId, running: Arc<Running>, lane: Lane) {
    while let Some(outbound) = running.lanes.next(&lane) {
        // A channel that a reload removed sends nothing: what waited stays recorded as unsent.
        let Some(open) = post.opened(&channel).await else { continue };
        let done = match &outbound.amends {
            None => deliver(&post, open, &outbound).await,
            Some(amends) => match amend::amend(&post, open, &outbound, amends).await {
                Ok(Some(state)) => Ok((state, Vec::new())),
                // Its message waits, and so it does.
                Ok(None) => continue,
                Err(error) => Err(error),
            },
        };
        let (mut state, told) = match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(message = %outbound.message, %error, "a message waits: its pieces could not be noted");
                continue;
            }
        };
        state = receipt::short(state);
        for state in std::iter::once(state).chain(told) {
            if let Err(Untold::NotNow(why) | Untold::Never(why)) = receipt::record(&post, outbound.message, state).await {
                tracing::warn!(message = %outbound.message, why, "what became of a message is not recorded");
            }
        }
    }
}

/// What became of a message, and what the platform had told of it before we knew its name.
type Delivered = (Delivery, Vec<Delivery>);

async fn deliver(post: &Post, mut open: Arc<Open>, outbound: &Outbound) -> Result<Delivered, StoreError> {
    let mut body = Cow::Borrowed(&outbound.body);
    // What the agent has made of it before it went out.
    match amendments::fold(&post.shared.store, outbound.message).await? {
        Some(Change::Recalled) => return Ok((failed(RECALLED), Vec::new())),
        Some(Change::Edited(text)) => body.to_mut().text = text,
        None => {}
    }
    let Some(parts) = parts(open.account.platform.traits(), &body) else { return Ok((failed("too_long"), Vec::new())) };
    let thread = threads::thread(&post.shared.store, outbound.conversation).await?;
    let answers = Answers { newest: thread.newest, threads: thread.names, subject: thread.subject };
    let (mut state, mut told, count) = (Delivery::Sent, Vec::new(), parts.len());
    for (at, part) in parts.into_iter().enumerate() {
        let piece = piece(post, outbound, (at, count), part, answers.clone()).await?;
        match one(post, &mut open, &piece).await? {
            Ok(handed) => {
                let now = post.shared.clock.now();
                let (store, channel) = (&post.shared.store, &open.account.id);
                told.extend(pieces::sent(store, channel, piece.message, piece.part, handed.ids, now).await?);
                if !handed.threads.is_empty() {
                    threads::name(store, channel, piece.conversation, handed.threads, now).await?;
                }
                state = handed.state;
            }
            Err(state) => return Ok((state, told)),
        }
    }
    Ok((state, told))
}

async fn piece(post: &Post, outbound: &Outbound, (at, count): (usize, usize), part: Part, answers: Answers) -> Result<Piece, StoreError> {
    let store = &post.shared.store;
    let mut local = Vec::with_capacity(part.files.len());
    for FileRef { id, name, mime, bytes } in part.files {
        if let Some(row) = files::get(store, id).await? {
            local.push(LocalFile { name, mime, bytes, path: files::path(store, &row) });
        }
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Piece {
        message: outbound.message,
        part: number(at),
        parts: number(count),
        conversation: outbound.conversation,
        to: outbound.to.clone(),
        key: key(&post.shared, outbound.message, number(at)),
        text: part.text,
        files: local,
        extra: part.extra,
        answers,
    })
}

/// Tries until the platform has it, refuses it, or nobody knows; the inner error is what the message has become.
async fn one(post: &Post, open: &mut Arc<Open>, piece: &Piece) -> Result<Result<Handed, Delivery>, StoreError> {
    let (store, mut patience, running) = (&post.shared.store, Patience::new(), open.running.clone());
    loop {
        let turn = running.lanes.turn(|| sends_nothing(&running)).await;
        let repeats = open.account.platform.traits().tells.repeats_safely;
        match pieces::begin(store, piece.message, piece.part, post.shared.clock.now()).await? {
            Begun::Sent => return Ok(Ok(Handed { ids: Vec::new(), state: Delivery::Sent, threads: Vec::new() })),
            Begun::Tried if !repeats => return Ok(Err(Delivery::Unknown)),
            Begun::Tried | Begun::New => {}
        }
        let sent = tokio::time::timeout(LONGEST_SEND, open.account.platform.send(piece)).await;
        let sent = sent.unwrap_or_else(|_| Err(Trouble::Uncertain("it took too long".into())));
        heard(post, &open.account.id, &open.running, Direction::Out, sent.as_ref().map(drop));
        let trouble = match sent {
            Ok(handed) => return Ok(Ok(handed)),
            Err(trouble) => trouble,
        };
        tracing::info!(message = %piece.message, channel = %open.account.id, %trouble, "a message could not be handed over");
        if let Trouble::Blocked(_) = &trouble {
            // Of letters it means one thing; elsewhere only the platform knows, and its words stand with the message.
            let letters = open.account.platform.traits().threads;
            let because = if letters { Unreachable::NoSuchAddress } else { Unreachable::Unspecified };
            let told = read::unreachable(post, piece.to.clone(), because).await;
            if let Err(Untold::NotNow(error) | Untold::Never(error)) = told {
                tracing::warn!(message = %piece.message, error, "that a customer cannot be reached is not recorded");
            }
        }
        let terms = Terms { most: open.account.tries, repeats, failing: sends_nothing(&running) };
        let wait = match patience.after(trouble, terms) {
            Ok(wait) => wait,
            Err(state) => return Ok(Err(state)),
        };
        // It was certainly not sent, or may be sent twice without harm: a restart may try again.
        pieces::take_back(store, piece.message, piece.part).await?;
        turn.over().await;
        tokio::time::sleep(wait).await;
        if let Some(newer) = post.account(&open.account.id) {
            *open = newer;
        }
    }
}
