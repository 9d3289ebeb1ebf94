//! The plane over loopback: phones send tones, and the tones are listened for.

mod browsers;
mod codecs;
mod fuzz;
mod mixing;
mod noise;
mod pictures;
mod recordings;
mod relay;
mod rig;
mod sources;
