//! Recording: the shard places payloads on a timeline and copies them into batches; a writer thread turns batches into
//! stereo WAV files while the calls run. No disk ever delays a packet: when the writer is behind, the newest is lost
//! and counted.

mod feed;
mod file;
mod message;
mod quiet;
mod timeline;
mod wav;
mod writer;

pub(super) use feed::{Feed, Side};
pub use message::{Said, said};
pub(super) use timeline::{Timeline, samples_in};
pub use wav::{Repaired, WavError, repair, waveform};
pub(super) use writer::Writer;
