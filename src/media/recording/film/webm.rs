//! WebM as we write it (RFC 8794, RFC 9559): a head of one length, clusters of whole seconds, and at the end an index by which players jump. A file
//! that was cut off is read like any other and gets its index.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

const SEGMENT: [u8; 4] = [0x18, 0x53, 0x80, 0x67];
const CLUSTER: [u8; 4] = [0x1f, 0x43, 0xb6, 0x75];
const CUES: [u8; 4] = [0x1c, 0x53, 0xbb, 0x6b];
/// A cluster's name, its length in eight bytes, and its time.
const CLUSTER_HEAD: usize = 4 + 8 + TIME;
/// `E7`, one byte of length, eight of value.
const TIME: usize = 1 + 1 + 8;
/// `A3`, four bytes of length, the track, two bytes of time, the flags.
const BLOCK_HEAD: usize = 1 + 4 + 4;
/// Longer clusters are none of ours.
const LONGEST: u64 = 16 * 1024 * 1024;

/// An element with a length of one byte.
fn short(id: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.push(0x80 | content.len() as u8);
    out.extend_from_slice(content);
    out
}

/// A length in eight bytes (RFC 8794 §4).
fn long(length: u64) -> [u8; 8] {
    (length | 1 << 56).to_be_bytes()
}

fn ebml() -> Vec<u8> {
    let of = [
        short(&[0x42, 0x86], &[1]),
        short(&[0x42, 0xf7], &[1]),
        short(&[0x42, 0xf2], &[4]),
        short(&[0x42, 0xf3], &[8]),
        short(&[0x42, 0x82], b"webm"),
        short(&[0x42, 0x87], &[4]),
        short(&[0x42, 0x85], &[2]),
    ];
    short(&[0x1a, 0x45, 0xdf, 0xa3], &of.concat())
}

/// Tells where the index is; as long as the gap that is left for it.
fn seek_head(cues: u64) -> Vec<u8> {
    let entry = [short(&[0x53, 0xab], &CUES), short(&[0x53, 0xac], &cues.to_be_bytes())].concat();
    short(&[0x11, 0x4d, 0x9b, 0x74], &short(&[0x4d, 0xbb], &entry))
}

/// `millis`: the length; unknown while the file grows.
fn info(millis: u64) -> Vec<u8> {
    let of = [
        short(&[0x2a, 0xd7, 0xb1], &1_000_000u32.to_be_bytes()),
        short(&[0x44, 0x89], &(millis as f64).to_be_bytes()),
        short(&[0x4d, 0x80], b"Hubline"),
        short(&[0x57, 0x41], b"Hubline"),
    ];
    short(&[0x15, 0x49, 0xa9, 0x66], &of.concat())
}

/// What a file begins with; always of the same length.
pub(super) fn head(width: u16, height: u16) -> Vec<u8> {
    let gap = seek_head(0).len();
    let mut void = vec![0xec, 0x80 | (gap - 2) as u8];
    void.resize(gap, 0);
    let video = [short(&[0xb0], &width.to_be_bytes()), short(&[0xba], &height.to_be_bytes())].concat();
    let track = [
        short(&[0xd7], &[1]),
        short(&[0x73, 0xc5], &[1]),
        short(&[0x9c], &[0]),
        short(&[0x83], &[1]),
        short(&[0x86], b"V_VP8"),
        short(&[0xe0], &video),
    ];
    let tracks = short(&[0x16, 0x54, 0xae, 0x6b], &short(&[0xae], &track.concat()));
    // A length of ones alone is unknown (RFC 8794 §6.2).
    [&ebml()[..], &SEGMENT, &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &void, &info(0), &tracks].concat()
}

/// Frames that are written at once.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    begins: u64,
    blocks: Vec<u8>,
}

impl Cluster {
    /// Its first frame's time, ms.
    pub fn begins(&self) -> u64 {
        self.begins
    }

    /// A frame of this time belongs to the next.
    pub fn is_full(&self, at: u64, longest: u64, most: usize) -> bool {
        !self.blocks.is_empty() && (at >= self.begins + longest || self.blocks.len() > most)
    }

