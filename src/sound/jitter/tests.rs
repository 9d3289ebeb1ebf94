use super::*;

fn push(jitter: &mut Jitter, now: i64, seq: u16, timestamp: u32, payload: &[u8]) {
    jitter.push(now, &Arrival { ssrc: 1, seq, timestamp, scale: 1, units: 160, rest: false, payload });
}

#[test]
fn a_gap_shows_what_lies_behind_it_for_error_correction() {
    let mut jitter = Jitter::default();
    let mut heard = Vec::new();
    for n in 0..6u16 {
        let now = i64::from(n) * 160;
        if n != 2 {
            push(&mut jitter, now, 5 + n, 800 + u32::from(n) * 160, &[5 + n as u8]);
        }
        heard.push(match jitter.pull(now + 80, 0) {
            Pull::Packet { payload, .. } => i64::from(payload[0]),
            Pull::Lost { units: 160, next: Some(&[8]) } => -1,
            Pull::Idle => 0,
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(heard, [0, 5, 6, -1, 8, 9]);
}

#[test]
fn duplicates_and_stragglers_are_heard_once_or_never() {
    let mut jitter = Jitter::default();
    for n in 0..3u16 {
        push(&mut jitter, i64::from(n) * 160, n, u32::from(n) * 160, &[n as u8]);
        push(&mut jitter, i64::from(n) * 160, n, u32::from(n) * 160, &[99]);
    }
    for n in 0..3u8 {
        assert_eq!(jitter.pull(320 + i64::from(n) * 160, 0), Pull::Packet { payload: &[n], rest: false });
    }
    push(&mut jitter, 900, 1, 160, &[1]);
    assert_eq!(jitter.late, 1);
    assert_eq!(jitter.pull(900, 0), Pull::Late);
}

#[test]
fn opus_counts_six_times_as_fast() {
    let mut jitter = Jitter::default();
    for n in 0..100u32 {
        let (now, timestamp) = (i64::from(n) * 160, u32::MAX - 40_000);
        let timestamp = timestamp.wrapping_add(n * 960);
        jitter.push(now, &Arrival { ssrc: 1, seq: n as u16, timestamp, scale: 6, units: 160, rest: false, payload: &[n as u8] });
        if n >= 3 {
            assert!(matches!(jitter.pull(now + 10, 0), Pull::Packet { .. }), "{n}");
            assert!(jitter.pace(now + 10, 0) != Pace::Slower);
        }
    }
    assert!(jitter.target_ms() <= 15.0);
}
