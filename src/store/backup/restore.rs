//! Puts a backup back: everything is unpacked beside the data folder and checked before anything takes its place.

use super::{CONFIG, FOLDERS, KEYS, MANIFEST, Moved, private_file, tar, write};
use crate::store::{StoreError, open};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

statements! {
    CHECK = "PRAGMA quick_check(1)";
}

/// Whether a data folder that holds something may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    Refuse,
    /// What was there is kept beside it as `<data>.before-restore`.
    Replace,
}

/// Unpacks the backup `file` as the data folder `data`; no Hubline may be running on it. Gives the configuration's text, if it was kept.
///
/// Errors: [`StoreError::Archive`] for anything damaged, incomplete or not ours, [`StoreError::Invalid`] when `data` holds
/// something and may not be replaced. On an error the data folder is as it was.
pub fn restore(file: &Path, data: &Path, overwrite: Overwrite) -> Result<(Moved, Option<String>), StoreError> {
    let occupied = match std::fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            return Err(StoreError::io(format!("look into {}", data.display()), error));
        }
    };
    if occupied && overwrite == Overwrite::Refuse {
        return Err(StoreError::Invalid(format!("{} is not empty", data.display())));
    }
    let (fresh, before) = (beside(data, "restoring")?, beside(data, "before-restore")?);
    remove(&fresh)?;
    let unpacked = unpack(file, &fresh);
    let result = unpacked.and_then(|result| {
        check(&fresh)?;
        if occupied {
            remove(&before)?;
            rename(data, &before)?;
        } else if data.exists() {
            std::fs::remove_dir(data).map_err(|error| StoreError::io("replace the empty folder", error))?;
        }
        rename(&fresh, data)?;
        Ok(result)
    });
    if result.is_err() {
        // Whatever was unpacked is of no use; the error that matters is the one being reported.
        let _ = std::fs::remove_dir_all(&fresh);
    }
    result
}

fn unpack(file: &Path, fresh: &Path) -> Result<(Moved, Option<String>), StoreError> {
    let opened = std::fs::File::open(file).map_err(|error| StoreError::io(format!("open {}", file.display()), error))?;
    let mut from = BufReader::with_capacity(1 << 18, opened);
    for folder in FOLDERS {
        let mut private = std::fs::DirBuilder::new();
        private.recursive(true).mode(0o700).create(fresh.join(folder)).map_err(|error| StoreError::io("make a folder", error))?;
    }
    let (mut moved, mut config, mut sums) = (Moved::default(), None, BTreeMap::new());
    while let Some((name, size)) = tar::next(&mut from)? {
        let mut body = (&mut from).take(size);
        if name == MANIFEST {
            return verify(&text(&mut body, size)?, &sums).map(|()| (moved, config));
        }
        let sum = if name == CONFIG {
            let text = text(&mut body, size)?;
            let sum = hex::encode(Sha256::digest(text.as_bytes()));
            config = Some(text);
            sum
        } else {
            save(&mut body, size, &place(fresh, &name)?)?
        };
        let mut padding = [0; 512];
        from.read_exact(&mut padding[..tar::padding(size)]).map_err(|_| StoreError::Archive("it ends in the middle".into()))?;
        moved.files += 1;
        moved.bytes += size;
        if sums.insert(name.clone(), sum).is_some() {
            return Err(StoreError::Archive(format!("{name} is in it twice")));
        }
    }
    Err(StoreError::Archive("it has no manifest".into()))
}

/// Where an entry goes. Only names that a backup writes are taken, so nothing lands outside.
fn place(fresh: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    match name.split_once('/') {
        None if name == open::DATABASE || KEYS.contains(&name) => Ok(fresh.join(name)),
        Some((folder, file)) if FOLDERS.contains(&folder) && plain(file) => Ok(fresh.join(folder).join(file)),
        _ => Err(StoreError::Archive(format!("it holds {name:?}, which a backup does not"))),
    }
}

fn save(from: &mut impl Read, size: u64, to: &Path) -> Result<String, StoreError> {
    let mut out = private_file(to)?;
    let (mut hash, mut left, mut buffer) = (Sha256::new(), size, vec![0; 1 << 16]);
    while left > 0 {
        let read = from.read(&mut buffer).map_err(|error| StoreError::io("read the backup", error))?;
        if read == 0 {
            return Err(StoreError::Archive("it ends in the middle".into()));
        }
        hash.update(&buffer[..read]);
        write(&mut out, &buffer[..read])?;
        left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
    }
    out.sync_all().map_err(|error| StoreError::io("write a restored file", error))?;
    Ok(hex::encode(hash.finalize()))
}

/// A short text; a bound keeps a damaged size from taking all memory.
fn text(from: &mut impl Read, size: u64) -> Result<String, StoreError> {
    if size > 1 << 28 {
        return Err(StoreError::Archive("a text in it is too long".into()));
    }
    let mut text = String::new();
    let read = from.read_to_string(&mut text).map_err(|error| StoreError::Archive(error.to_string()))?;
    match u64::try_from(read) == Ok(size) {
        true => Ok(text),
        false => Err(StoreError::Archive("it ends in the middle".into())),
    }
}

fn verify(manifest: &str, sums: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let listed: BTreeMap<String, String> =
        manifest.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect();
    if !sums.contains_key(open::DATABASE) {
        return Err(StoreError::Archive("it has no database".into()));
    }
    match sums.iter().find(|(name, sum)| listed.get(*name) != Some(*sum)) {
        Some((name, _)) => Err(StoreError::Archive(format!("{name} is damaged"))),
        None if listed.len() != sums.len() => Err(StoreError::Archive("files are missing from it".into())),
        None => Ok(()),
    }
}

/// The database must be readable and of a known schema before it replaces another.
fn check(fresh: &Path) -> Result<(), StoreError> {
    let conn = Connection::open_with_flags(fresh.join(open::DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let answer: String = conn.query_row(CHECK, [], |row| row.get(0))?;
    if answer != "ok" {
        return Err(StoreError::Archive(format!("its database is damaged: {answer}")));
    }
    open::known_schema(&conn)
}

fn beside(data: &Path, word: &str) -> Result<PathBuf, StoreError> {
    let mut name = data.file_name().ok_or_else(|| StoreError::Invalid("the data folder has no name".into()))?.to_owned();
    name.push(".");
    name.push(word);
    Ok(data.with_file_name(name))
}

fn remove(folder: &Path) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(format!("remove {}", folder.display()), error)),
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| StoreError::io(format!("rename {} to {}", from.display(), to.display()), error))
}
