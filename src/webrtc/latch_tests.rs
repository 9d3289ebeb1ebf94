//! Where audio goes, and who is held for dead.

use super::*;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 9], port))
}

fn after(start: Instant, millis: u64) -> Instant {
    start + Duration::from_millis(millis)
}

#[test]
fn the_latest_nomination_wins() {
    let start = Instant::now();
    let mut latch = Latch::new(start);
    assert_eq!(latch.target(), None);
    assert_eq!(latch.authenticated(start, address(1), false), Ok(()));
    assert_eq!(latch.target(), Some(address(1)));
    assert_eq!(latch.authenticated(after(start, 10), address(2), true), Ok(()));
    assert_eq!(latch.target(), Some(address(2)));
    assert_eq!(latch.authenticated(after(start, 20), address(1), true), Ok(()));
    assert_eq!(latch.target(), Some(address(1)));
    assert!(latch.admits(address(1)) && latch.admits(address(2)) && !latch.admits(address(3)));
}

#[test]
fn a_check_of_a_spare_path_does_not_move_a_living_call() {
    let start = Instant::now();
    let mut latch = Latch::new(start);
    assert_eq!(latch.authenticated(start, address(1), true), Ok(()));
    for step in 1..200 {
        let now = after(start, 20 * step);
        latch.heard(now, address(1));
        if step % 10 == 0 {
            assert!(latch.authenticated(now, address(2), false).is_ok());
        }
        assert_eq!(latch.target(), Some(address(1)));
    }
}

#[test]
fn a_silent_target_gives_way_without_nomination() {
    let start = Instant::now();
    let mut latch = Latch::new(start);
    assert_eq!(latch.authenticated(start, address(1), true), Ok(()));
    assert_eq!(latch.authenticated(after(start, 1_000), address(2), false), Ok(()));
    assert_eq!(latch.target(), Some(address(1)));
    assert_eq!(latch.authenticated(after(start, 2_500), address(2), false), Ok(()));
    assert_eq!(latch.target(), Some(address(2)));
}

#[test]
fn addresses_are_bounded() {
    let start = Instant::now();
    let mut latch = Latch::new(start);
    for port in 1..=24 {
        assert_eq!(latch.authenticated(start, address(port), true), Ok(()));
    }
    assert_eq!(latch.authenticated(start, address(25), true), Err(TooMany));
    assert_eq!(latch.authenticated(start, address(3), true), Ok(()));
}

#[test]
fn life_by_what_is_heard() {
    let start = Instant::now();
    let mut latch = Latch::new(start);
    assert_eq!(latch.life(after(start, 19_000)), Life::Alive);
    assert_eq!(latch.life(after(start, 20_000)), Life::Gone);
    latch.connected();
    latch.heard(after(start, 20_000), address(1));
    assert_eq!(latch.life(after(start, 30_000)), Life::Alive);
    assert_eq!(latch.life(after(start, 31_000)), Life::Silent);
    assert_eq!(latch.life(after(start, 50_000)), Life::Gone);
}
