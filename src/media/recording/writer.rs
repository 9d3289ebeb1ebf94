//! The writer thread: takes orders from all shards, one queue, and owns every open recording.

use super::feed::{Content, Side, blocks};
use super::file::Recording;
use super::film::{Film, Piece, beside};
use super::quiet::Quiet;
use crate::media::events::MediaEvent;
use crate::rtp::Law;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;

/// Orders waiting, of all shards together; 64 batches are 2 MB, some seconds of a hundred recordings.
const CAPACITY: usize = 64;

/// The shards' end of the writer.
#[derive(Clone)]
pub(in crate::media) struct Writer {
    pub(super) orders: SyncSender<Order>,
}

pub(super) enum Order {
    Begin {
        id: u64,
        path: PathBuf,
        law: Law,
        /// Tell when the customer has said nothing for so long.
        quiet: Option<Duration>,
        events: mpsc::Sender<MediaEvent>,
    },
    Batch {
        blocks: Vec<u8>,
        back: SyncSender<Vec<u8>>,
    },
    /// Ends at so many samples; silence to there.
    End {
        id: u64,
        samples: u64,
    },
}

impl Writer {
    /// The thread ends when the last clone of the handle is gone; then every open file is finished.
    pub fn start() -> io::Result<(Writer, JoinHandle<()>)> {
        let (orders, queue) = sync_channel(CAPACITY);
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || run(&queue))?;
        Ok((Writer { orders }, thread))
    }
}

struct Open {
    file: Recording,
    /// Of the customer and of whoever talks with them, once there is something to see.
    films: [Option<Film>; 2],
    quiet: Option<Quiet>,
    events: mpsc::Sender<MediaEvent>,
}

fn run(queue: &Receiver<Order>) {
    let mut open: HashMap<u64, Open> = HashMap::new();
    while let Ok(order) = queue.recv() {
        match order {
            Order::Begin { id, path, law, quiet, events } => match Recording::create(path.clone(), law) {
                Ok(file) => {
                    open.insert(id, Open { file, films: [None, None], quiet: quiet.map(Quiet::new), events });
                }
                Err(error) => tell_failed(&events, path, &error),
            },
            Order::Batch { blocks: batch, back } => {
                for block in blocks(&batch) {
                    let Some(recording) = open.get_mut(&block.id) else { continue };
                    if let Content::Picture(side, source, piece) = block.content {
                        show(recording, block.at, side, source, piece);
                        continue;
                    }
                    if block.content == Content::Clock {
                        pass(recording, block.at);
                    }
                    if recording.quiet.as_mut().is_some_and(|quiet| quiet.hears(&block, recording.file.law())) {
                        // Told once; a caller whose room is gone needs it no more.
                        let _ = recording.events.try_send(MediaEvent::Quiet);
                    }
                    if let Err(error) = recording.file.block(&block)
                        && let Some(failed) = open.remove(&block.id)
                    {
                        tell_failed(&failed.events, failed.file.path().to_owned(), &error);
                    }
                }
                // A full return means enough spares.
                let _ = back.try_send(batch);
            }
            Order::End { id, samples } => {
                if let Some(recording) = open.remove(&id) {
                    finish(recording, Some(samples));
                }
            }
        }
    }
    for (_, recording) in open {
        finish(recording, None);
    }
}

/// A packet of one side's picture. The sound goes on without it.
fn show(recording: &mut Open, at: u64, side: Side, source: u32, piece: Piece) {
    let path = recording.file.path();
    let film = recording.films[side as usize].get_or_insert_with(|| Film::new(beside(path, side.word())));
    if let Err(error) = film.packet(at, source, piece) {
        film_failed(path, &error);
    }
}

/// So late is it now in the films, too.
fn pass(recording: &mut Open, at: u64) {
    for film in recording.films.iter_mut().flatten() {
        if let Err(error) = film.clock(at) {
            film_failed(recording.file.path(), &error);
        }
    }
}

fn film_failed(path: &Path, error: &io::Error) {
    tracing::error!(path = %path.display(), %error, "recording.film failed");
}

fn finish(recording: Open, samples: Option<u64>) {
    let Open { file, films, events, quiet: _ } = recording;
    let path = file.path().to_owned();
    let (mut shown, mut sides) = (0, Vec::new());
    for (side, film) in [Side::Customer, Side::Others].into_iter().zip(films) {
        match film.map_or(Ok(0), Film::finish) {
            Ok(0) => {}
            Ok(bytes) => {
                shown += bytes;
                sides.push(side.word());
            }
            Err(error) => film_failed(&path, &error),
        }
    }
    match file.finish(samples) {
        Ok((millis, bytes)) => {
            let bytes = bytes + shown;
            // The room may be gone already; the file is whole either way.
            let _ = events.try_send(MediaEvent::RecordingDone { path, millis, bytes, films: sides });
        }
        Err(error) => tell_failed(&events, path, &error),
    }
}

fn tell_failed(events: &mpsc::Sender<MediaEvent>, path: PathBuf, error: &io::Error) {
    tracing::error!(path = %path.display(), %error, "recording.failed");
    let _ = events.try_send(MediaEvent::RecordingFailed { path, error: error.to_string() });
}
