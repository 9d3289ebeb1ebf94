//! What a killed process left: the sound, and the pictures beside it.

use super::feed::Side;
use super::film::{beside, index};
use super::wav::{self, WavError};
use std::io::ErrorKind;
use std::path::Path;

/// What a repaired recording holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub millis: u64,
    /// Of all its files.
    pub bytes: u64,
    /// Whose pictures lie beside it, `customer` and `agent`.
    pub films: Vec<&'static str>,
    /// Whether the sound's header had to be changed.
    pub changed: bool,
}

/// Makes the files of a recording say what they hold, after a process was killed while it wrote. Idempotent. A picture that cannot be repaired
/// leaves the sound as it is.
pub fn repair(path: &Path) -> Result<Whole, WavError> {
    let sound = wav::repair(path)?;
    let mut whole = Whole { millis: sound.millis, bytes: sound.bytes, films: Vec::new(), changed: sound.changed };
    for side in [Side::Customer, Side::Others] {
        match index(&beside(path, side.word())) {
            Ok(bytes) => {
                whole.bytes += bytes;
                whole.films.push(side.word());
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(path = %path.display(), side = side.word(), %error, "a film that was cut off cannot be repaired"),
        }
    }
    Ok(whole)
}
