use super::*;
use crate::sound::tests::{Dice, sine};

/// Signal to noise of what comes back, delayed by the two filters, in dB.
fn quality(signal: &[i16], heard: &[i16]) -> f64 {
    let best = (0..60).map(|delay| {
        let pairs = || signal.iter().zip(&heard[delay..]).skip(1000);
        let power: f64 = pairs().map(|(&a, _)| f64::from(a) * f64::from(a)).sum();
        let noise: f64 = pairs().map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
        10.0 * (power / noise.max(1.0)).log10()
    });
    best.fold(f64::MIN, f64::max)
}

#[test]
fn wideband_tones_come_back() {
    for hertz in [300.0, 1000.0, 3000.0, 5500.0] {
        let signal = sine(hertz, 8000.0, 16_000, 16_000.0);
        let (mut coded, mut heard) = (vec![0; 8000], Vec::new());
        assert_eq!(Encoder::new().encode(&signal, &mut coded), 8000);
        Decoder::new().decode(&coded, &mut heard);
        let quality = quality(&signal, &heard);
        assert!(quality > if hertz < 4000.0 { 30.0 } else { 12.0 }, "{hertz} Hz: {quality} dB");
    }
}

#[test]
fn any_bytes_can_be_decoded() {
    let mut dice = Dice(5);
    let bytes: Vec<u8> = (0..100_000).map(|_| (dice.roll() * 256.0) as u8).collect();
    let mut out = Vec::new();
    Decoder::new().decode(&bytes, &mut out);
    assert_eq!(out.len(), 200_000);
    let loud: Vec<i16> = (0..20_000).map(|n| if n % 7 < 3 { i16::MIN } else { i16::MAX }).collect();
    let mut coded = vec![0; 10_000];
    Encoder::new().encode(&loud, &mut coded);
    Decoder::new().decode(&coded, &mut out);
}
