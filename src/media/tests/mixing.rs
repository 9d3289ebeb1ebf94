//! Several who hear each other, or who must not: conference, whisper, announcement, comfort noise, and what is recorded.

use super::rig::*;
use crate::media::{Clip, LegId, MediaEvent, Repeat, Room};
use crate::rtp::{EventPayload, HEADER_LEN, Header, Law};
use std::sync::Arc;
use std::time::Duration;

const LOCAL: [u8; 4] = [127, 0, 0, 1];
/// The least share of the power that counts as heard, and the most that counts as not.
const HEARD: f64 = 0.1;
const UNHEARD: f64 = 0.005;

fn clip(hertz: f64, seconds: f64) -> Arc<Clip> {
    let samples = crate::sound::tests::sine(hertz, 16_000.0, (8000.0 * seconds) as usize, 8000.0);
    Clip::from_pcm(&samples).unwrap()
}

/// Waits until a phone hears all these tones, and none of those, in the last 200 ms.
fn hears(phone: &Phone, tones: &[f64], none: &[f64]) {
    wait(&format!("{tones:?} and not {none:?} at {}", phone.addr), || {
        let samples = phone.samples();
        let Some(last) = samples.len().checked_sub(1600).map(|at| &samples[at..]) else { return false };
        let least = HEARD.min(0.4 / tones.len() as f64);
        tones.iter().all(|&hertz| share(last, hertz) > least) && none.iter().all(|&hertz| share(last, hertz) < UNHEARD)
    });
}

/// Three phones of both laws in a room.
fn three(room: &mut Room) -> ([Phone; 3], [LegId; 3]) {
    let phones = [Phone::new(LOCAL, Law::Pcmu, 440.0), Phone::new(LOCAL, Law::Pcma, 1000.0), Phone::new(LOCAL, Law::Pcmu, 1700.0)];
    let legs = [0, 1, 2].map(|n| phones[n].join(room).0);
    (phones, legs)
}

#[tokio::test]
async fn three_hear_each_other_and_not_themselves_then_two_are_left() {
    let plane = plane();
    let mut room = room(&plane);
    let ([a, b, c], [leg_a, leg_b, leg_c]) = three(&mut room);
    room.bridge(leg_a, leg_b);
    a.hears(1000.0);
    room.hear(leg_a, &[leg_b, leg_c]);
    room.hear(leg_b, &[leg_a, leg_c]);
    room.hear(leg_c, &[leg_a, leg_b, leg_c, leg_a]);
    hears(&a, &[1000.0, 1700.0], &[440.0]);
    hears(&b, &[440.0, 1700.0], &[1000.0]);
    hears(&c, &[440.0, 1000.0], &[1700.0]);
    room.bridge(leg_a, leg_b);
    hears(&a, &[1000.0], &[440.0, 1700.0]);
    hears(&b, &[440.0], &[1000.0, 1700.0]);
    assert_continuous(&a.packets());
    // Nobody hears the third any more, and it hears nobody.
    hears(&c, &[], &[440.0, 1000.0, 1700.0]);
    // A mix of which nobody is left is no dead line.
    room.hear(leg_a, &[leg_b, leg_c]);
    hears(&a, &[1000.0, 1700.0], &[]);
    room.remove(leg_b);
    room.remove(leg_c);
    wait("the noise of the line", || {
        let samples = a.samples();
        let last = &samples[samples.len() - 1600..];
        last.iter().any(|&s| s != 0) && last.iter().all(|s| s.abs() < 200)
    });
    let before = a.packets().len();
    wait("packets", || a.packets().len() > before + 10);
    plane.shutdown();
}

#[tokio::test]
async fn a_whisper_reaches_the_agent_and_neither_the_customer_nor_the_recording() {
    let plane = plane();
    let mut room = room(&plane);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.wav");
    let ([customer, agent, supervisor], [leg, leg_agent, leg_supervisor]) = three(&mut room);
    room.record(leg, path.clone(), Law::Pcmu);
    room.bridge(leg, leg_agent);
    customer.hears(1000.0);
    // Listen, then whisper, then a call of three.
    room.hear(leg_supervisor, &[leg, leg_agent]);
    hears(&supervisor, &[440.0, 1000.0], &[1700.0]);
    room.hear(leg_agent, &[leg, leg_supervisor]);
    hears(&agent, &[440.0, 1700.0], &[1000.0]);
    std::thread::sleep(Duration::from_secs(1));
    let so_far = customer.samples();
    assert!(so_far.chunks(800).all(|part| share(part, 1700.0) < UNHEARD), "the customer heard a whisper");
    hears(&customer, &[1000.0], &[1700.0, 440.0]);
    room.hear(leg, &[leg_agent, leg_supervisor]);
    hears(&customer, &[1000.0, 1700.0], &[440.0]);
    std::thread::sleep(Duration::from_millis(700));
    room.stop_record();
    until(&mut room, |event| matches!(event, MediaEvent::RecordingDone { .. })).await;
    let (left, right) = sides(&path, Law::Pcmu);
    let tenths = |side: &[i16], hertz: f64| side.chunks(800).filter(|part| share(part, hertz) > HEARD).count();
    assert_eq!(tenths(&left, 1000.0) + tenths(&left, 1700.0) + tenths(&right, 440.0), 0);
    let barged = right.chunks(800).position(|part| share(part, 1700.0) > HEARD).expect("the supervisor, once the customer hears them");
    assert!(barged >= 10, "the whisper was recorded after {barged} tenths");
    assert!(tenths(&right[barged * 800..], 1000.0) >= 5, "the mix holds both");
    let spoken = right.chunks(800).skip(3).take(barged - 4).filter(|part| is_tone(part, 1000.0)).count();
    assert!(spoken + 2 >= barged - 4, "{spoken} of {barged}");
    assert!(tenths(&left, 440.0) + 3 >= left.len() / 800);
    plane.shutdown();
}

