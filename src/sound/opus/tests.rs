use super::*;
use crate::sound::tests::{Dice, share, sine};

fn packets(hertz: f64, count: usize) -> Vec<Vec<u8>> {
    coded(&sine(hertz, 8000.0, 320 * count, 16_000.0))
}

fn coded(samples: &[i16]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new().unwrap();
    samples
        .as_chunks::<320>()
        .0
        .iter()
        .map(|frame| {
            let mut out = vec![0; 400];
            let length = encoder.encode(frame, &mut out);
            out.truncate(length);
            out
        })
        .collect()
}

#[test]
fn speech_frequencies_come_back_and_a_packet_says_its_length() {
    let packets = packets(440.0, 100);
    assert!(packets.iter().all(|packet| units(packet) == Some(160) && packet.len() < 200));
    let (mut decoder, mut heard) = (Decoder::new().unwrap(), Vec::new());
    assert!(packets.iter().all(|packet| decoder.decode(packet, &mut heard)));
    assert_eq!(heard.len(), 32_000);
    assert!(share(&heard[8000..], 440.0, 16_000.0) > 0.95);
    assert_eq!((units(&[]), units(&[0xff, 63])), (None, None));
}

#[test]
fn a_lost_packet_is_mended_by_the_one_behind_it() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/sounds/en/welcome.wav");
    let clip = crate::media::Clip::from_wav(&std::fs::read(path).unwrap()).unwrap();
    let narrow: Vec<i16> = clip.bytes(crate::rtp::Law::Pcmu).iter().map(|&byte| crate::rtp::Law::Pcmu.decode(byte)).collect();
    let mut speech = Vec::new();
    crate::sound::resample::Up::new(2).run(&narrow, &mut speech);
    let packets = coded(&speech);
    let lost = |n: usize| n % 8 == 5 && packets.get(n + 1).is_some_and(|next| holds_the_one_before(next));
    let (mut whole, mut mended) = (Vec::new(), Vec::new());
    let (mut first, mut second) = (Decoder::new().unwrap(), Decoder::new().unwrap());
    for (n, packet) in packets.iter().enumerate() {
        assert!(first.decode(packet, &mut whole));
        assert!(if lost(n) { second.mend(&packets[n + 1], 320, &mut mended) } else { second.decode(packet, &mut mended) });
    }
    assert_eq!((whole.len(), mended.len()), (packets.len() * 320, packets.len() * 320));
    assert!((0..packets.len()).filter(|&n| lost(n)).count() >= 8);
    let pairs = || whole.iter().zip(&mended).enumerate().filter(|(at, _)| lost(at / 320)).map(|(_, (&a, &b))| (f64::from(a), f64::from(b)));
    let (error, signal) = (pairs().map(|(a, b)| (a - b).powi(2)).sum::<f64>(), pairs().map(|(a, _)| a * a).sum::<f64>());
    println!("mended frames: {:.1} dB of signal over error", 10.0 * (signal / error).log10());
    assert!(signal > 8.0 * error);
    // Without it in the packet there is nothing to be mended with.
    assert!(!second.mend(&packets[0], 320, &mut mended) && !second.mend(&[], 320, &mut mended));
}

#[test]
fn a_pause_is_not_decoded() {
    assert!(pauses(&[]) && pauses(&[72]) && pauses(&[72, 0]));
    // Two frames of which one is empty.
    assert!(pauses(&[74, 3, 1, 2, 3]) && !pauses(&packets(300.0, 3)[2]));
    assert!(!Decoder::new().unwrap().decode(&[72], &mut Vec::new()));
}

#[test]
fn hostile_packets_cost_nothing_but_their_frame() {
    let (mut decoder, mut heard, mut dice) = (Decoder::new().unwrap(), Vec::new(), Dice(11));
    let real = packets(300.0, 20);
    for n in 0..3000 {
        heard.clear();
        let mut packet = real[n % 20].clone();
        if n % 3 == 0 {
            packet = (0..(dice.roll() * 300.0) as usize).map(|_| (dice.roll() * 256.0) as u8).collect();
        } else if let Some(byte) = packet.get_mut((dice.roll() * 40.0) as usize) {
            *byte = (dice.roll() * 256.0) as u8;
        }
        decoder.decode(&packet, &mut heard);
        decoder.mend(&packet, 320, &mut heard);
        assert!(heard.len() <= 2 * LONGEST);
    }
}
