//! Loss, order and jitter over wraps, restarts and events.

use super::*;
use proptest::prelude::*;

fn header(ssrc: u32, seq: u16, timestamp: u32) -> Header {
    Header { marker: false, payload_type: 0, seq, timestamp, ssrc, start: 12, end: 172 }
}

#[test]
fn losses_are_counted_across_the_wrap() {
    let mut reception = Reception::default();
    for n in (0..100u32).filter(|n| n % 10 != 3) {
        reception.packet(n * 160, &header(1, (65500 + n) as u16, n * 160), false);
    }
    assert_eq!((reception.received(), reception.lost()), (90, 10));
    assert_eq!(reception.jitter_ms(), 0.0);
    let report = reception.report().unwrap();
    assert_eq!((report.lost, report.fraction_lost), (10, 25));
    assert_eq!(report.highest_seq, 65599);
    assert_eq!(reception.report().unwrap().fraction_lost, 0);
}

#[test]
fn a_new_ssrc_keeps_the_sums() {
    let mut reception = Reception::default();
    for seq in [1, 2, 4] {
        reception.packet(0, &header(1, seq, 0), false);
    }
    reception.packet(0, &header(2, 40000, 9), false);
    assert_eq!((reception.received(), reception.lost()), (4, 1));
}

#[test]
fn reordering_is_no_loss_and_events_are_no_jitter() {
    let mut reception = Reception::default();
    for seq in [10, 12, 11, 13] {
        reception.packet(u32::from(seq) * 160, &header(1, seq, u32::from(seq) * 160), false);
    }
    for seq in 14..20 {
        reception.packet(u32::from(seq) * 160, &header(1, seq, 14 * 160), true);
    }
    assert_eq!((reception.lost(), reception.reordered()), (0, 1));
    assert_eq!(reception.jitter_ms(), 0.0);
}

proptest! {
    #[test]
    fn arbitrary_streams_never_overflow(packets in proptest::collection::vec((0u32..3, any::<u16>(), any::<u32>(), any::<u32>(), any::<bool>()), 0..200)) {
        let mut reception = Reception::default();
        for (ssrc, seq, timestamp, arrival, event) in &packets {
            reception.packet(*arrival, &header(*ssrc, *seq, *timestamp), *event);
            reception.report();
        }
        prop_assert_eq!(reception.received(), packets.len() as u64);
    }

    #[test]
    fn jitter_of_a_steady_late_packet_is_bounded(delays in proptest::collection::vec(0u32..400, 50..200)) {
        let mut reception = Reception::default();
        for (n, delay) in delays.iter().enumerate() {
            let n = n as u32;
            reception.packet(n * 160 + delay, &header(1, n as u16, n * 160), false);
        }
        prop_assert!(reception.jitter_ms() <= 50.0);
    }
}