#[tokio::test]
async fn an_announcement_is_heard_over_the_talk_and_music_instead_of_it() {
    let plane = plane();
    let mut room = room(&plane);
    let ([a, b, _], [leg_a, leg_b, _]) = three(&mut room);
    room.bridge(leg_a, leg_b);
    a.hears(1000.0);
    room.play_over(leg_a, clip(2500.0, 1.0));
    hears(&a, &[1000.0, 2500.0], &[440.0]);
    hears(&b, &[440.0], &[2500.0]);
    hears(&a, &[1000.0], &[2500.0]);
    a.hears(1000.0);
    // Music takes the place of all.
    room.play(leg_a, clip(600.0, 0.5), Repeat::Once);
    hears(&a, &[600.0], &[1000.0]);
    assert_eq!(event(&mut room).await, MediaEvent::PlayDone { leg: leg_a });
    a.hears(1000.0);
    // Over nobody it is heard alone, and then nothing is sent.
    room.unbridge(leg_a);
    room.play_over(leg_a, clip(2500.0, 0.4));
    hears(&a, &[2500.0], &[1000.0]);
    wait("the end", || {
        let before = a.packets().len();
        std::thread::sleep(Duration::from_millis(200));
        a.packets().len() == before
    });
    assert_continuous(&a.packets());
    plane.shutdown();
}

#[tokio::test]
async fn a_conference_of_ten_hears_everybody_else() {
    let plane = plane();
    let mut room = room(&plane);
    let tones: Vec<f64> = (0..10).map(|n| 400.0 + 250.0 * f64::from(n)).collect();
    let laws = [Law::Pcmu, Law::Pcma];
    let phones: Vec<Phone> = tones.iter().enumerate().map(|(n, &hertz)| Phone::quiet(LOCAL, laws[n % 2], hertz)).collect();
    let legs: Vec<LegId> = phones.iter().map(|phone| phone.join(&mut room).0).collect();
    for (n, &leg) in legs.iter().enumerate() {
        let others: Vec<LegId> = legs.iter().copied().filter(|other| *other != legs[n]).collect();
        room.hear(leg, &others);
    }
    for (n, phone) in phones.iter().enumerate() {
        let others: Vec<f64> = tones.iter().copied().filter(|hertz| *hertz != tones[n]).collect();
        hears(phone, &others, &[tones[n]]);
    }
    assert_eq!(plane.stats().untold, 0);
    plane.shutdown();
}

#[tokio::test]
async fn keys_reach_the_phones_in_a_mix_and_pauses_are_filled_with_noise() {
    let plane = plane();
    let mut room = room(&plane);
    let ([a, b, c], [leg_a, leg_b, leg_c]) = three(&mut room);
    room.hear(leg_b, &[leg_a, leg_c]);
    room.hear(leg_c, &[leg_a]);
    hears(&b, &[440.0, 1700.0], &[]);
    let to_a = a.destination().unwrap();
    a.talk(None);
    std::thread::sleep(Duration::from_millis(60));
    let last = a.last_sent();
    for n in 0..4u16 {
        let payload = EventPayload { event: 5, end: n >= 1, volume: 10, duration: 160 * (n + 1).min(2) };
        let mut packet = [0; HEADER_LEN + 4];
        Header::write(&mut packet, n == 0, DTMF, last.0.wrapping_add(1 + n), last.1.wrapping_add(160), last.2);
        packet[HEADER_LEN..].copy_from_slice(&payload.bytes());
        a.send(to_a, &packet);
    }
    assert!(matches!(event(&mut room).await, MediaEvent::Digit { leg, digit: '5', .. } if leg == leg_a));
    let keys = |phone: &Phone| phone.packets().iter().filter(|packet| packet.header.payload_type == DTMF).count();
    wait("the key at both", || keys(&b) == 7 && keys(&c) >= 4);
    // Comfort noise takes its sender off the relay: whoever hears it has noise at the level it asked for.
    let mut packet = [0; HEADER_LEN + 1];
    Header::write(&mut packet, true, 13, last.0.wrapping_add(5), last.1.wrapping_add(2000), last.2);
    packet[HEADER_LEN] = 40;
    a.send(to_a, &packet);
    let rms = 32_767.0 * 10f64.powf(-2.0);
    wait("noise at -40 dB", || {
        let samples = c.samples();
        let last = &samples[samples.len().saturating_sub(1600)..];
        let power = last.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / last.len().max(1) as f64;
        (0.5..2.0).contains(&(power.sqrt() / rms))
    });
    plane.shutdown();
}

#[tokio::test]
async fn what_a_bad_line_does_to_one_is_mended_for_the_others() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::bad(LOCAL, Law::Pcma, 440.0), Phone::new(LOCAL, Law::Pcmu, 1000.0));
    let c = Phone::new(LOCAL, Law::Pcmu, 1700.0);
    let legs = [a.join(&mut room).0, b.join(&mut room).0, c.join(&mut room).0];
    room.hear(legs[1], &[legs[0]]);
    room.hear(legs[2], &[legs[0], legs[1]]);
    hears(&c, &[440.0, 1000.0], &[1700.0]);
    c.forget();
    wait("five seconds", || c.samples().len() > 40_000);
    let samples = c.samples();
    let gone = samples.chunks(400).filter(|part| share(part, 440.0) < HEARD).count();
    assert!(gone <= 4, "the talker was gone in {gone} of {} twentieths", samples.len() / 400);
    assert_continuous(&c.packets());
    plane.shutdown();
}
