//! A whole connection without a browser: the library itself plays the browser, datagrams pass through memory, time
//! is made up.

mod world;

use std::time::{Duration, Instant};

use ::webrtc::sansio::Protocol as _;

use super::*;
use crate::media::{AudioOut, Peer, PeerEvent};
use crate::rtp::Law;
use world::{HOME, Heard, SERVER, STEP, World, at};

#[test]
fn answers_with_every_address_and_nothing_of_the_library() {
    let world = World::new();
    let candidates: Vec<_> = world.answer.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    assert_eq!(
        candidates,
        ["a=candidate:1 1 udp 2130706431 10.0.0.1 3478 typ host", "a=candidate:2 1 udp 2130706175 203.0.113.7 3478 typ host"]
    );
    assert!(world.answer.contains("m=audio 9 UDP/TLS/RTP/SAVPF 0 8 126\r\n"), "{}", world.answer);
    for line in ["a=ice-lite", "a=setup:active", "a=rtcp-mux", "a=sendrecv", "a=end-of-candidates"] {
        assert_eq!(world.answer.lines().filter(|&found| found == line).count(), 1, "{line} in {}", world.answer);
    }
    assert!(!world.answer.contains("192.0.2.1"), "{}", world.answer);
    assert!(world.answer.contains(&format!("a=ice-ufrag:{}\r\n", world.peer.ufrag())));
}

#[test]
fn an_unspecified_address_must_be_advertised() {
    let config = WebConfig::new(at("0.0.0.0:3478"), Vec::new());
    let error = super::answer(&config, offer::tests::CHROME, Instant::now()).err();
    assert!(matches!(error, Some(WebrtcError::NoAddress(_))), "{error:?}");
    let config = WebConfig::new(at("127.0.0.1:3478"), Vec::new());
    let answered = super::answer(&config, offer::tests::CHROME, Instant::now()).expect("an answer");
    assert!(answered.answer.contains(" 127.0.0.1 3478 typ host\r\n"), "{}", answered.answer);
}

#[test]
fn audio_passes_both_ways_unchanged() {
    let mut world = World::connected();
    assert_eq!(world.heard.latched, [at(HOME)]);
    for number in 0..100_u16 {
        world.voice(if number < 50 { 0 } else { 8 }, number as u8);
        world.say(Law::Pcma, 40_000 + number, 160 * u32::from(number), number as u8 ^ 0x55);
    }
    assert_eq!(world.heard.audio.len(), 100);
    for (number, (law, _, _, _, payload)) in world.heard.audio.iter().enumerate() {
        assert_eq!(*law, if number < 50 { Law::Pcmu } else { Law::Pcma });
        assert_eq!(payload, &[number as u8; 160]);
    }
    assert!(world.heard.audio.windows(2).all(|pair| pair[1].1 == pair[0].1.wrapping_add(1)));
    assert_eq!(world.peer.law(), Law::Pcma);
    assert_eq!(world.received.len(), 100);
    for (number, (payload_type, seq, _, marker, payload)) in world.received.iter().enumerate() {
        assert_eq!((*payload_type, *seq, *marker), (8, 40_000 + number as u16, number == 0));
        assert_eq!(payload, &[number as u8 ^ 0x55; 160]);
    }
}

#[test]
fn a_lossy_network_only_delays() {
    for loses in [5, 15, 30] {
        let mut world = World::new();
        world.loses = loses;
        world.run(Duration::from_secs(19));
        assert_eq!(world.heard.events, [PeerEvent::Connected], "{loses} % lost");
        assert!(world.connected, "{loses} % lost");
    }
}

