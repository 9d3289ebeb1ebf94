//! Whether the customer still speaks while a message is recorded. Watched by the writer, which sees every sample anyway and has time.

use super::feed::{Block, Content, Side};
use super::wav::LOUD;
use crate::media::recording::samples_in;
use crate::rtp::Law;
use std::time::Duration;

pub(super) struct Quiet {
    /// Samples.
    after: u64,
    /// Behind the last loud sample.
    loud: u64,
    told: bool,
}

impl Quiet {
    pub fn new(after: Duration) -> Quiet {
        Quiet { after: samples_in(after), loud: 0, told: false }
    }

    /// Takes in a block; `true` once, when the customer has been quiet for long enough.
    pub fn hears(&mut self, block: &Block<'_>, law: Law) -> bool {
        match block.content {
            Content::Audio(Side::Customer, payload) => {
                if is_loud(law, payload) {
                    self.loud = self.loud.max(block.at + payload.len() as u64);
                }
                false
            }
            Content::Audio(Side::Others, _) | Content::Picture(..) => false,
            Content::Clock => {
                let quiet = !self.told && block.at >= self.loud + self.after;
                self.told |= quiet;
                quiet
            }
        }
    }
}

/// Speech by its mean height: lines hum and hiss below it, and a whisper into the telephone is above.
pub(super) fn is_loud(law: Law, payload: &[u8]) -> bool {
    let sum: u64 = payload.iter().map(|&byte| u64::from(law.decode(byte).unsigned_abs())).sum();
    !payload.is_empty() && sum > LOUD * payload.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_is_told_once_and_counts_from_the_last_word() {
        let mut quiet = Quiet::new(Duration::from_secs(2));
        let loud: Vec<u8> = (0..160).map(|n| Law::Pcmu.encode(if n % 8 < 4 { 6_000 } else { -6_000 })).collect();
        let silent = vec![Law::Pcmu.silence(); 160];
        let audio = |at, payload| Block { id: 1, at, content: Content::Audio(Side::Customer, payload) };
        let clock = |at| Block { id: 1, at, content: Content::Clock };
        assert!(!quiet.hears(&audio(8_000, &loud), Law::Pcmu));
        assert!(!quiet.hears(&audio(16_000, &silent), Law::Pcmu));
        assert!(!quiet.hears(&Block { id: 1, at: 20_000, content: Content::Audio(Side::Others, &loud) }, Law::Pcmu), "our own side");
        assert!(!quiet.hears(&clock(24_159), Law::Pcmu));
        assert!(quiet.hears(&clock(24_160), Law::Pcmu));
        assert!(!quiet.hears(&clock(60_000), Law::Pcmu), "once");
    }
}
