//! Packets to frames (RFC 7741 §4): in order of their numbers, late ones awaited for a while. What cannot be completed is left out, and all that
//! would be painted upon it, up to the next whole picture.

use std::collections::{BTreeMap, VecDeque};

/// Packets behind a missing one after which it is given up: more than a second of a good picture.
const PATIENCE: usize = 300;
/// The largest frame, bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::media::recording) struct Piece {
    pub seq: u16,
    pub marker: bool,
    pub payload: Vec<u8>,
}

/// One picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Whole; otherwise it is painted upon those before.
    pub key: bool,
    pub data: Vec<u8>,
}

impl Frame {
    /// Width and height of a whole picture (RFC 6386 §9.1).
    pub fn size(&self) -> Option<(u16, u16)> {
        let [0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *self.data.get(3..)?.first_chunk::<7>()? else { return None };
        let size = (u16::from_le_bytes([w0, w1]) & 0x3fff, u16::from_le_bytes([h0, h1]) & 0x3fff);
        (self.key && size.0 > 0 && size.1 > 0).then_some(size)
    }
}

#[derive(Debug)]
pub(super) struct Frames {
    source: Option<u32>,
    /// The number of the next packet, counted without end.
    next: i64,
    waiting: BTreeMap<i64, Piece>,
    building: Option<Frame>,
    /// Nothing can be painted until a whole picture comes.
    broken: bool,
    ready: VecDeque<Frame>,
}

impl Default for Frames {
    fn default() -> Frames {
        Frames { source: None, next: 0, waiting: BTreeMap::new(), building: None, broken: true, ready: VecDeque::new() }
    }
}

impl Frames {
    /// The next picture must be a whole one.
    pub fn broken(&mut self) {
        self.building = None;
        self.broken = true;
    }

    pub fn push(&mut self, source: u32, piece: Piece) {
        if self.source != Some(source) {
            self.source = Some(source);
            self.next = i64::from(piece.seq);
            self.waiting.clear();
            self.broken();
        }
        let number = self.next + i64::from(piece.seq.wrapping_sub(self.next as u16) as i16);
        if number < self.next {
            return;
        }
        self.waiting.insert(number, piece);
        if self.waiting.len() > PATIENCE {
            self.skip();
        }
        self.drain();
    }

    /// Packets wait for one that is missing.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What is missing does not come any more.
    pub fn skip(&mut self) {
        if let Some((&first, _)) = self.waiting.first_key_value() {
            self.next = first;
            self.broken();
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(piece) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.take(&piece);
        }
    }

    pub fn pop(&mut self) -> Option<Frame> {
        self.ready.pop_front()
    }

    fn take(&mut self, piece: &Piece) {
        let Some((start, data)) = content(&piece.payload) else { return self.broken() };
        if start {
            // RFC 6386 §9.1: the lowest bit is 0 for a whole picture.
            let key = data.first().is_some_and(|first| first & 1 == 0);
            self.building = Some(Frame { key, data: Vec::new() });
        }
        let Some(frame) = &mut self.building else { return self.broken() };
        if frame.data.len() + data.len() > LARGEST {
            return self.broken();
        }
        frame.data.extend_from_slice(data);
        if piece.marker
            && let Some(frame) = self.building.take()
            && (frame.key || !self.broken)
        {
            self.broken = false;
            self.ready.push_back(frame);
        }
    }
}

/// The payload behind its descriptor, and whether a frame begins in it (RFC 7741 §4.2).
fn content(payload: &[u8]) -> Option<(bool, &[u8])> {
    let (&first, mut rest) = payload.split_first()?;
    // S, and the first partition.
    let start = first & 0x10 != 0 && first & 0x07 == 0;
    if first & 0x80 != 0 {
        let (&more, after) = rest.split_first()?;
        rest = after;
        if more & 0x80 != 0 {
            let long = rest.first()? & 0x80 != 0;
            rest = rest.get(if long { 2 } else { 1 }..)?;
        }
        if more & 0x40 != 0 {
            rest = rest.get(1..)?;
        }
        if more & 0x30 != 0 {
            rest = rest.get(1..)?;
        }
    }
    Some((start, rest))
}
