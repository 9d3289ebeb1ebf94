//! A line that loses, delays and reorders, and an ear behind it.

use super::{Improve, Inlet};
use crate::rtp::{Codec, FRAME, Header, Law};

pub fn sine(hertz: f64, amplitude: f64, samples: usize, rate: f64) -> Vec<i16> {
    (0..samples).map(|n| (amplitude * (std::f64::consts::TAU * hertz * n as f64 / rate).sin()) as i16).collect()
}

/// Share of the power that lies at a frequency (Goertzel); 1.0 for that sine alone.
pub fn share(samples: &[i16], hertz: f64, rate: f64) -> f64 {
    let factor = 2.0 * (std::f64::consts::TAU * hertz / rate).cos();
    let (mut a, mut b, mut total) = (0.0, 0.0, 0.0);
    for &sample in samples {
        let sample = f64::from(sample);
        (a, b) = (sample + factor * a - b, a);
        total += sample * sample;
    }
    let power = a * a + b * b - factor * a * b;
    if total == 0.0 { 0.0 } else { 2.0 * power / (total * samples.len() as f64) }
}

fn inlet() -> Inlet {
    Inlet::new(Codec::Law(Law::Pcmu), Improve::default())
}

/// Numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    /// From 0.0 to 1.0.
    pub fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What the line does to packet `n`: its delay in ms, or `None` if it is lost.
type Fate<'a> = &'a mut dyn FnMut(usize) -> Option<f64>;

/// A tone of 200 Hz sent for so many packets over a line; `skew` is the sender's clock against ours. Gives what is heard
/// in frames, and the inlet as it is in the end.
fn listen(packets: usize, skew: f64, fate: Fate<'_>) -> (Vec<[i16; FRAME]>, Inlet) {
    let tone = sine(200.0, 8000.0, packets * FRAME, 8000.0);
    let mut arrivals: Vec<(f64, usize)> = (0..packets).filter_map(|n| Some((n as f64 * 20.0 * skew + fate(n)?, n))).collect();
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut inlet, mut heard, mut next) = (inlet(), Vec::new(), 0);
    for tick in 0..packets + 20 {
        let now = tick as f64 * 20.0 + 7.0;
        while let Some((_, n)) = arrivals.get(next).filter(|(at, _)| *at <= now) {
            let payload: Vec<u8> = tone[n * FRAME..(n + 1) * FRAME].iter().map(|&s| Law::Pcmu.encode(s)).collect();
            // Both numbers wrap on the way.
            let (seq, timestamp) = ((65_500 + n) as u16, (u32::MAX - 9_000).wrapping_add((n * FRAME) as u32));
            inlet.audio((arrivals[next].0 * 8.0) as i64, &header(seq, timestamp, 7), Law::Pcmu.into(), &payload);
            next += 1;
        }
        inlet.pull((now * 8.0) as i64);
        heard.push(*inlet.narrow());
    }
    (heard, inlet)
}

/// The share of tenths of a second in which the tone is heard, from the second second on.
fn clear(heard: &[[i16; FRAME]], above: f64) -> f64 {
    let parts: Vec<Vec<i16>> = heard[50..heard.len() - 25].chunks(5).map(<[_]>::concat).collect();
    parts.iter().filter(|part| share(part, 200.0, 8000.0) > above).count() as f64 / parts.len() as f64
}

#[test]
fn a_perfect_line_is_passed_unchanged_with_little_delay() {
    let (heard, inlet) = listen(500, 1.0, &mut |_| Some(30.0));
    assert_eq!(clear(&heard, 0.995), 1.0);
    assert!(inlet.jitter().target_ms() <= 15.0, "{}", inlet.jitter().target_ms());
    assert_eq!((inlet.jitter().late, inlet.jitter().concealed), (0, 5), "what is filled in is the end of the stream");
    let begins = heard.iter().position(|frame| frame.iter().any(|s| s.abs() > 4000)).unwrap();
    assert!(begins <= 5, "the first sound after {begins} frames");
}

