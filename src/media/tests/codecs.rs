//! Legs that speak Opus and G.722: passed on where both do, transcoded where not; played to, pressed, recorded.

use super::rig::*;
use crate::media::{Clip, MediaEvent, Remote, Repeat};
use crate::rtp::event::Events;
use crate::rtp::{Codec, EventPayload, HEADER_LEN, Header, Law};
use crate::sound::Improve;
use std::time::Duration;

const ALAW: Codec = Codec::Law(Law::Pcma);

#[tokio::test]
async fn every_codec_hears_every_other() {
    let plane = plane();
    for (ours, theirs) in [(ALAW, Codec::Opus), (ALAW, Codec::G722), (Codec::G722, Codec::Opus)] {
        let mut room = room(&plane);
        let (a, b) = (Phone::speaking(ours, 440.0), Phone::speaking(theirs, 1000.0));
        let ((leg_a, _), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
        room.bridge(leg_a, leg_b);
        a.hears(1000.0);
        b.hears(440.0);
        for phone in [&a, &b] {
            assert!(phone.packets().iter().all(|packet| packet.header.payload_type == phone.codec.offered_type()));
            assert_continuous(&phone.packets());
            let step = |pair: &[Packet]| pair[1].header.timestamp.wrapping_sub(pair[0].header.timestamp);
            let packets = phone.packets();
            let even = packets.windows(2).filter(|pair| step(pair) == 160 * phone.codec.scale()).count();
            assert!(even + 5 > packets.len(), "{even} of {} steps are a frame of {}", packets.len(), phone.codec);
        }
    }
    plane.shutdown();
}

#[tokio::test]
async fn the_same_codec_is_passed_on_untouched() {
    let plane = plane();
    for codec in [Codec::Opus, Codec::G722] {
        let mut room = room(&plane);
        let (a, b) = (Phone::speaking(codec, 440.0), Phone::speaking(codec, 1000.0));
        let ((leg_a, to_a), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
        room.bridge(leg_a, leg_b);
        b.hears(440.0);
        a.hears(1000.0);
        a.talk(None);
        let (seq, timestamp, ssrc) = a.last_sent();
        let mut packet = [0x5a; HEADER_LEN + 33];
        Header::write(&mut packet, false, codec.offered_type(), seq.wrapping_add(1), timestamp.wrapping_add(160), ssrc);
        a.send(to_a, &packet);
        wait("the very bytes", || b.packets().iter().any(|packet| packet.payload == [0x5a; 33]));
    }
    plane.shutdown();
}

#[tokio::test]
async fn music_keys_and_three_parties_in_opus() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b, c) = (Phone::speaking(Codec::Opus, 440.0), Phone::speaking(ALAW, 1000.0), Phone::speaking(Codec::G722, 1700.0));
    let legs = [a.join(&mut room).0, b.join(&mut room).0, c.join(&mut room).0];
    let fast = Events { payload_type: 110, clock: 48_000 };
    room.set_remote(legs[0], Remote { dtmf: Some(fast), ..a.remote() });
    let music = Clip::from_pcm(&crate::sound::tests::sine(700.0, 9000.0, 4000, 8000.0)).unwrap();
    room.play(legs[0], music.clone(), Repeat::Once);
    assert_eq!(event(&mut room).await, MediaEvent::PlayDone { leg: legs[0] });
    let heard = a.samples();
    assert!(share(&heard[1000..3500], 700.0) > 0.9, "{}", share(&heard[1000..3500], 700.0));
    for (n, leg) in legs.iter().enumerate() {
        room.hear(*leg, &[legs[(n + 1) % 3], legs[(n + 2) % 3]]);
    }
    for (phone, tones, own) in [(&a, [1000.0, 1700.0], 440.0), (&b, [440.0, 1700.0], 1000.0), (&c, [440.0, 1000.0], 1700.0)] {
        wait(&format!("{tones:?} at {}", phone.codec), || {
            let samples = phone.samples();
            let last = &samples[samples.len().saturating_sub(1600)..];
            tones.iter().all(|&hertz| share(last, hertz) > 0.15) && share(last, own) < 0.02
        });
    }
    // A key towards it runs at its clock.
    room.digits(legs[0], "8");
    wait("the key", || a.packets().iter().filter(|packet| packet.header.payload_type == 110).count() == 7);
    let packets = a.packets();
    let key: Vec<EventPayload> =
        packets.iter().filter(|p| p.header.payload_type == 110).filter_map(|p| EventPayload::parse(&p.payload)).collect();
    assert!(key[6].end && key[6].duration == 4800 && key[0].duration == 960, "{key:?}");
    plane.shutdown();
}

