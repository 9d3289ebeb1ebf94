//! As much of the tape archive as a backup needs: regular files with plain names (POSIX.1-1988 ustar; sizes beyond 8 GiB in
//! the base-256 form that GNU and BSD tar write and read).

use super::{MANIFEST, Moved, private_file, write};
use crate::store::StoreError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::Path;

const BLOCK: usize = 512;

/// Writes an archive and gathers its manifest.
pub(super) struct Writer {
    out: BufWriter<File>,
    manifest: String,
    moved: Moved,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Writer, StoreError> {
        let out = BufWriter::with_capacity(1 << 18, private_file(path)?);
        Ok(Writer { out, manifest: String::new(), moved: Moved::default() })
    }

    /// Adds a file as long as it is now; what is appended meanwhile stays out.
    pub(super) fn file(&mut self, name: &str, file: File) -> Result<(), StoreError> {
        let wrong = |error| StoreError::io(name, error);
        let size = file.metadata().map_err(wrong)?.len();
        self.entry(name, size, file.take(size))
    }

    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.entry(name, size, text.as_bytes())
    }

    /// Adds the manifest and the end mark, and waits for the disk.
    pub(super) fn finish(mut self) -> Result<Moved, StoreError> {
        let (manifest, moved) = (std::mem::take(&mut self.manifest), self.moved);
        self.text(MANIFEST, &manifest)?;
        write(&mut self.out, &[0; 2 * BLOCK])?;
        let wrong = |error| StoreError::io("finish the backup", error);
        let file = self.out.into_inner().map_err(|error| wrong(error.into_error()))?;
        file.sync_all().map_err(wrong)?;
        Ok(moved)
    }

    fn entry(&mut self, name: &str, size: u64, mut from: impl Read) -> Result<(), StoreError> {
        write(&mut self.out, &header(name, size)?)?;
        let (mut hash, mut left, mut buffer) = (Sha256::new(), size, vec![0; 1 << 16]);
        while left > 0 {
            let read = from.read(&mut buffer).map_err(|error| StoreError::io(name, error))?;
            if read == 0 {
                return Err(StoreError::Archive(format!("{name} became shorter while it was copied")));
            }
            hash.update(&buffer[..read]);
            write(&mut self.out, &buffer[..read])?;
            left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        }
        write(&mut self.out, &[0; BLOCK][..padding(size)])?;
        self.manifest.push_str(&format!("{}  {name}\n", hex::encode(hash.finalize())));
        self.moved.files += 1;
        self.moved.bytes += size;
        Ok(())
    }
}

/// The bytes between an entry's end and the next block.
pub(super) fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

fn header(name: &str, size: u64) -> Result<[u8; BLOCK], StoreError> {
    let mut block = [0; BLOCK];
    if name.len() > 100 {
        return Err(StoreError::Archive(format!("the name {name} is longer than 100 bytes")));
    }
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000600\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    if size < 1 << 33 {
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum = checksum(&block);
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// The sum of all bytes with the checksum's own field as spaces.
fn checksum(block: &[u8; BLOCK]) -> u32 {
    block.iter().enumerate().map(|(place, byte)| if (148..156).contains(&place) { 32 } else { u32::from(*byte) }).sum()
}

/// The next entry's name and size; `None` at the end mark.
pub(super) fn next(from: &mut impl Read) -> Result<Option<(String, u64)>, StoreError> {
    let mut block = [0; BLOCK];
    from.read_exact(&mut block).map_err(|_| StoreError::Archive("it ends in the middle".into()))?;
    if block == [0; BLOCK] {
        return Ok(None);
    }
    let field = |range: std::ops::Range<usize>| {
        let bytes = &block[range];
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..end]).map(str::trim).ok()
    };
    let octal = |range| field(range).and_then(|text| u64::from_str_radix(text, 8).ok());
    if octal(148..156) != Some(u64::from(checksum(&block))) {
        return Err(StoreError::Archive("a header is damaged, or it is not a tar file".into()));
    }
    let size = if block[124] == 0x80 { block[128..136].try_into().ok().map(u64::from_be_bytes) } else { octal(124..136) };
    match (field(0..100), size, block[156]) {
        (Some(name), Some(size), b'0') => Ok(Some((name.to_owned(), size))),
        _ => Err(StoreError::Archive("it holds something that a backup does not".into())),
    }
}
