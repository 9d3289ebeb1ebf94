//! Files as a killed process leaves them, and pictures of whole ones.

use super::*;
use std::fs;

fn recording(law: Law, pairs: &[[u8; 2]], told: u64) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.wav");
    let mut bytes = header(law, told).to_vec();
    bytes.extend(pairs.concat());
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_truncated_recording_is_made_whole_and_then_left_alone() {
    let (_folder, path) = recording(Law::Pcma, &[[1, 2]; 8000], 4000);
    let cut = fs::metadata(&path).unwrap().len() - 1;
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(cut).unwrap();
    let bytes = HEADER as u64 + 7999 * 2;
    assert_eq!(repair(&path).unwrap(), Repaired { millis: 999, bytes, changed: true });
    let content = fs::read(&path).unwrap();
    assert_eq!(content[..HEADER], header(Law::Pcma, 7999));
    assert_eq!(content.len() as u64, bytes);
    assert_eq!(repair(&path).unwrap(), Repaired { millis: 999, bytes, changed: false });
}

#[test]
fn foreign_files_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.wav");
    let mut music = header(Law::Pcmu, 5).to_vec();
    music[24] = 1;
    for content in [b"RIFF".to_vec(), music, vec![0; 100]] {
        fs::write(&path, &content).unwrap();
        assert!(matches!(repair(&path), Err(WavError::Foreign(_))));
        assert!(matches!(waveform(&path, 10), Err(WavError::Foreign(_))));
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    assert!(matches!(repair(&folder.path().join("none")), Err(WavError::Io(_))));
}

#[test]
fn the_picture_shows_who_spoke_when() {
    let (quiet, loud) = (Law::Pcmu.silence(), Law::Pcmu.encode(30_000));
    let pairs: Vec<[u8; 2]> = (0..1000).map(|n| if n < 500 { [loud, quiet] } else { [quiet, loud] }).collect();
    let (_folder, path) = recording(Law::Pcmu, &pairs, 1000);
    let picture = waveform(&path, 4).unwrap();
    assert!(picture[..2].iter().all(|(left, right)| *left > 200 && *right == 0), "{picture:?}");
    assert!(picture[2..].iter().all(|(left, right)| *left == 0 && *right > 200), "{picture:?}");
    assert_eq!(waveform(&path, 0).unwrap(), []);
    let (_folder, empty) = recording(Law::Pcma, &[], 0);
    assert_eq!(waveform(&empty, 2).unwrap(), [(0, 0); 2]);
}
