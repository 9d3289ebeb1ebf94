//! Audio between legs and to one leg: bridge, laws, music, keys, reports.

use super::rig::*;
use crate::media::{Clip, LegStats, MediaEvent, Remote, Repeat};
use crate::rtp::rtcp;
use crate::rtp::{EventPayload, HEADER_LEN, Header, Law};
use crate::sound::tones::Tones;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

const LOCAL: [u8; 4] = [127, 0, 0, 1];

fn tone(hertz: f64, seconds: f64) -> Arc<Clip> {
    let samples: Vec<i16> =
        (0..(8000.0 * seconds) as u32).map(|n| (8000.0 * (std::f64::consts::TAU * hertz * f64::from(n) / 8000.0).sin()) as i16).collect();
    Clip::from_pcm(&samples).unwrap()
}

#[tokio::test]
async fn two_phones_of_different_laws_hear_each_other() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new(LOCAL, Law::Pcmu, 440.0), Phone::new(LOCAL, Law::Pcma, 1000.0));
    let ((leg_a, _), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.bridge(leg_a, leg_b);
    a.hears(1000.0);
    b.hears(440.0);
    assert!(a.packets().iter().all(|packet| packet.header.payload_type == 0));
    assert!(b.packets().iter().all(|packet| packet.header.payload_type == 8));
    assert_continuous(&a.packets());
    room.unbridge(leg_b);
    room.echo(leg_b, true);
    b.hears(1000.0);
    room.remove(leg_a);
    let MediaEvent::LegClosed { leg, stats } = event(&mut room).await else { panic!("closed") };
    assert_eq!((leg, stats.lost, stats.refused), (leg_a, 0, 0));
    assert!(stats.packets_in > 10 && stats.packets_out > 10 && stats.mos > 4.0, "{stats:?}");
    plane.shutdown();
}

#[tokio::test]
async fn music_bridge_music_is_one_stream_and_prompts_end() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new(LOCAL, Law::Pcma, 440.0), Phone::new(LOCAL, Law::Pcma, 1000.0));
    let ((leg_a, _), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    // 50 ms: shorter than the tone's window, so the loop is heard going round.
    room.play(leg_a, tone(600.0, 0.05), Repeat::Forever);
    a.hears(600.0);
    room.bridge(leg_a, leg_b);
    b.hears(440.0);
    a.hears(600.0);
    room.stop_play(leg_a);
    a.hears(1000.0);
    room.play(leg_a, tone(700.0, 0.5), Repeat::Once);
    assert_eq!(event(&mut room).await, MediaEvent::PlayDone { leg: leg_a });
    a.hears(1000.0);
    assert_continuous(&a.packets());
    let samples = a.samples();
    assert!(samples.windows(1600).step_by(160).any(|part| is_tone(part, 700.0)));
    plane.shutdown();
}

#[tokio::test]
async fn keys_pass_the_bridge_are_told_once_and_can_be_pressed() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new(LOCAL, Law::Pcmu, 440.0), Phone::new(LOCAL, Law::Pcmu, 1000.0));
    let ((leg_a, to_a), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.set_remote(leg_b, crate::media::Remote { dtmf: Some(crate::rtp::event::Events { payload_type: 96, clock: 8000 }), ..b.remote() });
    room.bridge(leg_a, leg_b);
    b.hears(440.0);
    a.talk(None);
    let last = b.packets().len();
    for n in 0..8u16 {
        let payload = EventPayload { event: 7, end: n >= 5, volume: 10, duration: 160 * (n + 1).min(6) };
        let mut packet = [0; HEADER_LEN + 4];
        Header::write(&mut packet, n == 0, DTMF, 100 + n, 9000, 4242);
        packet[HEADER_LEN..].copy_from_slice(&payload.bytes());
        a.send(to_a, &packet);
    }
    assert_eq!(event(&mut room).await, MediaEvent::Digit { leg: leg_a, digit: '7', ms: 120, tone: false });
    wait("all packets of the key", || b.packets().iter().skip(last).filter(|packet| packet.header.payload_type == 96).count() == 8);
    assert_continuous_but_for_timestamps(&b);
    // Now we press, towards b: its own leg's number, and the tone of a is held back meanwhile.
    b.forget();
    room.digits(leg_b, "4#");
    let keys = || -> Vec<EventPayload> {
        let packets = b.packets();
        packets.iter().filter(|p| p.header.payload_type == 96).filter_map(|p| EventPayload::parse(&p.payload)).collect()
    };
    wait("two keys", || keys().len() >= 14);
    let pressed = keys();
    assert_eq!(pressed.iter().filter(|key| key.end).map(|key| key.digit().unwrap()).collect::<String>(), "444###");
    assert!(pressed.iter().all(|key| !key.end || key.duration == 800));
    assert_continuous_but_for_timestamps(&b);
    plane.shutdown();
}

