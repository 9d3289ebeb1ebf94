//! Payloads of nobody's: every decoder takes them, and gives no more than it should.

use super::codec::{Decoder, units};
use crate::fuzz_tests::{Rounds, fuzz};
use crate::rtp::{Codec, Law};

#[test]
fn fuzz_sound_payloads() {
    let mut opus = super::opus::Encoder::new().expect("an encoder");
    let mut packet = [0; 1_500];
    let tone: [i16; 320] = std::array::from_fn(|n| ((n as f32 / 5.0).sin() * 8_000.0) as i16);
    let seeds: Vec<Vec<u8>> = (0..4)
        .map(|_| {
            let length = opus.encode(&tone, &mut packet);
            packet[..length].to_vec()
        })
        .chain([vec![0x7f; 160], vec![], vec![0xfc, 0xff, 0xfe], vec![0x03, 0xff, 0x00]])
        .collect();
    let codecs = [Codec::from(Law::Pcmu), Codec::from(Law::Pcma), Codec::G722, Codec::Opus];
    let mut decoders = codecs.map(Decoder::new);
    let mut out = Vec::new();
    fuzz(Rounds::new("sound", 10_000, 6716), &seeds, |input, random| {
        let at = random.index(codecs.len());
        let input = &input[..input.len().min(1_400)];
        let _ = units(codecs[at], input);
        out.clear();
        decoders[at].decode(input, &mut out);
        // 120 ms at 16 kHz is the most that Opus puts into a packet; the others give two samples a byte at most.
        assert!(out.len() <= (2 * input.len()).max(1_920), "{} samples of {} bytes", out.len(), input.len());
        if random.below(8) == 0 {
            out.clear();
            let _ = decoders[at].mend(Some(input), 320, &mut out);
        }
    });
}
