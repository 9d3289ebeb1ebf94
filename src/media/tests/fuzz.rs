//! Encrypted packets, connectivity checks and sound files that are none.

use crate::fuzz_tests::{Rounds, fuzz};
use crate::media::Clip;
use crate::media::srtp::Secure;
use crate::media::stun;
use crate::rtp::srtp::{MasterKey, SrtpKeys, Suite};

/// Nothing but the packets themselves is ever opened, and each of them once.
#[test]
fn fuzz_srtp_packets() {
    for suite in Suite::ALL {
        let key = |byte: u8| MasterKey::generate(suite, |bytes| bytes.fill(byte));
        let mut theirs = Secure::new(SrtpKeys { ours: key(1), theirs: key(2) }).expect("keys");
        let mut ours = Secure::new(SrtpKeys { ours: key(2), theirs: key(1) }).expect("keys");
        let mut sealed = Vec::new();
        for number in 0..20u8 {
            let mut packet = vec![0x80, 0, 0, number, 0, 0, number, 0, 0, 0, 0, 7];
            packet.extend([0x55; 160]);
            sealed.push(theirs.seal(&packet).expect("sealed").to_vec());
        }
        let report = [&[0x80, 201, 0, 1, 0, 0, 0, 7][..], &[0x81, 202, 0, 2, 0, 0, 0, 7, 1, 1, b'n', 0]].concat();
        sealed.push(theirs.seal_rtcp(&report).expect("sealed").to_vec());
        // One is let through first, so that its SSRC has proven itself.
        let mut first = sealed.remove(0);
        let length = first.len();
        assert!(ours.open(&mut first, length).is_some(), "{}", suite.name());
        let name = suite.name();
        fuzz(Rounds::new("srtp", 10_000, 3711), &sealed, |input, random| {
            let mut datagram = input.to_vec();
            let genuine = sealed.iter().any(|packet| *packet == input);
            let opened =
                if random.below(2) == 0 { ours.open(&mut datagram, input.len()) } else { ours.open_rtcp(&mut datagram, input.len()) };
            assert!(opened.is_none_or(|length| genuine && length <= input.len()), "{name}: a forged packet was opened");
        });
    }
}

#[test]
fn fuzz_stun_messages() {
    let head = |kind: u16, length: u16| [&kind.to_be_bytes()[..], &length.to_be_bytes(), &[0x21, 0x12, 0xa4, 0x42], &[9; 12]].concat();
    let user = [&[0, 6, 0, 9][..], b"ours:them", &[0, 0, 0]].concat();
    let priority = vec![0, 0x24, 0, 4, 0x6e, 0, 1, 0xff];
    let role = [&[0x80, 0x2a, 0, 8][..], &[1; 8]].concat();
    let check = [&[0, 8, 0, 20][..], &[3; 20], &[0x80, 0x28, 0, 4, 1, 2, 3, 4]].concat();
    let body = [user, priority, role, vec![0, 0x25, 0, 0], check].concat();
    let seeds = [[head(1, body.len() as u16), body].concat(), head(0x0101, 0), head(0x0011, 0)];
    fuzz(Rounds::new("stun", 100_000, 8489), &seeds, |input, _| {
        let first = input.first().is_some_and(|byte| *byte <= 3);
        assert_eq!(stun::read(input).is_some(), first, "RFC 7983: told by the first byte");
    });
}

#[test]
fn fuzz_wav_files() {
    let file = |tag: u16, bits: u16, rate: u32, data: &[u8]| {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        bytes.extend(tag.to_le_bytes());
        bytes.extend(1u16.to_le_bytes());
        bytes.extend(rate.to_le_bytes());
        bytes.extend((rate * u32::from(bits) / 8).to_le_bytes());
        bytes.extend((bits / 8).to_le_bytes());
        bytes.extend(bits.to_le_bytes());
        bytes.extend(b"LIST\x04\0\0\0INFOdata");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    };
    let seeds =
        [file(1, 16, 8_000, &[1; 640]), file(7, 8, 8_000, &[0xff; 320]), file(6, 8, 8_000, &[0xd5; 320]), file(1, 16, 44_100, &[2; 640])];
    assert!(seeds.iter().any(|seed| Clip::from_wav(seed).is_ok()), "one of them is good");
    fuzz(Rounds::new("wav", 30_000, 1991), &seeds, |input, _| {
        if let Ok(clip) = Clip::from_wav(input) {
            assert!(clip.duration().as_secs() <= 60, "no file of {} bytes holds {:?}", input.len(), clip.duration());
        }
    });
}
