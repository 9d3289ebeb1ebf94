//! Films from packets, whole and cut off.

use super::frame::Piece;
use super::*;
use crate::fuzz_tests::{Rounds, fuzz};

/// A whole picture of 64 × 48, as far as anybody looks, and one that is painted upon it.
const KEY: [u8; 12] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0, 1, 2];
const DELTA: [u8; 4] = [0x11, 0, 0, 9];

/// Packets of one frame with picture numbers, in pieces of six bytes.
fn packets(seq: u16, frame: &[u8]) -> Vec<Piece> {
    let pieces: Vec<_> = frame.chunks(6).collect();
    let piece = |(n, data): (usize, &&[u8])| {
        let descriptor = [if n == 0 { 0x90 } else { 0x80 }, 0x80, 0x81, 0x23];
        Piece { seq: seq.wrapping_add(n as u16), marker: n + 1 == pieces.len(), payload: [&descriptor, *data].concat() }
    };
    pieces.iter().enumerate().map(piece).collect()
}

struct Shown {
    at: u64,
    key: bool,
    data: Vec<u8>,
}

/// What a player finds: the frames of all clusters.
fn frames(path: &Path) -> Vec<Shown> {
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut out) = (&bytes[webm::head(1, 1).len()..], Vec::new());
    while rest.starts_with(&[0x1f, 0x43, 0xb6, 0x75]) {
        let size = u64::from_be_bytes(rest[4..12].try_into().unwrap()) & !(1 << 56);
        let (cluster, after) = rest[12..].split_at(size as usize);
        let begins = u64::from_be_bytes(cluster[2..10].try_into().unwrap());
        let mut blocks = &cluster[10..];
        while let Some(head) = blocks.first_chunk::<9>() {
            let size = u32::from_be_bytes(head[1..5].try_into().unwrap()) & 0x0fff_ffff;
            let (block, next) = blocks.split_at(5 + size as usize);
            out.push(Shown {
                at: begins + u64::from(u16::from_be_bytes([head[6], head[7]])),
                key: head[8] == 0x80,
                data: block[9..].to_vec(),
            });
            blocks = next;
        }
        rest = after;
    }
    out
}

fn film(folder: &tempfile::TempDir) -> (Film, PathBuf) {
    let path = beside(&folder.path().join("call-1.wav"), "customer");
    assert!(path.ends_with("call-1.customer.webm"));
    (Film::new(path.clone()), path)
}

fn show(film: &mut Film, millis: u64, pieces: impl IntoIterator<Item = Piece>) {
    for piece in pieces {
        film.packet(millis * 8, 7, piece).unwrap();
    }
    film.clock(millis * 8).unwrap();
}

#[test]
fn packets_become_frames_on_the_clock_of_the_sound() {
    let folder = tempfile::tempdir().unwrap();
    let (mut film, path) = film(&folder);
    show(&mut film, 5_000, packets(65_534, &KEY));
    // Out of order, twice, and over the end of the numbers.
    let [one, two] = [packets(0, &DELTA), packets(1, &DELTA)].map(|mut pieces| pieces.remove(0));
    show(&mut film, 5_100, [two.clone(), two, one.clone(), one]);
    assert!(film.finish().unwrap() > 0);
    let frames = frames(&path);
    let told: Vec<_> = frames.iter().map(|frame| (frame.at, frame.key, frame.data.len())).collect();
    assert_eq!(told, [(0, true, BLACK.len()), (5_000, true, 12), (5_100, false, 4), (5_101, false, 4)]);
    assert_eq!(frames[1].data, KEY);
}

#[test]
fn nothing_is_painted_upon_what_is_missing_and_gaps_are_black() {
    let folder = tempfile::tempdir().unwrap();
    let (mut film, path) = film(&folder);
    // A film begins with a whole picture.
    show(&mut film, 10, packets(1, &DELTA));
    assert!(!path.exists());
    show(&mut film, 20, packets(2, &KEY));
    // Packet 4 never comes; in time it is given up, and up to the next whole picture nothing is shown.
    show(&mut film, 30, (5..310).flat_map(|seq| packets(seq, &DELTA)));
    show(&mut film, 40, packets(310, &KEY));
    // Nothing for long: black; what comes then must be whole again.
    show(&mut film, 4_000, []);
    show(&mut film, 4_010, packets(312, &DELTA));
    show(&mut film, 4_020, packets(313, &KEY));
    // One packet is missing for longer than it takes to send it again.
    show(&mut film, 4_021, packets(316, &KEY));
    show(&mut film, 5_030, packets(318, &DELTA));
    // Another source begins anew.
    film.packet(5_040 * 8, 8, packets(9, &DELTA).remove(0)).unwrap();
    film.finish().unwrap();
    let told: Vec<_> = frames(&path).iter().map(|frame| (frame.at, frame.data.len())).collect();
    assert_eq!(told, [(0, BLACK.len()), (20, 12), (40, 12), (4_000, BLACK.len()), (4_020, 12), (5_030, 12), (5_031, 4)]);
}

