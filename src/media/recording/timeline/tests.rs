//! Places on the recording under jitter, loss, skew and clocks that stop.

use super::*;
use proptest::prelude::*;

/// A timeline and the moment it began.
struct Line(Timeline, Instant);

impl Line {
    fn new() -> Line {
        Line(Timeline::default(), Instant::now())
    }

    /// A 20 ms packet arriving `ms` after the start.
    fn packet(&mut self, ms: u64, ssrc: u32, timestamp: u32) -> u64 {
        let elapsed = Duration::from_millis(ms);
        self.0.place(self.1 + elapsed, elapsed, ssrc, timestamp, 160)
    }
}

#[test]
fn jitter_loss_and_order_do_not_move_a_packet() {
    let mut line = Line::new();
    assert_eq!(line.packet(1000, 1, 50_000), 8000);
    assert_eq!(line.packet(1027, 1, 50_160), 8160);
    assert_eq!(line.packet(1085, 1, 50_480), 8480);
    assert_eq!(line.packet(1086, 1, 50_320), 8320);
}

#[test]
fn a_sender_whose_timestamps_stood_still_is_placed_by_arrival() {
    let mut line = Line::new();
    line.packet(0, 1, 0);
    assert_eq!(line.packet(3000, 1, 160), 24_000);
    assert_eq!(line.packet(3020, 1, 320), 24_160);
}

#[test]
fn a_new_source_never_covers_what_the_one_before_has_said() {
    let mut line = Line::new();
    line.packet(1000, 1, 0);
    line.packet(1000, 1, 160);
    assert_eq!(line.packet(1001, 2, 999_999), 8320);
}

#[test]
fn a_slow_or_fast_clock_stays_within_bounds() {
    for rate in [7984u64, 8016] {
        let mut line = Line::new();
        let mut worst = 0;
        // 0.2 % off for ten minutes is 1.2 s, if nothing held it.
        for n in 0..30_000u64 {
            let ms = 20 * n;
            let at = line.packet(ms, 1, (ms * rate / 1000) as u32) as i64;
            worst = worst.max((at - 8 * ms as i64).abs());
        }
        assert!(worst < 600, "{rate}: {worst} samples");
    }
}

proptest! {
    /// Whatever timestamps a sender invents, its audio stays near the time it arrived.
    #[test]
    fn nothing_is_placed_far_from_its_arrival(packets in proptest::collection::vec((0u64..200, 0u32..3, any::<u32>(), any::<bool>()), 1..200)) {
        let mut line = Line::new();
        let (mut ms, mut timestamp) = (0, 0u32);
        for (n, (wait, ssrc, jump, wild)) in packets.iter().enumerate() {
            ms += wait;
            timestamp = if *wild { *jump } else { timestamp.wrapping_add(160) };
            let at = line.packet(ms, *ssrc, timestamp) as i64;
            let arrival = 8 * ms as i64;
            prop_assert!(at >= arrival - JUMP && at <= arrival + JUMP + 160 * n as i64, "{} at {}", at, arrival);
        }
    }
}
