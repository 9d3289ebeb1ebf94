//! Offers and connectivity checks of pages that are none.

use super::offer::Offer;
use super::offer::tests::CHROME;
use super::stun::{Stun, protocol};
use crate::fuzz_tests::{Rounds, fuzz};

#[test]
fn fuzz_webrtc_offers_and_checks() {
    let check =
        [&[0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42][..], &[9; 12], &[0, 6, 0, 9], b"ours:them", &[0, 0, 0, 0, 0x25, 0, 0, 0, 0x24, 0, 0]]
            .concat();
    let seeds = [CHROME.as_bytes().to_vec(), check];
    fuzz(Rounds::new("webrtc", 30_000, 8825), &seeds, |input, _| {
        let _ = (protocol(input), Stun::parse(input));
        let text = String::from_utf8_lossy(input);
        if let Ok(offer) = Offer::parse(&text) {
            let _ = offer.text();
        }
    });
}