    pub fn add(&mut self, at: u64, key: bool, data: &[u8]) {
        if self.blocks.is_empty() {
            self.begins = at;
        }
        let after = at.saturating_sub(self.begins) as i16;
        self.blocks.push(0xa3);
        self.blocks.extend((0x1000_0000 | (4 + data.len() as u32)).to_be_bytes());
        self.blocks.push(0x81);
        self.blocks.extend(after.to_be_bytes());
        self.blocks.push(if key { 0x80 } else { 0 });
        self.blocks.extend_from_slice(data);
    }

    /// The cluster as it is written; `None` when nothing has come.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.blocks.is_empty() {
            return None;
        }
        let blocks = std::mem::take(&mut self.blocks);
        let mut out = CLUSTER.to_vec();
        out.extend(long((TIME + blocks.len()) as u64));
        out.extend([0xe7, 0x88]);
        out.extend(self.begins.to_be_bytes());
        out.extend(blocks);
        Some(out)
    }
}

/// Reads a file of ours from its beginning, cuts off what was not written whole, and gives it its length and an index. Idempotent. Gives its length
/// in bytes.
pub fn index(path: &Path) -> io::Result<u64> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let foreign = || io::Error::new(io::ErrorKind::InvalidData, "it is none of our films");
    let length = file.metadata()?.len();
    let first = head(1, 1).len() as u64;
    let mut begin = vec![0; ebml().len()];
    file.read_exact(&mut begin)?;
    if begin != ebml() || length < first {
        return Err(foreign());
    }
    let segment = (ebml().len() + 4 + 8) as u64;
    let (mut at, mut last, mut cues) = (first, 0, Vec::new());
    while let Some((size, begins, ends, key)) = cluster(&mut file, at, length)? {
        if key {
            let place = [short(&[0xf7], &[1]), short(&[0xf1], &(at - segment).to_be_bytes())].concat();
            cues.extend(short(&[0xbb], &[short(&[0xb3], &begins.to_be_bytes()), short(&[0xb7], &place)].concat()));
        }
        last = ends;
        at += size;
    }
    // What is behind the last whole cluster is a part of one, or the index of before.
    file.set_len(at)?;
    let index = [&CUES[..], &long(cues.len() as u64), &cues].concat();
    file.write_all_at(&index, at)?;
    let end = at + index.len() as u64;
    let gap = seek_head(at - segment);
    file.write_all_at(&gap, segment)?;
    file.write_all_at(&info(last + 1), segment + gap.len() as u64)?;
    file.write_all_at(&long(end - segment), segment - 8)?;
    file.sync_data()?;
    Ok(end)
}

/// The cluster here: its length with its head, the times of its first and its last frame, whether a whole picture begins it. `None` where there is
/// no whole cluster.
fn cluster(file: &mut File, at: u64, length: u64) -> io::Result<Option<(u64, u64, u64, bool)>> {
    if length.saturating_sub(at) < (CLUSTER_HEAD + BLOCK_HEAD) as u64 {
        return Ok(None);
    }
    let mut start = [0; 12];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut start)?;
    let size = u64::from_be_bytes(std::array::from_fn(|n| start[4 + n])) & !(1 << 56);
    if start[..4] != CLUSTER || size > LONGEST || size < (TIME + BLOCK_HEAD) as u64 || at + 12 + size > length {
        return Ok(None);
    }
    let mut content = vec![0; size as usize];
    file.read_exact(&mut content)?;
    let Some(time) = content.get(2..TIME).and_then(|time| time.first_chunk()) else { return Ok(None) };
    let begins = u64::from_be_bytes(*time);
    let (mut rest, mut last, mut key) = (content.get(TIME..).unwrap_or_default(), begins, None);
    while let Some(head) = rest.first_chunk::<BLOCK_HEAD>() {
        let size = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) & 0x0fff_ffff;
        last = begins + u64::from(u16::from_be_bytes([head[6], head[7]]));
        key.get_or_insert(head[8] & 0x80 != 0);
        rest = rest.get(5 + size as usize..).unwrap_or_default();
    }
    Ok(Some((12 + size, begins, last, key.unwrap_or(false))))
}