#[test]
fn a_new_stream_continues_the_old_ones_numbers() {
    let mut world = World::connected();
    for number in 0..5 {
        world.say(Law::Pcmu, 60_000 + number, 160 * u32::from(number), 1);
    }
    // Another call, whose stream begins anywhere.
    for number in 0..5 {
        world.say(Law::Pcmu, 7 + number, 3_000_000_000 + 160 * u32::from(number), 2);
    }
    let seqs: Vec<_> = world.received.iter().map(|packet| packet.1).collect();
    assert_eq!(seqs, (60_000..60_010).collect::<Vec<u16>>());
    let steps: Vec<_> = world.received.windows(2).map(|pair| pair[1].2.wrapping_sub(pair[0].2)).collect();
    assert_eq!(steps, [160; 9]);
    let marked: Vec<_> = world.received.iter().map(|packet| packet.3).collect();
    assert_eq!(marked, [true, false, false, false, false, true, false, false, false, false]);
}

#[test]
fn a_key_press_is_told_once_and_is_no_loss() {
    let mut world = World::connected();
    world.voice(0, 1);
    let start = world.timestamp + 160;
    for (duration, end) in [(160, 0), (320, 0), (800, 0), (960, 0x80), (960, 0x80), (960, 0x80)] {
        let [high, low] = u16::to_be_bytes(duration);
        world.speak(126, start, &[7, 10 | end, high, low]);
    }
    world.timestamp = start + 960;
    world.voice(0, 2);
    assert_eq!(world.heard.digits, [('7', 120)]);
    assert_eq!(world.heard.audio.len(), 2);
    assert_eq!(world.heard.audio[1].1, world.heard.audio[0].1.wrapping_add(1), "event packets look like losses");
    // And out.
    let packet = AudioOut { law: Law::Pcmu, seq: 1, timestamp: 1, marker: true, payload: &[3, 10, 0, 160], event: true };
    world.peer.send(world.now, &packet, &mut world.heard);
    world.run(STEP);
    assert_eq!(world.received.last().map(|packet| packet.0), Some(126));
}

#[test]
fn reports_say_what_the_browser_sees() {
    let mut world = World::connected();
    for number in 0..800_u16 {
        world.voice(0, 1);
        // Every tenth is lost on the way.
        if number % 10 != 9 {
            world.say(Law::Pcmu, number, 160 * u32::from(number), 1);
        }
    }
    let report = world.heard.reports.last().expect("a report");
    assert!((0.05..0.15).contains(&report.loss), "{report:?}");
    assert!(report.rtt_ms.is_some_and(|rtt| rtt < 100.0), "{report:?}");
}

#[test]
fn audio_follows_a_changed_address() {
    let mut world = World::connected();
    world.say(Law::Pcmu, 1, 0, 1);
    assert_eq!(world.received.len(), 1);
    // The NAT has forgotten; datagrams to the old binding are lost, the browser knows nothing of it.
    world.seen_as = at("10.0.0.9:51111");
    world.run(Duration::from_secs(6));
    assert_eq!(world.heard.latched, [at(HOME), at("10.0.0.9:51111")]);
    world.say(Law::Pcmu, 2, 160, 2);
    assert_eq!(world.received.len(), 2);
    world.voice(0, 3);
    assert_eq!(world.heard.audio.len(), 1);
    assert_eq!(world.heard.events, [PeerEvent::Connected]);
}

#[test]
fn an_ipv6_socket_serves_both_families() {
    for seen_as in ["[::ffff:10.0.0.9]:40000", "[2001:db8::9]:40000"] {
        let mut world = World::new();
        world.seen_as = at(seen_as);
        world.run(Duration::from_secs(3));
        assert_eq!(world.heard.latched, [at(seen_as)]);
        world.voice(0, 1);
        world.say(Law::Pcmu, 1, 0, 1);
        assert_eq!((world.heard.audio.len(), world.received.len()), (1, 1));
    }
}

