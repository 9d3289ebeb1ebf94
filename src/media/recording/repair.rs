//! What a killed process left: the sound, and the pictures beside it.

use super::feed::Side;
use super::film::{beside, index};
use super::wav::{self, Repaired, WavError};
use std::io::ErrorKind;
use std::path::Path;

/// Makes the files of a recording say what they hold, after a process was killed while it wrote. Idempotent. A picture that cannot be repaired
/// leaves the sound as it is.
pub fn repair(path: &Path) -> Result<Repaired, WavError> {
    let mut repaired = wav::repair(path)?;
    for side in [Side::Customer, Side::Others] {
        match index(&beside(path, side.word())) {
            Ok(bytes) => repaired.bytes += bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(path = %path.display(), side = side.word(), %error, "a film that was cut off cannot be repaired"),
        }
    }
    Ok(repaired)
}
