//! The shard's side of the writer: payloads are appended to a pooled batch, full or due batches are passed on, and
//! orders wait here when the writer's queue is full, so that a shard never waits.

use super::film::Piece;
use super::writer::{Order, Writer};
use crate::media::events::MediaEvent;
use crate::rtp::Law;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::mpsc;

/// Bytes after which a batch is passed on.
const BATCH: usize = 32 * 1024;
/// Spare batches kept.
const SPARES: usize = 8;
/// Source, number, marker of a picture's packet, before its payload.
const PICTURE_HEAD: usize = 4 + 2 + 1;
/// Id, position, side, length.
const HEAD: usize = 8 + 8 + 1 + 2;

/// The channel of a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(in crate::media) enum Side {
    Customer = 0,
    Others = 1,
}

impl Side {
    /// As the files of its picture are called.
    pub fn word(self) -> &'static str {
        match self {
            Side::Customer => "customer",
            Side::Others => "agent",
        }
    }
}

/// A packet of a picture, as the recording sees it.
pub(in crate::media) struct Pictured<'a> {
    /// Tells sources apart.
    pub source: u32,
    pub seq: u16,
    pub marker: bool,
    pub payload: &'a [u8],
}

/// A piece of a batch.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Block<'a> {
    pub id: u64,
    /// In samples from the recording's start.
    pub at: u64,
    pub content: Content<'a>,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Content<'a> {
    Audio(Side, &'a [u8]),
    Picture(Side, u32, Piece),
    /// The time is `at` now, whoever spoke.
    Clock,
}

pub(in crate::media) struct Feed {
    orders: SyncSender<Order>,
    /// What the writer had no room for. Bounded: one begin and one end per recording, and one batch.
    waiting: VecDeque<Order>,
    batch: Vec<u8>,
    spares: Receiver<Vec<u8>>,
    back: SyncSender<Vec<u8>>,
}

impl Feed {
    pub fn new(writer: Writer) -> Feed {
        let (back, spares) = sync_channel(SPARES);
        Feed { orders: writer.orders, waiting: VecDeque::new(), batch: Vec::new(), spares, back }
    }

    pub fn begin(&mut self, id: u64, path: PathBuf, law: Law, quiet: Option<Duration>, events: mpsc::Sender<MediaEvent>) {
        self.order(Order::Begin { id, path, law, quiet, events });
    }

    pub fn end(&mut self, id: u64, samples: u64) {
        self.flush();
        self.order(Order::End { id, samples });
    }

    /// Copies a payload, through a map where the file has the other law. `false`: lost, the writer is behind.
    pub fn audio(&mut self, id: u64, side: Side, at: u64, payload: &[u8], map: Option<&[u8; 256]>) -> bool {
        if !self.room(payload.len()) {
            return false;
        }
        self.head(id, at, side as u8, payload.len());
        match map {
            Some(map) => self.batch.extend(payload.iter().map(|&byte| map[byte as usize])),
            None => self.batch.extend_from_slice(payload),
        }
        true
    }

    /// Copies a packet of a picture. `false`: lost, the writer is behind.
    pub fn picture(&mut self, id: u64, side: Side, at: u64, packet: &Pictured<'_>) -> bool {
        let length = PICTURE_HEAD + packet.payload.len();
        if !self.room(length) {
            return false;
        }
        self.head(id, at, 3 + side as u8, length);
        self.batch.extend(packet.source.to_le_bytes());
        self.batch.extend(packet.seq.to_le_bytes());
        self.batch.push(u8::from(packet.marker));
        self.batch.extend_from_slice(packet.payload);
        true
    }

    /// Tells the file how late it is, so that silence is written too.
    pub fn clock(&mut self, id: u64, at: u64) {
        if self.room(0) {
            self.head(id, at, 2, 0);
        }
    }

    fn head(&mut self, id: u64, at: u64, kind: u8, length: usize) {
        self.batch.extend(id.to_le_bytes());
        self.batch.extend(at.to_le_bytes());
        self.batch.push(kind);
        self.batch.extend((length as u16).to_le_bytes());
    }

    fn room(&mut self, length: usize) -> bool {
        if self.batch.len() + HEAD + length > BATCH {
            self.flush();
        }
        self.batch.len() + HEAD + length <= BATCH
    }

    /// Passes on what there is; called several times a second.
    pub fn flush(&mut self) {
        while let Some(order) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(order)) = self.orders.try_send(order) {
                self.waiting.push_front(order);
                break;
            }
        }
        // Behind a waiting order nothing may overtake, and one batch waits at most.
        if self.batch.is_empty() || self.waiting.iter().any(|order| matches!(order, Order::Batch { .. })) {
            return;
        }
        let spare = self.spares.try_recv().map(|mut spare| {
            spare.clear();
            spare
        });
        let fresh = spare.unwrap_or_else(|_| Vec::with_capacity(BATCH));
        let blocks = std::mem::replace(&mut self.batch, fresh);
        self.order(Order::Batch { blocks, back: self.back.clone() });
    }

    /// Whether something could not be passed on yet.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// At the shard's end: waits for the writer, so that every file is finished.
    pub fn drain(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.waiting.push_back(Order::Batch { blocks: batch, back: self.back.clone() });
        for order in self.waiting.drain(..) {
            // Fails only if the writer has died.
            let _ = self.orders.send(order);
        }
    }

    fn order(&mut self, order: Order) {
        if !self.waiting.is_empty() {
            return self.waiting.push_back(order);
        }
        if let Err(TrySendError::Full(order)) = self.orders.try_send(order) {
            self.waiting.push_back(order);
        }
    }
}

/// Reads a batch back.
pub(super) fn blocks(mut batch: &[u8]) -> impl Iterator<Item = Block<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = batch.split_first_chunk::<HEAD>()?;
        let length = u16::from_le_bytes([head[17], head[18]]) as usize;
        let (payload, rest) = rest.split_at_checked(length)?;
        batch = rest;
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|n| head[at + n]));
        let content = match head[16] {
            0 => Content::Audio(Side::Customer, payload),
            1 => Content::Audio(Side::Others, payload),
            kind @ (3 | 4) => {
                let side = if kind == 3 { Side::Customer } else { Side::Others };
                let (&[s0, s1, s2, s3, n0, n1, marker], payload) = payload.split_first_chunk::<PICTURE_HEAD>()?;
                let piece = Piece { seq: u16::from_le_bytes([n0, n1]), marker: marker != 0, payload: payload.to_vec() };
                Content::Picture(side, u32::from_le_bytes([s0, s1, s2, s3]), piece)
            }
            _ => Content::Clock,
        };
        Some(Block { id: number(0), at: number(8), content })
    })
}