#[tokio::test]
async fn an_opus_customer_is_recorded_on_the_left_and_the_agent_on_the_right() {
    let plane = plane();
    let folder = tempfile::tempdir().unwrap();
    for (n, agent_codec) in [ALAW, Codec::Opus].into_iter().enumerate() {
        let mut room = room(&plane);
        let path = folder.path().join(format!("{n}.wav"));
        let (customer, agent) = (Phone::speaking(Codec::Opus, 440.0), Phone::speaking(agent_codec, 1000.0));
        let ((leg, _), (leg_agent, _)) = (customer.join(&mut room), agent.join(&mut room));
        room.bridge(leg, leg_agent);
        agent.hears(440.0);
        room.record(leg, path.clone(), Law::Pcma);
        std::thread::sleep(Duration::from_millis(1500));
        room.stop_record();
        until(&mut room, |event| matches!(event, MediaEvent::RecordingDone { .. })).await;
        let (left, right) = sides(&path, Law::Pcma);
        let tenths = |side: &[i16], hertz: f64| side.chunks_exact(800).filter(|part| is_tone(part, hertz)).count();
        assert!(tenths(&left, 440.0) >= 10 && tenths(&right, 1000.0) >= 10, "{} {}", tenths(&left, 440.0), tenths(&right, 1000.0));
        assert_eq!((tenths(&left, 1000.0), tenths(&right, 440.0)), (0, 0), "{agent_codec}");
        // And passed on again as it is.
        customer.hears(1000.0);
    }
    plane.shutdown();
}

#[tokio::test]
async fn keys_are_heard_in_the_audio_of_whoever_has_no_other_way() {
    let plane = plane();
    let tones = |low: f64, high: f64, ms: usize| {
        let (low, high) = (crate::sound::tests::sine(low, 6000.0, 8 * ms, 8000.0), crate::sound::tests::sine(high, 6000.0, 8 * ms, 8000.0));
        low.iter().zip(high).map(|(a, b)| a + b).collect::<Vec<i16>>()
    };
    // 5, a pause, 9.
    let mut pressed = [vec![0; 1600], tones(770.0, 1336.0, 80), vec![0; 800], tones(852.0, 1477.0, 100), vec![0; 2400]].concat();
    pressed.truncate(pressed.len() / 160 * 160);
    for negotiated in [None, Some(Events { payload_type: DTMF, clock: 8000 })] {
        let mut room = room(&plane);
        let (a, b) = (Phone::speaking(ALAW, 440.0), Phone::speaking(ALAW, 1000.0));
        let ((leg, to), (other, _)) = (a.join(&mut room), b.join(&mut room));
        room.set_remote(leg, Remote { dtmf: negotiated, ..a.remote() });
        room.bridge(leg, other);
        b.hears(440.0);
        a.talk(None);
        std::thread::sleep(Duration::from_millis(50));
        let (seq, timestamp, ssrc) = a.last_sent();
        for (n, frame) in pressed.chunks(160).enumerate() {
            let n = n as u16 + 1;
            let mut packet = [0; HEADER_LEN + 160];
            Header::write(&mut packet, false, 8, seq.wrapping_add(n), timestamp.wrapping_add(160 * u32::from(n)), ssrc);
            for (byte, &sample) in packet[HEADER_LEN..].iter_mut().zip(frame) {
                *byte = Law::Pcma.encode(sample);
            }
            a.send(to, &packet);
            std::thread::sleep(Duration::from_millis(5));
        }
        if negotiated.is_none() {
            for expected in ['5', '9'] {
                let told = event(&mut room).await;
                assert!(
                    matches!(told, MediaEvent::Digit { leg: of, digit, tone: true, ms: 60..=120 } if of == leg && digit == expected),
                    "{told:?}"
                );
            }
        }
        room.close();
        let more = event(&mut room).await;
        assert!(matches!(more, MediaEvent::LegClosed { .. }), "{more:?}");
    }
    plane.shutdown();
}

/// Packets of 30 ms go on as they came; of a leg that is improved they are made anew, 20 ms each, whoever hears it.
#[tokio::test]
async fn only_what_is_improved_is_decoded() {
    let plane = plane();
    for improve in [Improve::default(), Improve { noise: true, gain: false }, Improve { noise: false, gain: true }] {
        let mut room = room(&plane);
        let (a, b) = (Phone::speaking(ALAW, 440.0), Phone::speaking(ALAW, 1000.0));
        let ((leg, to), (other, _)) = (a.join(&mut room), b.join(&mut room));
        room.improve(leg, improve);
        room.bridge(leg, other);
        a.hears(1000.0);
        wait("audio", || b.packets().len() > 10);
        a.talk(None);
        std::thread::sleep(Duration::from_millis(50));
        b.forget();
        let (seq, timestamp, ssrc) = a.last_sent();
        for n in 1..=20u16 {
            let mut packet = [0x5a; HEADER_LEN + 240];
            Header::write(&mut packet, false, 8, seq.wrapping_add(n), timestamp.wrapping_add(240 * u32::from(n)), ssrc);
            a.send(to, &packet);
            std::thread::sleep(Duration::from_millis(30));
        }
        let came = |length: usize| b.packets().iter().filter(|packet| packet.payload.len() == length).count();
        if improve.any() {
            wait("packets of the house's own", || came(160) > 20);
            assert_eq!(came(240), 0, "{improve:?}");
        } else {
            wait("the packets as they are", || came(240) == 20);
            assert!(b.packets().iter().filter(|packet| packet.payload.len() == 240).all(|packet| packet.payload == [0x5a; 240]));
        }
        // What the improved one hears of the other is passed on untouched all the same.
        assert!(a.packets().iter().all(|packet| packet.payload.len() == 160));
    }
    plane.shutdown();
}
