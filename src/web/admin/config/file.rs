//! The file itself: read with its mark, replaced whole or not at all, the one before kept beside it as `.bak`.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What tells whether a text is still the one that was read.
pub fn mark(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else changed it since it was read; its text now.
    #[error("the file was changed by somebody else")]
    Changed(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The file as it is now.
pub async fn read(path: PathBuf) -> io::Result<String> {
    tokio::fs::read_to_string(path).await
}

/// Replaces the file if it still has this mark: written beside it, made durable, then renamed over it, so that a crash leaves the
/// old file or the new one, never half of one. Gives what stood there before.
pub async fn replace(path: PathBuf, seen: String, text: String) -> Result<String, WriteError> {
    let done = tokio::task::spawn_blocking(move || {
        let old = fs::read_to_string(&path)?;
        if mark(&old) != seen {
            return Err(WriteError::Changed(old));
        }
        write_durably(&beside(&path, "bak"), &old, &path)?;
        let new = beside(&path, "new");
        write_durably(&new, &text, &path)?;
        fs::rename(&new, &path)?;
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(old)
    });
    done.await.map_err(io::Error::other)?
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}

/// With the rights of `like`: the file may hold secrets. They are set before anything is written.
fn write_durably(path: &Path, text: &str, like: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
