//! Recording: the shard places payloads on a timeline and copies them into batches; a writer thread turns batches into
//! stereo WAV files while the calls run, and pictures into a WebM file of each side beside them. No disk ever delays a packet: when the writer is behind, the newest is lost
//! and counted.

mod feed;
mod file;
mod film;
mod message;
mod quiet;
mod repair;
mod timeline;
mod wav;
mod writer;

pub(super) use feed::{Feed, Pictured, Side};
pub use film::beside;
pub use message::{Said, said};
pub use repair::{Whole, repair};
pub(super) use timeline::{Timeline, samples_in};
pub use wav::{WavError, waveform};
pub(super) use writer::Writer;
