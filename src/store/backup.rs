//! One file that holds everything: the database as of one moment, recordings, uploads, and the configuration.
//!
//! A plain POSIX tar with a `MANIFEST` in the format of `sha256sum`: `tar xf` and `sha256sum -c MANIFEST` are all it takes to look inside.

pub(super) mod restore;
mod tar;

pub use restore::{Overwrite, restore};

use super::{Store, StoreError, open};
use std::fs::File;
use std::io::Write;
use std::path::Path;

statements! {
    COPY = "VACUUM INTO ?1";
}

/// The list of checksums within the archive; written last.
const MANIFEST: &str = "MANIFEST";
/// The configuration's text within the archive.
const CONFIG: &str = "hubline.toml";
/// Folders of plain files within the data folder and the archive. `tls` holds the house's own certificate authority, which agents'
/// machines trust.
const FOLDERS: [&str; 3] = ["recordings", "files", "tls"];
/// Single files beside the database: what signs the visitors' tokens.
const KEYS: [&str; 1] = ["chat.key"];

/// What a backup or a restore has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    pub files: u64,
    pub bytes: u64,
}

impl Store {
    /// Writes a consistent backup to `file` while everything goes on; `config` is the configuration's text, if it is to be kept too.
    ///
    /// The archive appears under its name only when it is whole and on disk. It needs room for the database twice. A recording
    /// still running is kept up to this moment. Blocking work runs off the async threads.
    pub async fn backup(&self, file: &Path, config: Option<String>) -> Result<Moved, StoreError> {
        let (data, file) = (self.data().to_owned(), file.to_owned());
        let joined = tokio::task::spawn_blocking(move || backup(&data, &file, config.as_deref())).await;
        joined.unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string())))
    }
}

fn backup(data: &Path, file: &Path, config: Option<&str>) -> Result<Moved, StoreError> {
    let mark: u64 = rand::random();
    let copy = data.join(format!(".backup-{mark:016x}.db"));
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let result = archive(data, &copy, Path::new(&part), config);
    // Left over in any case; when making it failed, it may not be there.
    let _ = std::fs::remove_file(&copy);
    match result {
        Ok(moved) => {
            std::fs::rename(&part, file).map_err(|error| StoreError::io("name the backup", error))?;
            Ok(moved)
        }
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            Err(error)
        }
    }
}

fn archive(data: &Path, copy: &Path, part: &Path, config: Option<&str>) -> Result<Moved, StoreError> {
    let name = copy.to_str().ok_or_else(|| StoreError::Invalid("the data folder's name is not UTF-8".into()))?;
    open::reader(data)?.execute(COPY, [name])?;
    let mut out = tar::Writer::create(part)?;
    out.file(open::DATABASE, open_file(copy)?)?;
    // After the database: whatever its rows name was on disk before.
    for folder in FOLDERS {
        for name in plain_files(&data.join(folder))? {
            match File::open(data.join(folder).join(&name)) {
                // Removed by the retention rules since the listing.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                opened => out.file(&format!("{folder}/{name}"), opened.map_err(|error| StoreError::io(name, error))?)?,
            }
        }
    }
    for name in KEYS {
        let key = data.join(name);
        if key.is_file() {
            out.file(name, open_file(&key)?)?;
        }
    }
    if let Some(text) = config {
        out.text(CONFIG, text)?;
    }
    out.finish()
}

/// The names of finished files in a folder, in order.
fn plain_files(folder: &Path) -> Result<Vec<String>, StoreError> {
    let wrong = |error| StoreError::io(format!("list {}", folder.display()), error);
    let mut names = Vec::new();
    // A house without certificates of its own has no folder for them.
    if !folder.exists() {
        return Ok(names);
    }
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let plain = entry.file_type().map_err(wrong)?.is_file();
        if let (true, Ok(name)) = (plain, entry.file_name().into_string())
            && !name.ends_with(".part")
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn open_file(path: &Path) -> Result<File, StoreError> {
    File::open(path).map_err(|error| StoreError::io(format!("open {}", path.display()), error))
}

/// A file that only its owner may read: backups hold what customers said.
fn private_file(path: &Path) -> Result<File, StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.map_err(|error| StoreError::io(format!("make {}", path.display()), error))
}

fn write(out: &mut impl Write, bytes: &[u8]) -> Result<(), StoreError> {
    out.write_all(bytes).map_err(|error| StoreError::io("write the backup", error))
}
