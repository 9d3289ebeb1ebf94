//! One recording's file. The last moments are held in a window, where late and reordered blocks still find their
//! place; what is older is written out several times a second with the header put right, so that a killed process
//! leaves a file that lacks at most its last second.

use super::feed::{Block, Content, Side};
use super::wav::{HEADER, header};
use crate::rtp::Law;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Samples behind the clock that are still held back for stragglers: 200 ms.
const MARGIN: u64 = 1600;
/// Samples gathered before they are written: 250 ms.
const STRIDE: u64 = 2000;
/// Samples a block may lie ahead of the clock; further is a mistake and is not kept.
const AHEAD: u64 = 16_000;

pub(super) struct Recording {
    path: PathBuf,
    file: File,
    law: Law,
    /// Samples written out.
    written: u64,
    /// Latest time told.
    clock: u64,
    /// Sample pairs from `written` on.
    window: Vec<u8>,
}

impl Recording {
    /// Makes the file, and its folder; an existing recording is never overwritten.
    pub fn create(path: PathBuf, law: Law) -> io::Result<Recording> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // Conversations are personal: nobody but the server's user reads them.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        if file.metadata()?.len() > 0 {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file of that name exists"));
        }
        file.write_all_at(&header(law, 0), 0)?;
        Ok(Recording { path, file, law, written: 0, clock: 0, window: Vec::new() })
    }

    pub fn law(&self) -> Law {
        self.law
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn block(&mut self, block: &Block<'_>) -> io::Result<()> {
        match block.content {
            Content::Clock => {
                self.clock = self.clock.max(block.at);
                if self.clock >= self.written + MARGIN + STRIDE { self.write_to(self.clock - MARGIN) } else { Ok(()) }
            }
            Content::Audio(side, payload) => self.place(side, block.at, payload),
            // Pictures have files of their own.
            Content::Picture(..) => Ok(()),
        }
    }

    fn place(&mut self, side: Side, at: u64, payload: &[u8]) -> io::Result<()> {
        let end = at + payload.len() as u64;
        if end > self.clock.max(self.written) + AHEAD {
            return Ok(());
        }
        let late = self.written.saturating_sub(at).min(payload.len() as u64);
        let (old, new) = payload.split_at(late as usize);
        if !old.is_empty() {
            self.rewrite(side, at, old)?;
        }
        if !new.is_empty() {
            self.reach(end);
            let from = 2 * (end - self.written - new.len() as u64) as usize + side as usize;
            for (to, &byte) in self.window[from..].iter_mut().step_by(2).zip(new) {
                *to = byte;
            }
        }
        Ok(())
    }

    /// A straggler whose place is on disk already.
    fn rewrite(&mut self, side: Side, at: u64, payload: &[u8]) -> io::Result<()> {
        let offset = HEADER as u64 + 2 * at;
        let mut pairs = vec![0; 2 * payload.len()];
        self.file.read_exact_at(&mut pairs, offset)?;
        for (to, &byte) in pairs[side as usize..].iter_mut().step_by(2).zip(payload) {
            *to = byte;
        }
        self.file.write_all_at(&pairs, offset)
    }

    /// Extends the window with silence to a time.
    fn reach(&mut self, end: u64) {
        let length = 2 * end.saturating_sub(self.written) as usize;
        if length > self.window.len() {
            self.window.resize(length, self.law.silence());
        }
    }

    fn write_to(&mut self, end: u64) -> io::Result<()> {
        // A long time may have passed at once (a suspended machine): silence goes out in pieces.
        while self.written < end {
            let to = end.min(self.written + AHEAD);
            self.reach(to);
            let length = 2 * (to - self.written) as usize;
            self.file.write_all_at(&self.window[..length], HEADER as u64 + 2 * self.written)?;
            self.window.drain(..length);
            self.written = to;
        }
        self.file.write_all_at(&header(self.law, self.written), 0)
    }

    /// Completes the file to `samples` (default: the last time told); gives its length in ms and in bytes.
    pub fn finish(mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        let end = samples.unwrap_or(self.clock).max(self.written);
        // What lies beyond the end was placed ahead of its time; it belongs to nobody's call.
        self.write_to(end)?;
        self.file.sync_data()?;
        Ok((end / 8, HEADER as u64 + 2 * end))
    }
}

#[cfg(test)]
mod tests;
