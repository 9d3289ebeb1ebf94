//! Who is let in, in which order, and who never is.

use super::Verdict::{Accept, Hold, Lock, Refuse};
use super::*;
use proptest::prelude::*;

const PHONE: &str = "203.0.113.5:4000";

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A learner to which `signalled` was signalled at `now`.
fn learner(now: Instant, signalled: &str) -> Learner {
    let mut learner = Learner::default();
    assert!(learner.signal(now, addr(signalled)));
    learner
}

fn run(learner: &mut Learner, now: Instant, from: &str, ssrc: u32, seqs: std::ops::Range<u16>) -> Vec<Verdict> {
    seqs.map(|seq| learner.packet(now, addr(from), true, ssrc, seq)).collect()
}

#[test]
fn nobody_is_heard_before_an_address_was_signalled() {
    let now = Instant::now();
    let mut learner = Learner::default();
    assert_eq!(run(&mut learner, now, PHONE, 1, 0..5), [Refuse; 5]);
    assert!(!learner.signal(now, addr("0.0.0.0:4000")), "hold by the unspecified address");
    assert_eq!(learner.destination(), None);
}

#[test]
fn the_signalled_address_is_heard_from_its_first_packet_and_then_alone() {
    let now = Instant::now();
    let mut learner = learner(now, PHONE);
    assert_eq!(run(&mut learner, now, PHONE, 1, 10..13), [Accept, Lock, Accept]);
    assert_eq!(run(&mut learner, now, "203.0.113.5:4002", 2, 0..5), [Refuse; 5]);
    assert_eq!(run(&mut learner, now, PHONE, 9, 700..702), [Accept; 2], "the source may change its SSRC");
}

#[test]
fn another_port_of_the_same_host_takes_three_packets_in_a_row() {
    let now = Instant::now();
    let mut learner = learner(now, PHONE);
    let from = "203.0.113.5:61000";
    assert_eq!(run(&mut learner, now, from, 1, 0..2), [Hold, Hold]);
    assert_eq!(learner.packet(now, addr(from), true, 2, 2), Hold, "another SSRC begins the row anew");
    assert_eq!(learner.packet(now, addr(from), true, 2, 900), Hold, "so does a jump");
    assert_eq!(run(&mut learner, now, from, 2, 901..903), [Hold, Lock]);
    assert_eq!(learner.destination(), Some(addr(from)));
    assert_eq!(learner.packet(now, addr(PHONE), true, 3, 1), Refuse);
}

#[test]
fn an_unknown_payload_type_counts_for_nothing() {
    let now = Instant::now();
    let mut learner = learner(now, PHONE);
    assert_eq!(learner.packet(now, addr(PHONE), false, 1, 1), Refuse);
    assert_eq!(run(&mut learner, now, PHONE, 1, 2..4), [Accept, Lock]);
}

#[test]
fn a_stranger_is_let_in_only_for_a_private_address_and_only_within_the_window() {
    let now = Instant::now();
    let nat = "198.51.100.9:7000";
    assert_eq!(run(&mut learner(now, PHONE), now, nat, 1, 0..9), [Refuse; 9]);
    for private in ["192.168.1.7:4000", "100.70.0.1:4000", "[fd00::1]:4000"] {
        assert_eq!(run(&mut learner(now, private), now, nat, 1, 0..4), [Hold, Hold, Hold, Lock]);
        assert_eq!(run(&mut learner(now, private), now + NAT_WINDOW, nat, 1, 0..4), [Refuse; 4]);
    }
    assert_eq!(run(&mut learner(now, "127.0.0.1:4000"), now, "127.0.0.2:7", 1, 0..9), [Refuse; 9]);
}

#[test]
fn the_signalled_address_goes_before_candidates_and_is_not_displaced() {
    let now = Instant::now();
    let mut learner = learner(now, "10.0.0.7:4000");
    assert_eq!(run(&mut learner, now, "198.51.100.9:7000", 1, 0..3), [Hold; 3]);
    assert_eq!(learner.packet(now, addr("10.0.0.7:4000"), true, 2, 5), Accept);
    assert_eq!(learner.packet(now, addr("198.51.100.9:7000"), true, 1, 3), Refuse);
    assert_eq!(learner.packet(now, addr("10.0.0.7:4000"), true, 2, 6), Lock);
}

#[test]
fn silence_lets_the_same_host_move_and_nobody_else() {
    let now = Instant::now();
    let mut learner = learner(now, "192.168.1.7:4000");
    run(&mut learner, now, "198.51.100.9:7000", 1, 0..4);
    assert!(learner.silence());
    assert!(!learner.silence());
    assert_eq!(learner.destination(), Some(addr("198.51.100.9:7000")));
    assert_eq!(run(&mut learner, now, "198.51.100.10:7000", 2, 0..9), [Refuse; 9]);
    assert_eq!(run(&mut learner, now, "198.51.100.9:7044", 1, 9..12), [Hold, Hold, Lock]);
    assert_eq!(learner.destination(), Some(addr("198.51.100.9:7044")));
}

#[test]
fn a_new_address_begins_anew_and_the_same_again_does_not() {
    let now = Instant::now();
    let mut learner = learner(now, PHONE);
    run(&mut learner, now, PHONE, 1, 0..2);
    assert!(!learner.signal(now, addr(PHONE)));
    assert_eq!(learner.locked(), Some(addr(PHONE)));
    assert!(learner.signal(now, addr("203.0.113.6:4000")));
    assert_eq!(learner.packet(now, addr(PHONE), true, 1, 3), Refuse);
}

proptest! {
    /// Whatever is sent in whatever order, an address of another host is never locked for a public address, and
    /// nothing but the locked source is accepted.
    #[test]
    fn only_the_signalled_host_is_ever_locked(
        packets in proptest::collection::vec((0usize..4, 0u32..3, 0u16..20, any::<bool>(), 0u64..1500, 0u8..40), 0..300)
    ) {
        let sources = [PHONE, "203.0.113.5:4002", "203.0.113.66:4000", "127.0.0.1:4000"];
        let mut now = Instant::now();
        let mut learner = learner(now, PHONE);
        for (source, ssrc, seq, known, wait, dice) in packets {
            now += Duration::from_millis(wait);
            if dice == 0 {
                learner.silence();
            }
            let verdict = learner.packet(now, addr(sources[source]), known, ssrc, seq);
            if source >= 2 {
                prop_assert_eq!(verdict, Refuse);
            }
            if verdict == Lock {
                prop_assert_eq!(learner.locked(), Some(addr(sources[source])));
            }
            if let (Accept, Some(locked)) = (verdict, learner.locked()) {
                prop_assert_eq!(locked, addr(sources[source]));
            }
            prop_assert!(learner.locked().is_none_or(|locked| locked.ip() == addr(PHONE).ip()));
        }
    }
}
