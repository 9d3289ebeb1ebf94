//! Pairs are even and odd, distinct, and rest before they return.

use super::*;
use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

static OFFSET: AtomicU64 = AtomicU64::new(0);

/// A clock that stands still until it is moved.
fn clock() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now) + Duration::from_secs(OFFSET.load(Ordering::Relaxed))
}

#[test]
fn a_pair_rests_before_it_is_given_again() {
    let ports = Ports::new(Ipv4Addr::LOCALHOST.into(), 47111..=47114, clock).unwrap();
    let pair = ports.take().unwrap();
    assert_eq!(pair.addr().port(), 47112);
    assert_eq!(pair.rtcp.local_addr().unwrap().port(), 47113);
    assert!(matches!(ports.take(), Err(MediaError::NoPorts(47111, 47114))));
    drop(pair);
    assert!(ports.take().is_err(), "still resting");
    OFFSET.fetch_add(QUARANTINE.as_secs(), Ordering::Relaxed);
    assert_eq!(ports.take().unwrap().addr().port(), 47112);
}

#[test]
fn the_last_tenth_is_for_those_who_are_in() {
    let ports = Ports::new(Ipv4Addr::LOCALHOST.into(), 47130..=47169, Instant::now).unwrap();
    let mut taken: Vec<Pair> = (0..17).map(|_| ports.take().unwrap()).collect();
    assert!(!ports.scarce(), "three of twenty are left");
    taken.push(ports.take().unwrap());
    assert!(ports.scarce(), "two are left");
    taken.push(ports.take().unwrap());
    drop(taken);
    assert!(ports.scarce(), "they rest");
}

#[test]
fn a_port_held_by_another_is_passed_over() {
    let held = UdpSocket::bind("127.0.0.1:47121").unwrap();
    let ports = Ports::new(Ipv4Addr::LOCALHOST.into(), 47120..=47123, clock).unwrap();
    assert_eq!(ports.take().unwrap().addr().port(), 47122);
    drop(held);
    assert_eq!(ports.take().unwrap().addr().port(), 47120);
}

#[test]
fn a_range_without_a_pair_is_refused() {
    assert!(matches!(Ports::new(Ipv4Addr::LOCALHOST.into(), 9..=10, clock), Err(MediaError::PortRange(9, 10))));
}