#[test]
fn a_stranger_moves_nothing_and_is_not_heard() {
    let mut world = World::connected();
    let stranger = at("198.51.100.66:666");
    let mut forged = vec![0x00, 0x01, 0x00, 0x04, 0x21, 0x12, 0xa4, 0x42];
    forged.extend([7; 12]);
    forged.extend([0x00, 0x25, 0x00, 0x00]);
    let rtp = [[0x80, 0, 0, 1].as_slice(), &[9; 200]].concat();
    for mut data in [forged, rtp, vec![22; 100], vec![0x80, 200, 0, 1], vec![2], Vec::new(), vec![255; 1500]] {
        world.peer.datagram(world.now, stranger, &mut data, &mut world.heard);
    }
    assert!(world.heard.sent.iter().all(|(to, _)| *to != stranger), "a stranger was answered");
    assert_eq!(world.heard.latched, [at(HOME)]);
    world.say(Law::Pcmu, 1, 0, 1);
    assert_eq!(world.received.len(), 1);
    assert!(world.heard.audio.is_empty());
}

#[test]
fn hostile_bytes_from_the_right_address_do_no_harm() {
    let mut world = World::connected();
    let mut state = 9_u32;
    for round in 0..5_000_u32 {
        let mut data = Vec::with_capacity(300);
        for _ in 0..(round % 300) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            data.push((state >> 24) as u8);
        }
        if let Some(first) = data.first_mut() {
            *first = [0, 20, 21, 22, 23, 128, 129, 144, 176][round as usize % 9];
        }
        world.peer.datagram(world.now, at(HOME), &mut data, &mut world.heard);
    }
    world.voice(0, 5);
    assert_eq!(world.heard.audio.len(), 1);
    assert_eq!(world.heard.events, [PeerEvent::Connected]);
}

#[test]
fn a_page_that_closes_is_noticed_at_once() {
    let mut world = World::connected();
    world.browser.close().expect("closed");
    world.run(STEP);
    assert_eq!(world.heard.events, [PeerEvent::Connected, PeerEvent::Closed]);
    assert_eq!(world.peer.next_timeout(), None);
}

#[test]
fn a_forged_goodbye_is_ignored() {
    let mut world = World::connected();
    // Plain-text alerts of epoch 0 (RFC 6347 §4.1): close_notify, then handshake_failure.
    for alert in [[1, 0], [2, 40]] {
        for sequence in 0..50 {
            let mut data = vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, sequence, 0, 2];
            data.extend(alert);
            let now = world.now;
            world.peer.datagram(now, at(HOME), &mut data, &mut world.heard);
        }
    }
    world.voice(0, 5);
    assert_eq!(world.heard.audio.len(), 1);
    assert_eq!(world.heard.events, [PeerEvent::Connected]);
}

#[test]
fn closing_says_goodbye() {
    let mut world = World::connected();
    let now = world.now;
    world.peer.close(now, &mut world.heard);
    assert!(world.heard.sent.iter().any(|(to, data)| *to == at(HOME) && data.first() == Some(&21)));
    assert_eq!(world.heard.events, [PeerEvent::Connected, PeerEvent::Closed]);
    world.say(Law::Pcmu, 1, 0, 1);
    assert!(world.received.is_empty());
}

#[test]
fn silence_is_told_then_held_for_dead() {
    let mut world = World::connected();
    world.seen_as = at("192.0.2.99:9");
    // Nothing of the browser arrives any more.
    let end = world.now + Duration::from_secs(40);
    while world.now < end {
        world.now += STEP;
        world.peer.timeout(world.now, &mut world.heard);
    }
    assert_eq!(world.heard.events, [PeerEvent::Connected, PeerEvent::Disconnected, PeerEvent::Failed]);
}

#[test]
fn a_page_that_never_comes_is_given_up() {
    let config = WebConfig::new(at(SERVER), Vec::new());
    let start = Instant::now();
    let mut peer = super::answer(&config, offer::tests::CHROME, start).expect("an answer").peer;
    let mut heard = Heard::default();
    for step in 0..1_100 {
        peer.timeout(start + STEP * step, &mut heard);
    }
    assert_eq!(heard.events, [PeerEvent::Failed]);
    assert!(heard.sent.is_empty());
}
