//! One unbroken stream, whatever it is made of.

use super::*;
use proptest::prelude::*;
use std::time::Duration;

fn header(ssrc: u32, seq: u16, timestamp: u32) -> Header {
    Header { marker: false, payload_type: 0, seq, timestamp, ssrc, start: 12, end: 172 }
}

fn at(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

#[test]
fn music_bridge_and_another_bridge_are_one_stream() {
    let start = Instant::now();
    let mut out = Outgoing::new(7, 65_534, u32::MAX - 200);
    let mut stamps = Vec::new();
    for n in 0..3 {
        stamps.push(out.frame(at(start, 20 * n)));
    }
    for n in 0..3u16 {
        let header = header(1, 900 + n, 5000 + 160 * u32::from(n));
        stamps.push(out.relay(at(start, 60 + 20 * u64::from(n)), 1, &header).unwrap());
    }
    // Another leg takes over after a second of nothing.
    stamps.push(out.relay(at(start, 1100), 2, &header(1, 3, 77)).unwrap());
    let first = stamps[0];
    let seqs: Vec<u16> = stamps.iter().map(|stamp| stamp.seq.wrapping_sub(first.seq)).collect();
    assert_eq!(seqs, [0, 1, 2, 3, 4, 5, 6]);
    let times: Vec<u32> = stamps.iter().map(|stamp| stamp.timestamp.wrapping_sub(first.timestamp)).collect();
    assert_eq!(times, [0, 160, 320, 480, 640, 800, 8800]);
    let markers: Vec<bool> = stamps.iter().map(|stamp| stamp.marker).collect();
    assert_eq!(markers, [true, false, false, true, false, false, true]);
}

#[test]
fn loss_and_order_of_a_relayed_stream_show_through() {
    let now = Instant::now();
    let mut out = Outgoing::new(7, 0, 0);
    let seqs: Vec<Option<u16>> = [10, 12, 11, 15].map(|seq| out.relay(now, 1, &header(1, seq, 0)).map(|stamp| stamp.seq)).to_vec();
    assert_eq!(seqs, [Some(1), Some(3), Some(2), Some(6)]);
    assert_eq!(out.relay(now, 1, &header(1, 9, 0)), None, "from before the change");
}

#[test]
fn a_sender_that_begins_anew_under_the_same_ssrc_goes_on_without_a_break() {
    let start = Instant::now();
    let mut out = Outgoing::new(7, 0, 0);
    out.relay(start, 1, &header(1, 30_000, 1 << 31)).unwrap();
    out.relay(at(start, 20), 1, &header(1, 30_001, (1 << 31) + 160)).unwrap();
    let anew = out.relay(at(start, 1020), 1, &header(1, 20_000, 5)).unwrap();
    assert_eq!(anew, Stamp { seq: 3, timestamp: 160 + 8000, marker: true });
    let clock = out.relay(at(start, 1040), 1, &header(1, 20_001, 1 << 31)).unwrap();
    assert_eq!(clock, Stamp { seq: 4, timestamp: 160 + 8160, marker: true });
}

#[test]
fn what_is_left_out_leaves_no_gap() {
    let now = Instant::now();
    let mut out = Outgoing::new(7, 0, 0);
    assert_eq!(out.relay(now, 1, &header(1, 10, 0)).unwrap().seq, 1);
    out.skip(1, &header(1, 11, 160));
    out.skip(2, &header(5, 99, 0));
    assert_eq!(out.relay(now, 1, &header(1, 12, 320)).unwrap().seq, 2);
}

#[test]
fn an_event_keeps_its_timestamp_and_what_follows_goes_on_in_time() {
    let start = Instant::now();
    let mut out = Outgoing::new(7, 0, 0);
    let music = out.frame(start);
    let begin = out.event(at(start, 20));
    assert_eq!((begin.timestamp, begin.marker), (music.timestamp + 160, true));
    let next = out.event_goes_on();
    assert_eq!(next, Stamp { seq: begin.seq + 1, timestamp: begin.timestamp, marker: false });
    out.pause();
    let after = out.frame(at(start, 220));
    assert_eq!((after.seq, after.timestamp), (begin.seq + 2, begin.timestamp + 1600));
}

proptest! {
    /// Any mixture of sources gives ever-rising sequence numbers, none twice, and timestamps that never go back.
    #[test]
    fn numbers_rise_over_any_mixture(steps in proptest::collection::vec((0u8..5, 1u64..2000), 1..200), seq: u16, timestamp: u32) {
        let mut now = Instant::now();
        let mut out = Outgoing::new(1, seq, timestamp);
        let mut last: Option<Stamp> = None;
        let mut inputs = [(5u16, 0u32), (60_000, u32::MAX - 5000), (9, 9)];
        for (what, wait) in steps {
            now += Duration::from_millis(wait);
            for (_, time) in &mut inputs {
                *time = time.wrapping_add(wait as u32 * 8);
            }
            let stamp = match what {
                0 => out.frame(now),
                4 => out.event(now),
                leg => {
                    let (seq, time) = &mut inputs[leg as usize - 1];
                    *seq = seq.wrapping_add(1);
                    out.relay(now, leg.into(), &header(leg.into(), *seq, *time)).unwrap()
                }
            };
            if let Some(last) = last {
                prop_assert_eq!(stamp.seq, last.seq.wrapping_add(1));
                prop_assert!((stamp.timestamp.wrapping_sub(last.timestamp) as i32) > 0);
            }
            last = Some(stamp);
        }
    }
}