#[test]
fn jitter_is_smoothed_by_as_much_delay_as_it_needs() {
    let mut dice = Dice(1);
    let (heard, inlet) = listen(1500, 1.0, &mut |_| Some(30.0 + 60.0 * dice.roll()));
    assert!(clear(&heard[500..], 0.98) > 0.97, "{}", clear(&heard[500..], 0.98));
    assert!((40.0..90.0).contains(&inlet.jitter().target_ms()), "{}", inlet.jitter().target_ms());
    // When the line becomes even again the delay goes away.
    let mut dice = Dice(2);
    let (heard, inlet) = listen(3000, 1.0, &mut |n| Some(30.0 + if n < 1500 { 60.0 * dice.roll() } else { 0.0 }));
    assert!(inlet.jitter().target_ms() < 20.0);
    assert!(clear(&heard[1900..], 0.98) > 0.99);
}

#[test]
fn lost_packets_are_filled_in_so_that_they_are_hardly_heard() {
    let mut dice = Dice(3);
    let (heard, inlet) = listen(1500, 1.0, &mut |_| (dice.roll() > 0.05).then_some(30.0));
    assert!(clear(&heard, 0.9) > 0.97, "{}", clear(&heard, 0.9));
    assert!((50..110).contains(&inlet.jitter().concealed), "{}", inlet.jitter().concealed);
    // Three in a row, twice a second.
    let (heard, _) = listen(1500, 1.0, &mut |n| (n % 25 >= 3).then_some(30.0));
    let loud = heard[50..1400].iter().filter(|frame| frame.iter().any(|s| s.abs() > 2500)).count();
    assert!(loud > 1300, "{loud} of 1350");
}

#[test]
fn packets_that_overtake_each_other_are_put_in_order() {
    let (heard, inlet) = listen(1500, 1.0, &mut |n| Some(if n % 10 == 3 { 75.0 } else { 30.0 }));
    assert!(clear(&heard[300..], 0.98) > 0.98, "{}", clear(&heard[300..], 0.98));
    assert!(inlet.jitter().late < 40, "{}", inlet.jitter().late);
}

#[test]
fn a_senders_clock_may_run_fast_or_slow() {
    // 300 ppm is more than any sound card is off.
    for skew in [1.0003, 0.9997] {
        let mut dice = Dice(4);
        let (heard, inlet) = listen(15_000, skew, &mut |_| Some(30.0 + 5.0 * dice.roll()));
        assert!(clear(&heard, 0.97) > 0.995, "{skew}: {}", clear(&heard, 0.97));
        assert!(inlet.jitter().target_ms() < 30.0);
        assert!(inlet.jitter().late < 30 && inlet.jitter().concealed < 60, "{} {}", inlet.jitter().late, inlet.jitter().concealed);
    }
}

#[test]
fn a_break_of_the_line_costs_its_own_length_and_no_delay_after_it() {
    // For two seconds nothing, then all of it at once; then for one second nothing at all.
    let mut fate = |n: usize| match n {
        300..400 => Some(30.0 + (400 - n) as f64 * 20.0),
        700..750 => None,
        _ => Some(30.0),
    };
    let (heard, inlet) = listen(1500, 1.0, &mut fate);
    assert!(clear(&heard[550..700], 0.98) > 0.95);
    assert!(clear(&heard[760..], 0.98) > 0.95);
    assert!(inlet.jitter().target_ms() < 20.0);
    let silent = heard[312..395].iter().filter(|frame| frame.iter().all(|s| s.abs() < 100)).count();
    assert!(silent > 70, "the break is no buzz: {silent}");
}

fn header(seq: u16, timestamp: u32, ssrc: u32) -> Header {
    Header { marker: false, payload_type: 0, seq, timestamp, ssrc, start: 12, end: 172 }
}

