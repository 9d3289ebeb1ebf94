use super::*;
use crate::sound::tests::{share, sine};

#[test]
fn a_tone_goes_on_then_fades_to_nothing() {
    for scale in [1, 2] {
        let rate = 8000.0 * scale as f64;
        let tone = sine(170.0, 8000.0, 8000, rate);
        let mut concealer = Concealer::new(scale);
        for frame in tone[..3200].chunks(160 * scale) {
            concealer.good(&mut frame.to_vec());
        }
        let mut filled = vec![0; 160 * scale];
        concealer.lost(&mut filled);
        let joined = [&tone[3200 - 320 * scale..3200], &filled].concat();
        assert!(share(&joined, 170.0, rate) > 0.95, "{}", share(&joined, 170.0, rate));
        let mut later = vec![0; 480 * scale];
        concealer.lost(&mut later);
        assert!(concealer.faded() && later[400 * scale..].iter().all(|&s| s == 0));
    }
}

#[test]
fn what_comes_after_a_gap_is_joined_without_a_click() {
    let tone = sine(170.0, 8000.0, 8000, 8000.0);
    let mut concealer = Concealer::new(1);
    let mut out = Vec::new();
    for (n, frame) in tone.chunks(160).enumerate() {
        let mut frame = frame.to_vec();
        if n % 7 == 6 {
            concealer.lost(&mut frame)
        } else {
            concealer.good(&mut frame)
        }
        out.extend(frame);
    }
    let own = tone.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
    let step = out.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
    assert!(step < own.map(|own| own * 2), "{step:?} beside {own:?}");
}
