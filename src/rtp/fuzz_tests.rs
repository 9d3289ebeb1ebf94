//! Packets of nobody's: headers, reports and keys are read or refused, and the figures stay figures.

use super::event::{DigitDetector, EventPayload};
use super::header::{HEADER_LEN, Header, is_rtcp};
use super::rtcp;
use super::stats::Reception;
use crate::fuzz_tests::{Rounds, fuzz};

fn packet(first: u8, second: u8, rest: &[u8]) -> Vec<u8> {
    [&[first, second, 0x12, 0x34, 0, 0, 1, 0x40, 0xde, 0xad, 0xbe, 0xef], rest].concat()
}

#[test]
fn fuzz_rtp_packets() {
    let seeds = [
        packet(0x80, 0, &[0x7f; 160]),
        // Two contributing sources, an extension of one word, four bytes of padding.
        packet(0xb2, 0x80, &[&[1; 8][..], &[0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0], &[0x55; 20], &[0, 0, 0, 4]].concat()),
        packet(0x80, 101, &[5, 0x8a, 3, 0x20]),
    ];
    let (mut reception, mut digits, mut arrival) = (Reception::default(), DigitDetector::default(), 0u32);
    fuzz(Rounds::new("rtp", 100_000, 3550), &seeds, |input, random| {
        let _ = is_rtcp(input);
        arrival = arrival.wrapping_add(random.below(1 << 20) as u32);
        if random.below(1000) == 0 {
            reception.set_scale([1, 2, 6][random.index(3)]);
        }
        let Ok(header) = Header::parse(input) else { return };
        assert!(HEADER_LEN <= header.start && header.start <= header.end && header.end <= input.len(), "{header:?}");
        let payload = &input[header.start..header.end];
        let event = EventPayload::parse(payload);
        reception.packet(arrival, &header, event.is_some());
        if let Some(event) = event {
            let _ = digits.packet(header.timestamp, event);
        } else {
            let _ = digits.later(header.timestamp);
        }
        assert!((0.0..=1.0).contains(&reception.loss()) || (0.0..=100.0).contains(&reception.loss()), "{}", reception.loss());
        assert!(reception.jitter_ms().is_finite() && reception.jitter_ms() >= 0.0);
        if random.below(50) == 0 {
            let _ = reception.report();
        }
    });
}

#[test]
fn fuzz_rtcp_reports() {
    let sender = [&[0x81, 200, 0, 12, 0, 0, 0, 9][..], &[7; 20], &[0, 0, 0, 1, 3], &[5; 19]].concat();
    let receiver = [&[0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1, 3][..], &[5; 19]].concat();
    let names = [&[0x81, 202, 0, 3, 0, 0, 0, 9, 1, 4][..], b"name", &[0, 0]].concat();
    let bye = vec![0x81, 203, 0, 1, 0, 0, 0, 9];
    let seeds = [[&sender[..], &names].concat(), [&receiver[..], &names, &bye].concat(), bye, names];
    fuzz(Rounds::new("rtcp", 100_000, 3551), &seeds, |input, random| {
        let heard = rtcp::parse(input, 1);
        if let Some(block) = heard.block {
            let now = super::ntp::NtpTime(random.below(u64::MAX));
            let _ = super::ntp::round_trip(now, block.lsr, block.dlsr);
        }
    });
}