#[test]
fn another_source_and_a_clock_that_jumps_are_taken_as_they_come() {
    let tone: Vec<u8> = sine(200.0, 8000.0, FRAME, 8000.0).iter().map(|&s| Law::Pcma.encode(s)).collect();
    let (mut inlet, mut loud) = (inlet(), 0);
    let mut numbers = (10u16, 1000u32, 1u32);
    for tick in 0..400i64 {
        match tick {
            // Another SSRC with other numbers; a sequence number that jumps; a timestamp that jumps; one that stands
            // still for a second while nothing is sent.
            100 => numbers = (40_000, 77, 2),
            200 => numbers.0 = numbers.0.wrapping_add(20_000),
            250 => numbers.1 = numbers.1.wrapping_sub(1_000_000),
            _ => {}
        }
        if !(300..350).contains(&tick) {
            let (seq, timestamp, ssrc) = numbers;
            inlet.audio(tick * 160, &header(seq, timestamp, ssrc), Law::Pcma.into(), &tone);
            numbers = (seq.wrapping_add(1), timestamp.wrapping_add(160), ssrc);
        }
        inlet.pull(tick * 160 + 50);
        loud += usize::from(inlet.narrow().iter().any(|s| s.abs() > 4000));
    }
    assert!((330..=356).contains(&loud), "{loud} of 350 frames");
}

#[test]
fn a_sender_that_pauses_is_heard_as_the_noise_it_asked_for() {
    let tone: Vec<u8> = sine(200.0, 8000.0, FRAME, 8000.0).iter().map(|&s| Law::Pcma.encode(s)).collect();
    let mut inlet = inlet();
    let (mut seq, mut heard) = (0u16, Vec::new());
    for tick in 0..300i64 {
        // Speech for a second, noise at -45 dB for two, said once and again after a second; then speech.
        let timestamp = tick as u32 * 160;
        if !(50..150).contains(&tick) {
            inlet.audio(tick * 160, &header(seq, timestamp, 1), Law::Pcma.into(), &tone);
            seq += 1;
        } else if tick == 50 || tick == 100 {
            inlet.comfort(tick * 160, &header(seq, timestamp, 1), &[45, 20]);
            seq += 1;
        }
        inlet.pull(tick * 160 + 50);
        heard.push((tick, *inlet.narrow(), inlet.is_sounding()));
    }
    let rms = |frame: &[i16; FRAME]| (frame.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / FRAME as f64).sqrt();
    let expected = 32_767.0 * 10f64.powf(-45.0 / 20.0);
    for (tick, frame, sounding) in &heard {
        let loudness = rms(frame);
        match tick {
            10..49 | 160..300 => assert!(loudness > 4000.0, "{tick}: {loudness}"),
            55..149 => assert!((0.5..2.0).contains(&(loudness / expected)) && *sounding, "{tick}: {loudness}"),
            _ => {}
        }
    }
}

#[test]
fn what_is_pushed_and_never_pulled_does_not_grow() {
    let mut inlet = inlet();
    for n in 0..100_000u32 {
        inlet.audio(i64::from(n) * 160, &header(n as u16, n * 160, 1), Law::Pcmu.into(), &[0x55; FRAME]);
    }
    inlet.pull(100_000 * 160);
    // Hostile: numbers at random, of any length.
    let mut dice = Dice(9);
    for n in 0..20_000i64 {
        let number = |dice: &mut Dice, most: f64| (dice.roll() * most) as u32;
        let length = number(&mut dice, 1400.0) as usize;
        let head = header(number(&mut dice, 65_536.0) as u16, number(&mut dice, 4e9), number(&mut dice, 3.0));
        if dice.roll() < 0.1 {
            inlet.comfort(n * 80, &head, &vec![1; length % 3]);
        } else {
            inlet.audio(n * 80, &head, Law::Pcmu.into(), &vec![1; length]);
        }
        if n % 2 == 0 {
            inlet.pull(n * 80);
        }
    }
}
