//! Rubbish where audio is expected: RTP, RTCP and STUN, mutated with a fixed seed. Nothing panics, and what is forged is told apart.
//! `HUBLINE_FUZZ_SECONDS` goes on for so long instead, with other seeds, for runs by hand.

use crate::media::srtp::Secure;
use crate::media::stun;
use crate::rtp::header::is_rtcp;
use crate::rtp::srtp::{MasterKey, SrtpKeys, Suite};
use crate::rtp::{EventPayload, Header, rtcp};
use std::time::{Duration, Instant};

/// In the ordinary test run.
const MUTATIONS: u64 = 100_000;

/// xorshift64*: the same noise on every machine.
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut data = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(data.len());
            match self.below(7) {
                0 => data.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << self.below(8)),
                1 => data.iter_mut().skip(at).take(1).for_each(|byte| *byte = self.below(256) as u8),
                2 => data.truncate(at),
                3 => data.iter_mut().skip(at).take(2).for_each(|byte| *byte = 0xff),
                4 => drop(data.drain(at..(at + 1 + self.below(8)).min(data.len()))),
                5 => {
                    let more: Vec<u8> = (0..self.below(20)).map(|_| self.below(256) as u8).collect();
                    data.splice(at..at, more);
                }
                _ => data.iter_mut().take(4).for_each(|byte| *byte = self.below(256) as u8),
            }
        }
        data.truncate(1_500);
        data
    }
}

fn rtp() -> Vec<u8> {
    let mut packet = vec![0; 172];
    Header::write(&mut packet, true, 0, 7, 160, 0x1234);
    packet
}

fn with_extension() -> Vec<u8> {
    let mut packet = vec![0x92, 101, 0, 1, 0, 0, 0, 160, 0, 0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 0x10, 7, 0, 0];
    packet.extend([5, 0x8a, 3, 0x20]);
    packet
}

fn reports() -> Vec<u8> {
    let mut packet = vec![0x81, 200, 0, 12];
    packet.extend([0; 48]);
    packet.extend([0x81, 202, 0, 3, 0, 0, 0x12, 0x34, 1, 4, b'n', b'a', b'm', b'e', 0, 0]);
    packet.extend([0x81, 203, 0, 1, 0, 0, 0x12, 0x34]);
    packet
}

fn binding() -> Vec<u8> {
    let mut packet = vec![0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42];
    packet.extend([7; 12]);
    packet.extend([0, 6, 0, 9]);
    packet.extend(b"abcd:efgh\0\0\0");
    packet.extend([0x80, 0x2a, 0, 4, 0, 0, 0, 0]);
    packet
}

/// Feeds mutations to `feed` for as long as is asked for; gives how many.
fn run(seeds: &[Vec<u8>], mut feed: impl FnMut(&mut Vec<u8>)) -> u64 {
    let asked = std::env::var("HUBLINE_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let began = Instant::now();
    let mut noise = Noise(asked.map_or(0x5eed, |_| u64::from(std::process::id()) << 20 | 1));
    let mut count = 0;
    while asked.map_or(count < MUTATIONS, |asked| began.elapsed() < asked) {
        let at = noise.below(seeds.len());
        let mut data = noise.mutate(&seeds[at]);
        feed(&mut data);
        count += 1;
    }
    eprintln!("{count} mutations in {:?}", began.elapsed());
    count
}

#[test]
fn mutated_audio_is_read_within_its_bounds() {
    run(&[rtp(), with_extension()], |data| {
        if let Ok(header) = Header::parse(data) {
            assert!(header.start <= header.end && header.end <= data.len(), "{data:02x?}");
            let _ = EventPayload::parse(&data[header.start..header.end]);
        }
    });
}

#[test]
fn mutated_reports_are_read_or_not() {
    run(&[reports()], |data| {
        let _ = is_rtcp(data);
        let _ = rtcp::parse(data, 0x1234);
    });
}

#[test]
fn mutated_stun_is_told_from_audio() {
    run(&[binding(), rtp()], |data| {
        let stun = stun::read(data);
        assert_eq!(stun.is_some(), data.first().is_some_and(|first| *first <= 3), "{data:02x?}");
    });
}

#[test]
fn mutated_encrypted_audio_is_never_taken() {
    let key = |seed: u8| MasterKey::generate(Suite::AesCm80, |bytes| bytes.fill(seed));
    let mut them = Secure::new(SrtpKeys { ours: key(2), theirs: key(1) }).expect("contexts");
    let mut us = Secure::new(SrtpKeys { ours: key(1), theirs: key(2) }).expect("contexts");
    let (sealed, report) = (us.seal(&rtp()).expect("sealed").to_vec(), us.seal_rtcp(&reports()).expect("sealed").to_vec());
    let mut first = sealed.clone();
    first.resize(2_048, 0);
    assert!(them.open(&mut first, sealed.len()).is_some());
    run(&[sealed.clone(), with_extension()], |data| {
        let length = data.len();
        data.resize(2_048, 0);
        assert!(them.open(data, length).is_none(), "forged or repeated");
    });
    let mut seen = 0;
    run(std::slice::from_ref(&report), |data| {
        let (length, same) = (data.len(), *data == report);
        data.resize(2_048, 0);
        let opened = them.open_rtcp(data, length).is_some();
        seen += u32::from(opened);
        assert!(!opened || (same && seen == 1), "forged or repeated");
    });
}