/// A phone that has negotiated no events is pressed tones, in place of what it hears and in the same stream; a key that comes as an event becomes
/// one for it.
#[tokio::test]
async fn who_takes_no_events_is_pressed_tones() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new([127, 0, 0, 1], Law::Pcmu, 440.0), Phone::new([127, 0, 0, 1], Law::Pcma, 1000.0));
    let ((leg_a, to_a), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.set_remote(leg_b, Remote { dtmf: None, ..b.remote() });
    room.bridge(leg_a, leg_b);
    b.hears(440.0);
    b.forget();
    room.digits(leg_b, "4,#");
    for n in 0..8u16 {
        let payload = EventPayload { event: 7, end: n >= 5, volume: 10, duration: 160 * (n + 1).min(6) };
        let mut packet = [0; HEADER_LEN + 4];
        Header::write(&mut packet, n == 0, DTMF, 100 + n, 9000, 4242);
        packet[HEADER_LEN..].copy_from_slice(&payload.bytes());
        a.send(to_a, &packet);
    }
    let keys = || {
        let mut tones = Tones::default();
        b.samples().chunks(160).filter_map(|frame| tones.hear(frame.iter().copied())).collect::<Vec<_>>()
    };
    wait("three keys", || keys().len() >= 3);
    b.hears(440.0);
    let (told, times): (String, Vec<u32>) = keys().into_iter().unzip();
    assert_eq!(told, "4#7");
    assert!(times.iter().all(|ms| (80..=110).contains(ms)), "{times:?}");
    assert!(b.packets().iter().all(|packet| packet.header.payload_type == Law::Pcma.payload_type()), "no events");
    assert_continuous_but_for_timestamps(&b);
    plane.shutdown();
}

fn assert_continuous_but_for_timestamps(phone: &Phone) {
    for pair in phone.packets().windows(2) {
        assert_eq!(pair[1].header.seq, pair[0].header.seq.wrapping_add(1));
    }
}

#[tokio::test]
async fn reports_are_sent_and_give_the_round_trip() {
    let plane = plane();
    let mut room = room(&plane);
    // A phone whose RTCP port is the next above.
    let (a, reports) = loop {
        let phone = Phone::new(LOCAL, Law::Pcmu, 440.0);
        if let Ok(reports) = UdpSocket::bind((phone.addr.ip(), phone.addr.port() + 1)) {
            break (phone, reports);
        }
    };
    reports.set_read_timeout(Some(PATIENCE)).unwrap();
    let (leg, addr) = a.join(&mut room);
    room.echo(leg, true);
    let mut buffer = [0; 512];
    let (length, from) = reports.recv_from(&mut buffer).unwrap();
    assert_eq!(from.port(), addr.port() + 1);
    let heard = rtcp::parse(&buffer[..length], a.packets()[0].header.ssrc);
    let (ssrc, middle) = heard.sender.expect("a sender report");
    let block = word(&buffer, 28);
    assert_eq!(ssrc, a.packets()[0].header.ssrc);
    // Answer with a receiver report: 50 ms in all.
    std::thread::sleep(Duration::from_millis(50));
    let mut report = vec![0x81, 201, 0, 7];
    for value in [block, ssrc, 0, 1, 0, middle, 0] {
        report.extend(value.to_be_bytes());
    }
    reports.send_to(&report, from).unwrap();
    let told = until(&mut room, |event| matches!(event, MediaEvent::Quality { stats: LegStats { rtt_ms: Some(_), .. }, .. })).await;
    let MediaEvent::Quality { stats, .. } = told else { unreachable!("awaited that") };
    assert!(stats.rtt_ms.is_some_and(|rtt| (45.0..2000.0).contains(&rtt)), "{stats:?}");
    plane.shutdown();
}

fn word(data: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(std::array::from_fn(|n| data[at + n]))
}

#[tokio::test]
async fn a_dropped_room_closes_its_legs_and_a_closed_one_tells_so() {
    let plane = plane();
    let mut room_a = room(&plane);
    let mut room_b = room(&plane);
    let phone = Phone::new(LOCAL, Law::Pcmu, 440.0);
    let (leg, _) = phone.join(&mut room_a);
    room_b.add_rtp().unwrap();
    wait("two legs", || plane.stats().legs == 2);
    drop(room_b);
    room_a.close();
    assert!(matches!(event(&mut room_a).await, MediaEvent::LegClosed { leg: closed, .. } if closed == leg));
    assert_eq!(room_a.recv().await, None);
    wait("no legs", || plane.stats().legs == 0);
    plane.shutdown();
}
