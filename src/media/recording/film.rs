//! One side's picture of a recording: packets of VP8 become frames (RFC 7741), frames a WebM file on the clock of the sound beside it. Where nothing
//! is shown, before the first picture and in every gap, there is black.

mod frame;
mod webm;

pub(super) use frame::Piece;
pub use webm::index;

use frame::{Frame, Frames};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use webm::Cluster;

/// A picture of which nothing has come for so long is over, ms. A shared screen that stands still is sent once a second.
const OVER: u64 = 3_000;
/// How long a missing packet is awaited, samples: it is sent again within the time of two ways.
const AWAITED: u64 = 8_000;
/// The longest a frame waits for the disk, ms: what a killed process loses.
const CLUSTER: u64 = 1_000;
/// And the most that waits, bytes.
const MOST: usize = 1024 * 1024;
/// The most that is kept of a film, bytes a second since it began, and this long at once: nobody fills the disk with noise.
const FASTEST: u64 = 1_000_000;
const AT_ONCE: u64 = 10;
/// A whole picture of 32 × 18 black points.
const BLACK: &[u8] =
    &[80, 2, 0, 157, 1, 42, 32, 0, 18, 0, 0, 7, 8, 133, 133, 136, 153, 132, 136, 1, 36, 16, 0, 60, 135, 158, 78, 0, 254, 255, 186, 255, 64];

pub(super) struct Film {
    path: PathBuf,
    /// From the first whole picture on.
    file: Option<File>,
    frames: Frames,
    cluster: Cluster,
    /// Time of the last frame, ms.
    last: u64,
    /// Black is shown.
    dark: bool,
    /// Since when a packet is missing, samples.
    missing: Option<u64>,
    /// Time of the first frame, ms, and bytes kept since.
    began: u64,
    kept: u64,
}

/// Where the picture of one side lies beside a recording.
pub fn beside(recording: &Path, side: &str) -> PathBuf {
    recording.with_extension(format!("{side}.webm"))
}

impl Film {
    pub fn new(path: PathBuf) -> Film {
        Film {
            path,
            file: None,
            frames: Frames::default(),
            cluster: Cluster::default(),
            last: 0,
            dark: true,
            missing: None,
            began: 0,
            kept: 0,
        }
    }

    /// A packet that came `at` samples after the beginning.
    pub fn packet(&mut self, at: u64, source: u32, piece: Piece) -> io::Result<()> {
        self.frames.push(source, piece);
        match (self.frames.is_waiting(), self.missing) {
            (false, _) => self.missing = None,
            (true, None) => self.missing = Some(at),
            (true, Some(since)) if at > since + AWAITED => {
                self.frames.skip();
                self.missing = None;
            }
            (true, Some(_)) => {}
        }
        while let Some(frame) = self.frames.pop() {
            self.frame(at / 8, &frame)?;
        }
        Ok(())
    }

    fn frame(&mut self, at: u64, frame: &Frame) -> io::Result<()> {
        if self.file.is_none() {
            let Some((width, height)) = frame.size() else { return Ok(()) };
            // Conversations are personal: nobody but the server's user reads them.
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
            file.write_all(&webm::head(width, height))?;
            (self.file, self.began) = (Some(file), at);
            self.put(0, true, BLACK)?;
        }
        // Each a moment of its own, as players want it.
        let at = at.max(self.last + 1);
        self.kept += frame.data.len() as u64;
        if self.kept > (at.saturating_sub(self.began) / 1_000 + AT_ONCE) * FASTEST {
            self.kept -= frame.data.len() as u64;
            self.frames.broken();
            return Ok(());
        }
        self.dark = false;
        self.put(at, frame.key, &frame.data)
    }

    /// So late is it now, in samples.
    pub fn clock(&mut self, at: u64) -> io::Result<()> {
        let now = at / 8;
        if !self.dark && now > self.last + OVER {
            self.dark = true;
            self.frames.broken();
            self.put(now, true, BLACK)?;
        }
        if now >= self.cluster.begins() + CLUSTER { self.flush() } else { Ok(()) }
    }

    fn put(&mut self, at: u64, key: bool, data: &[u8]) -> io::Result<()> {
        if self.cluster.is_full(at, CLUSTER, MOST) || key {
            self.flush()?;
        }
        self.cluster.add(at, key, data);
        self.last = at;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        match self.cluster.take() {
            // One write: a killed process leaves whole clusters.
            Some(bytes) => file.write_all(&bytes),
            None => Ok(()),
        }
    }

    /// Completes the file, if there is one; gives its length in bytes.
    pub fn finish(mut self) -> io::Result<u64> {
        self.flush()?;
        let Some(file) = self.file.take() else { return Ok(0) };
        drop(file);
        index(&self.path)
    }
}

#[cfg(test)]
mod tests;
