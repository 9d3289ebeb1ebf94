//! The file while it is written: order, stragglers, silence, and what a kill would leave.

use super::super::wav::repair;
use super::*;
use proptest::prelude::*;
use std::fs;

fn audio(side: Side, at: u64, payload: &[u8]) -> Block<'_> {
    Block { id: 1, at, content: Content::Audio(side, payload) }
}

fn clock(at: u64) -> Block<'static> {
    Block { id: 1, at, content: Content::Clock }
}

fn create(law: Law) -> (tempfile::TempDir, PathBuf, Recording) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("2026/call.wav");
    let recording = Recording::create(path.clone(), law).unwrap();
    (folder, path, recording)
}

/// Left and right of a file on disk.
fn sides(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let pairs = fs::read(path).unwrap().split_off(HEADER);
    (pairs.iter().step_by(2).copied().collect(), pairs.iter().skip(1).step_by(2).copied().collect())
}

#[test]
fn blocks_find_their_places_and_gaps_are_silence() {
    let (_folder, path, mut recording) = create(Law::Pcma);
    for block in [audio(Side::Customer, 320, &[3; 160]), audio(Side::Others, 0, &[7; 160]), audio(Side::Customer, 160, &[2; 160])] {
        recording.block(&block).unwrap();
    }
    assert_eq!(recording.finish(Some(800)).unwrap(), (100, HEADER as u64 + 1600));
    let (left, right) = sides(&path);
    let quiet = Law::Pcma.silence();
    assert_eq!(left, [[quiet; 160], [2; 160], [3; 160], [quiet; 160], [quiet; 160]].concat());
    assert_eq!(right, [vec![7; 160], vec![quiet; 640]].concat());
    assert!(!repair(&path).unwrap().changed);
}

#[test]
fn a_straggler_is_put_where_it_belongs_on_disk() {
    let (_folder, path, mut recording) = create(Law::Pcmu);
    recording.block(&clock(16_000)).unwrap();
    assert_eq!(recording.written, 16_000 - MARGIN);
    recording.block(&audio(Side::Others, 14_300, &[9; 200])).unwrap();
    recording.block(&audio(Side::Customer, 100, &[5; 10])).unwrap();
    recording.finish(None).unwrap();
    let (left, right) = sides(&path);
    assert_eq!(left.iter().position(|byte| *byte == 5), Some(100));
    assert_eq!(left.iter().filter(|byte| **byte == 5).count(), 10);
    assert_eq!((right[14_299], right[14_300], right[14_499], right[14_500]), (0xff, 9, 9, 0xff));
    assert_eq!(right.len(), 16_000);
}

#[test]
fn a_kill_loses_at_most_the_last_moments() {
    let (_folder, path, mut recording) = create(Law::Pcmu);
    for n in 0..500u64 {
        recording.block(&audio(Side::Customer, n * 160, &[n as u8 | 1; 160])).unwrap();
        if n % 5 == 4 {
            recording.block(&clock(n * 160 + 160)).unwrap();
        }
    }
    // 10 s in, the process is gone: whatever was not written is lost.
    let copy = path.with_extension("killed.wav");
    fs::copy(&path, &copy).unwrap();
    let repaired = repair(&copy).unwrap();
    assert!(repaired.millis > 9400, "{repaired:?}");
    let (left, _) = sides(&copy);
    assert!(left.iter().all(|byte| *byte != 0xff || *byte & 1 == 1));
    assert_eq!(left[160 * 100], 101);
}

#[test]
fn what_cannot_be_is_not_kept_and_nothing_is_overwritten() {
    let (_folder, path, mut recording) = create(Law::Pcmu);
    recording.block(&audio(Side::Customer, 1 << 40, &[1; 160])).unwrap();
    assert_eq!(recording.window.len(), 0);
    recording.finish(None).unwrap();
    let again = Recording::create(path, Law::Pcmu).map(|_| ()).unwrap_err();
    assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    assert!(Recording::create(PathBuf::from("/dev/full"), Law::Pcmu).is_err());
}

proptest! {
    /// Any order of blocks around the clock gives the same file as writing them into one array.
    #[test]
    fn the_file_is_what_the_blocks_say(blocks in proptest::collection::vec((0u64..40_000, any::<bool>(), 1u8..255, 1usize..300), 1..60)) {
        let (_folder, path, mut recording) = create(Law::Pcmu);
        let mut model = [vec![0xff; 60_000], vec![0xff; 60_000]];
        let mut now = 0;
        for (at, left, byte, length) in blocks {
            let side = if left { Side::Customer } else { Side::Others };
            now = now.max(at.saturating_sub(8000));
            recording.block(&clock(now)).unwrap();
            let payload = vec![byte; length];
            recording.block(&audio(side, at, &payload)).unwrap();
            if at + length as u64 <= now.max(recording.written) + AHEAD {
                model[side as usize][at as usize..at as usize + length].fill(byte);
            }
        }
        recording.finish(Some(60_000)).unwrap();
        let (left, right) = sides(&path);
        prop_assert_eq!(&left, &model[0]);
        prop_assert_eq!(&right, &model[1]);
    }
}
