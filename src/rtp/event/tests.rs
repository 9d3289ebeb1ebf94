//! One report per key press, with packets lost, repeated and late.

use super::*;
use proptest::prelude::*;

fn packet(event: u8, duration: u16, end: bool) -> EventPayload {
    EventPayload { event, end, volume: 10, duration }
}

#[test]
fn a_press_is_reported_once_at_its_first_end_packet() {
    let mut detector = DigitDetector::default();
    for duration in [160, 320, 480] {
        assert_eq!(detector.packet(5000, packet(5, duration, false)), None);
    }
    assert_eq!(detector.packet(5000, packet(5, 800, true)), Some(('5', 100)));
    assert_eq!(detector.packet(5000, packet(5, 800, true)), None);
    assert_eq!(detector.packet(5000, packet(5, 800, true)), None);
    assert_eq!(detector.packet(7000, packet(11, 400, true)), Some(('#', 50)));
    assert_eq!(detector.packet(5000, packet(5, 800, true)), None, "a straggler of the first");
}

#[test]
fn a_press_whose_end_was_lost_is_reported_by_what_follows() {
    let mut detector = DigitDetector::default();
    assert_eq!(detector.packet(0, packet(1, 640, false)), None);
    assert_eq!(detector.later(800), None);
    assert_eq!(detector.later(1700), Some(('1', 80)));
    assert_eq!(detector.later(1900), None);
    assert_eq!(detector.packet(4000, packet(2, 640, false)), None);
    assert_eq!(detector.packet(8000, packet(3, 640, false)), Some(('2', 80)));
}

#[test]
fn flash_is_no_digit() {
    assert_eq!(DigitDetector::default().packet(0, packet(16, 800, true)), None);
    assert_eq!(event_of('d'), Some(15));
    assert_eq!(event_of('x'), None);
}

proptest! {
    #[test]
    fn each_press_of_which_one_packet_arrives_is_reported_once(losses in proptest::collection::vec(0u8..255, 1..20)) {
        let mut detector = DigitDetector::default();
        let (mut expected, mut got) = (0, 0);
        for (n, mask) in losses.iter().enumerate() {
            let timestamp = 8000 * n as u32;
            for at in 0..8u16 {
                if mask & (1 << at) == 0 {
                    let payload = packet(n as u8 % 12, 160 * (at + 1).min(6), at >= 5);
                    got += usize::from(detector.packet(timestamp, payload).is_some());
                }
            }
            expected += 1;
        }
        got += usize::from(detector.later(8000 * 40).is_some());
        prop_assert_eq!(got, expected);
    }
}
