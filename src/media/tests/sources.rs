//! Nobody injects audio into a call, and a phone that moves is found again.

use super::rig::*;
use crate::media::{MediaEvent, Remote};
use crate::rtp::Law;
use std::time::Duration;

#[tokio::test]
async fn an_injector_is_never_heard_before_or_after_the_source_is_learned() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new([127, 0, 0, 1], Law::Pcmu, 440.0), Phone::new([127, 0, 0, 1], Law::Pcmu, 1000.0));
    let injector = Phone::new([127, 0, 0, 66], Law::Pcmu, 2000.0);
    let (leg_a, to_a) = room.add_rtp().unwrap();
    let (leg_b, _) = b.join(&mut room);
    room.bridge(leg_a, leg_b);
    injector.talk(Some(to_a));
    room.set_remote(leg_a, a.remote());
    wait("refusals", || plane.stats().refused > 20);
    assert!(b.samples().is_empty());
    a.talk(Some(to_a));
    b.hears(440.0);
    // Both go on for a while; the call stays clean.
    std::thread::sleep(Duration::from_millis(500));
    b.hears(440.0);
    let samples = b.samples();
    assert!(samples.chunks(800).all(|part| share(part, 2000.0) < 0.1));
    room.remove(leg_a);
    let closed = until(&mut room, |event| matches!(event, MediaEvent::LegClosed { .. })).await;
    assert!(matches!(closed, MediaEvent::LegClosed { stats, .. } if stats.refused > 20), "{closed:?}");
    plane.shutdown();
}

#[tokio::test]
async fn a_phone_that_moves_to_another_port_is_found_after_silence_and_a_stranger_is_not() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new([127, 0, 0, 1], Law::Pcmu, 440.0), Phone::new([127, 0, 0, 1], Law::Pcmu, 1000.0));
    let ((leg_a, to_a), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.bridge(leg_a, leg_b);
    b.hears(440.0);
    a.talk(None);
    let injector = Phone::new([127, 0, 0, 66], Law::Pcmu, 2000.0);
    injector.talk(Some(to_a));
    let moved = Phone::new([127, 0, 0, 1], Law::Pcmu, 600.0);
    moved.talk(Some(to_a));
    b.hears(600.0);
    moved.hears(1000.0);
    assert!(b.samples().chunks(800).all(|part| share(part, 2000.0) < 0.1));
    plane.shutdown();
}

#[tokio::test]
async fn a_newly_signalled_address_is_taken_at_once_and_hold_is_heard() {
    let plane = plane_with(|config| config.rtp_silence_after = Duration::from_secs(1));
    let mut room = room(&plane);
    let (a, b) = (Phone::new([127, 0, 0, 1], Law::Pcmu, 440.0), Phone::new([127, 0, 0, 1], Law::Pcmu, 1000.0));
    let ((leg_a, to_a), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.bridge(leg_a, leg_b);
    b.hears(440.0);
    let other = Phone::new([127, 0, 0, 9], Law::Pcma, 600.0);
    other.talk(Some(to_a));
    room.set_remote(leg_a, other.remote());
    b.hears(600.0);
    other.hears(1000.0);
    // On hold it neither hears nor is heard, and its silence is not told.
    room.set_remote(leg_a, Remote { send: false, receive: false, ..other.remote() });
    wait("silence at b", || {
        let before = b.packets().len();
        std::thread::sleep(Duration::from_millis(300));
        b.packets().len() == before
    });
    other.talk(None);
    std::thread::sleep(Duration::from_millis(2500));
    room.set_remote(leg_a, other.remote());
    let told = until(&mut room, |event| matches!(event, MediaEvent::Silent { .. })).await;
    assert_eq!(told, MediaEvent::Silent { leg: leg_a });
    other.talk(Some(to_a));
    let told = until(&mut room, |event| matches!(event, MediaEvent::Heard { .. })).await;
    assert_eq!(told, MediaEvent::Heard { leg: leg_a });
    plane.shutdown();
}