#[test]
fn a_film_that_was_cut_off_lacks_its_last_second_and_gets_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let (mut film, path) = film(&folder);
    for second in 0..10u16 {
        show(&mut film, 100 + 1_000 * u64::from(second), packets(2 * second, &KEY));
    }
    // The process is killed here, in the middle of a write.
    let whole = frames(&path).len();
    assert!(whole >= 10, "{whole}");
    drop(film);
    let mut bytes = std::fs::read(&path).unwrap();
    let cut = bytes.len();
    bytes.extend([0x1f, 0x43, 0xb6, 0x75, 1, 0, 0, 0, 0, 0, 1, 0, 0xe7]);
    std::fs::write(&path, &bytes).unwrap();
    let length = index(&path).unwrap();
    assert_eq!(frames(&path).len(), whole);
    let indexed = std::fs::read(&path).unwrap();
    assert_eq!(indexed.len() as u64, length);
    // Each cue names the place of a cluster, and the head the place of the index and the length.
    let segment = indexed.windows(4).position(|id| id == [0x18, 0x53, 0x80, 0x67]).unwrap() + 12;
    let cues = &indexed[cut..];
    assert!(cues.starts_with(&[0x1c, 0x53, 0xbb, 0x6b]));
    let places: Vec<usize> = cues
        .windows(10)
        .filter(|window| window[..2] == [0xf1, 0x88])
        .map(|window| u64::from_be_bytes(window[2..].try_into().unwrap()) as usize)
        .collect();
    assert_eq!(places.len(), whole);
    assert!(places.iter().all(|place| indexed[segment + place..].starts_with(&[0x1f, 0x43, 0xb6, 0x75])));
    let named = indexed.windows(3).position(|id| id == [0x53, 0xac, 0x88]).unwrap() + 3;
    assert_eq!(u64::from_be_bytes(indexed[named..named + 8].try_into().unwrap()) as usize, cut - segment);
    // Once more changes nothing; and what is no film of ours is left alone.
    index(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), indexed);
    let other = folder.path().join("other.webm");
    std::fs::write(&other, vec![0x1a; 400]).unwrap();
    assert!(index(&other).is_err());
}

#[test]
fn nobody_fills_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (mut film, path) = film(&folder);
    // Whole pictures of a hundred kilobytes, a hundred a second.
    let mut seq = 0u16;
    for n in 0..500u64 {
        let mut first = true;
        for _ in 0..100 {
            let mut payload = vec![if first { 0x10 } else { 0 }];
            payload.extend(if first { KEY.to_vec() } else { vec![7; 1_000] });
            let marker = seq % 100 == 99;
            film.packet(n * 80, 7, Piece { seq, marker, payload }).unwrap();
            (seq, first) = (seq.wrapping_add(1), false);
            if marker {
                break;
            }
        }
        film.clock(n * 80).unwrap();
    }
    film.finish().unwrap();
    let bytes = path.metadata().unwrap().len();
    assert!((5_000_000..15_500_000).contains(&bytes), "{bytes}");
}

#[test]
fn rubbish_makes_no_film() {
    let folder = tempfile::tempdir().unwrap();
    let (mut film, path) = film(&folder);
    let mut seed = 7u32;
    for n in 0..20_000u16 {
        let bytes: Vec<u8> = (0..n % 9)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let piece = Piece { seq: seed as u16, marker: seed & 8 == 0, payload: bytes };
        film.packet(u64::from(n), u32::from(n) / 500, piece).unwrap();
    }
    film.finish().unwrap();
    assert!(!path.exists(), "no whole picture was among it");
}

/// Whatever a page sends for a picture makes a film that can be read to its end, and whatever a dying house leaves of one is read or refused.
#[test]
fn fuzz_films() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.customer.webm");
    let mut seeds: Vec<Vec<u8>> = packets(0, &KEY).into_iter().chain(packets(2, &DELTA)).map(|piece| piece.payload).collect();
    seeds.push([&[0x10], &KEY[..]].concat());
    let (mut film, mut seq, mut at, mut file) = (Film::new(path.clone()), 0u16, 0, Vec::new());
    fuzz(Rounds::new("films", 30_000, 7741), &seeds, |input, random| {
        seq = if random.below(20) == 0 { random.below(0x1_0000) as u16 } else { seq.wrapping_add(random.below(3) as u16) };
        at += random.below(2_000);
        let source = 7 + u32::from(random.below(200) == 0);
        film.packet(at, source, Piece { seq, marker: random.below(2) == 0, payload: input.to_vec() }).unwrap();
        film.clock(at).unwrap();
        if random.below(300) > 0 {
            return;
        }
        std::mem::replace(&mut film, Film::new(path.clone())).finish().unwrap();
        (seq, at) = (0, 0);
        if path.exists() {
            assert!(frames(&path).windows(2).all(|pair| pair[0].at < pair[1].at), "each has a moment of its own");
            file = std::fs::read(&path).unwrap();
        }
        // Cut off somewhere, with some bytes turned round.
        file.truncate(random.index(file.len() + 1));
        for _ in 0..random.below(4) {
            let place = random.index(file.len());
            if let Some(byte) = file.get_mut(place) {
                *byte ^= 1 << random.below(8);
            }
        }
        std::fs::write(&path, &file).unwrap();
        if let Ok(bytes) = index(&path) {
            assert_eq!((index(&path).unwrap(), path.metadata().unwrap().len()), (bytes, bytes), "repaired once, it is whole");
        }
        std::fs::remove_file(&path).unwrap();
    });
}
