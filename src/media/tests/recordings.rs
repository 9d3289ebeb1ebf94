//! Recordings of real calls: who is on which side, and when.

use super::rig::*;
use crate::media::MediaEvent;
use crate::media::recording::{repair, waveform};
use crate::rtp::Law;
use std::time::Duration;

const LOCAL: [u8; 4] = [127, 0, 0, 1];

#[tokio::test]
async fn left_is_the_customer_right_what_they_were_told_over_changing_agents() {
    let plane = plane();
    let mut room = room(&plane);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("2026/11/call.wav");
    let customer = Phone::new(LOCAL, Law::Pcmu, 440.0);
    let (first, second) = (Phone::new(LOCAL, Law::Pcma, 1000.0), Phone::new(LOCAL, Law::Pcmu, 1500.0));
    let ((leg, _), (leg_first, _)) = (customer.join(&mut room), first.join(&mut room));
    room.record(leg, path.clone(), Law::Pcma);
    std::thread::sleep(Duration::from_millis(1000));
    room.bridge(leg, leg_first);
    customer.hears(1000.0);
    let (leg_second, _) = second.join(&mut room);
    room.bridge(leg, leg_second);
    customer.hears(1500.0);
    room.pause_record(true);
    std::thread::sleep(Duration::from_millis(800));
    room.pause_record(false);
    std::thread::sleep(Duration::from_millis(500));
    room.stop_record();
    let done = until(&mut room, |event| matches!(event, MediaEvent::RecordingDone { .. })).await;
    let MediaEvent::RecordingDone { path: told, millis, bytes, .. } = done else { unreachable!("awaited that") };
    assert_eq!((told, bytes), (path.clone(), std::fs::metadata(&path).unwrap().len()));
    assert!(!repair(&path).unwrap().changed);
    let (left, right) = sides(&path, Law::Pcma);
    assert_eq!(left.len() as u64 / 8, millis);
    assert!(is_tone(&left[1600..7200], 440.0), "the customer alone");
    assert!(right[..7200].iter().all(|sample| sample.abs() <= 8), "nobody has said anything yet");
    let heard = |side: &[i16], hertz: f64| side.chunks(800).filter(|part| is_tone(part, hertz)).count();
    assert!(heard(&right, 1000.0) >= 2 && heard(&right, 1500.0) >= 5);
    assert_eq!(heard(&left, 1000.0) + heard(&left, 1500.0) + heard(&right, 440.0), 0);
    let begins = |hertz: f64| right.chunks(800).position(|part| is_tone(part, hertz)).unwrap();
    assert!(begins(1000.0) < begins(1500.0));
    let quiet = left.chunks(800).skip(10).filter(|part| part.iter().all(|sample| sample.abs() <= 8)).count();
    assert!((6..=12).contains(&quiet), "the pause is silence: {quiet} tenths of a second");
    let picture = waveform(&path, 40).unwrap();
    assert!(picture[1].0 > 50 && picture[1].1 == 0, "{picture:?}");
    plane.shutdown();
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_and_the_call_goes_on() {
    let plane = plane();
    let mut room = room(&plane);
    let (a, b) = (Phone::new(LOCAL, Law::Pcmu, 440.0), Phone::new(LOCAL, Law::Pcmu, 1000.0));
    let ((leg_a, _), (leg_b, _)) = (a.join(&mut room), b.join(&mut room));
    room.bridge(leg_a, leg_b);
    room.record(leg_a, "/dev/full".into(), Law::Pcmu);
    let failed = until(&mut room, |event| matches!(event, MediaEvent::RecordingFailed { .. })).await;
    assert!(matches!(&failed, MediaEvent::RecordingFailed { error, .. } if error.contains("No space")), "{failed:?}");
    a.hears(1000.0);
    b.hears(440.0);
    plane.shutdown();
}

#[tokio::test]
async fn what_a_kill_leaves_behind_plays_to_within_a_second() {
    let plane = plane();
    let mut room = room(&plane);
    let folder = tempfile::tempdir().unwrap();
    let (path, left_behind) = (folder.path().join("call.wav"), folder.path().join("killed.wav"));
    let customer = Phone::new(LOCAL, Law::Pcmu, 440.0);
    let (leg, _) = customer.join(&mut room);
    room.record(leg, path.clone(), Law::Pcmu);
    let since = std::time::Instant::now();
    std::thread::sleep(Duration::from_secs(3));
    // As a kill would: the file as it is now, with a piece of a pair at its end and the header behind. The machine may
    // be stalled just then, hence more than one look.
    let mut elapsed = 0;
    wait("a file that lacks less than a second", || {
        elapsed = since.elapsed().as_millis() as u64;
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.push(0);
        std::fs::write(&left_behind, bytes).unwrap();
        let repaired = repair(&left_behind).unwrap();
        assert!(repaired.changed);
        repaired.millis + 1000 >= elapsed
    });
    let (left, _) = sides(&left_behind, Law::Pcmu);
    assert!(is_tone(&left[8000..16_000], 440.0));
    // At shutdown, too, the file is finished.
    plane.shutdown();
    assert!(!repair(&path).unwrap().changed);
    let done = until(&mut room, |event| matches!(event, MediaEvent::RecordingDone { .. })).await;
    assert!(matches!(done, MediaEvent::RecordingDone { millis, .. } if millis + 1000 >= elapsed), "{done:?}");
}
