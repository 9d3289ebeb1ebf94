//! Uploaded and received files: the row says what it is, `data/files/` holds the bytes, named by their SHA-256. Pictures are kept without what
//! they tell of where and when they were taken.

mod bare;
pub mod kind;
mod pixels;

use super::values::{Count, all, count_at, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::FileRef;
use crate::desk::person::Identity;
use rusqlite::Row;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;
use tokio::sync::RwLock;

statements! {
    CREATE = "INSERT INTO file (name, mime, bytes, sha256, by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    GET = "SELECT id, name, mime, bytes, sha256, by, created_at FROM file WHERE id = ?1";
    UNUSED = "SELECT id, sha256 FROM file f WHERE created_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM message_file l WHERE l.file = f.id)
        AND NOT EXISTS (SELECT 1 FROM form_answer a WHERE a.file = f.id)
        AND NOT EXISTS (SELECT 1 FROM article_file p WHERE p.file = f.id)
        AND NOT EXISTS (SELECT 1 FROM ticket_file t WHERE t.file = f.id)
        AND NOT EXISTS (SELECT 1 FROM draft_file d WHERE d.file = f.id) ORDER BY id LIMIT ?2";
    REMOVE = "DELETE FROM file WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM message_file l WHERE l.file = ?1)
        AND NOT EXISTS (SELECT 1 FROM form_answer a WHERE a.file = ?1)
        AND NOT EXISTS (SELECT 1 FROM article_file p WHERE p.file = ?1)
        AND NOT EXISTS (SELECT 1 FROM ticket_file t WHERE t.file = ?1)
        AND NOT EXISTS (SELECT 1 FROM draft_file d WHERE d.file = ?1)";
    KEPT = "SELECT EXISTS (SELECT 1 FROM file WHERE sha256 = ?1)";
    SEEN_BY_IDENTITY = "SELECT f.id, f.name, f.mime, f.bytes, f.sha256, f.by, f.created_at FROM file f
        WHERE f.id = ?1 AND EXISTS (SELECT 1 FROM message_file l JOIN message m ON m.id = l.message
            JOIN conversation c ON c.id = m.conversation
            WHERE l.file = f.id AND m.kind <> 'note' AND c.channel = ?2 AND c.kind = ?3 AND c.namespace = ?4 AND c.value = ?5)";
}

/// One stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub id: FileId,
    /// Shown, never used as a path.
    pub name: String,
    pub mime: String,
    pub bytes: u64,
    /// Lower-case hex; also the name in `data/files/`.
    pub sha256: String,
    /// `agent/mara`, the visitor's identity, or `form/12`.
    pub by: String,
    pub created_at: At,
}

/// Held by uploads from the first byte on disk to the row, and by the removal of bytes that no row names any more.
static KEEPING: RwLock<()> = RwLock::const_new(());

/// Files removed in one go.
const AT_ONCE: u32 = 500;

/// Keeps a file: the bytes are on disk before the row is. The same bytes twice are kept once. `mime` is found by the caller, by content.
pub async fn create(store: &Store, name: &str, mime: &str, content: Vec<u8>, by: &str, at: At) -> Result<FileRef, StoreError> {
    let folder = store.data().join("files");
    let content = bare::bare(mime, content);
    let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let _keeping = KEEPING.read().await;
    let kept = tokio::task::spawn_blocking(move || keep(&folder, &content)).await;
    let sha256 = kept.unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string())))?;
    row(store, name, mime, bytes, sha256, by, at).await
}

/// One file, for agents.
pub async fn get(store: &Store, file: FileId) -> Result<Option<FileRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [file], file_row)).await
}

/// One file for a visitor: only if a message of a conversation of theirs shows it.
pub async fn get_for(store: &Store, file: FileId, channel: &ChannelId, identity: &Identity) -> Result<Option<FileRow>, StoreError> {
    let (channel, identity) = (channel.clone(), identity.clone());
    store
        .read(move |conn| first(conn, SEEN_BY_IDENTITY, (file, channel, identity.kind, identity.namespace, identity.value), file_row))
        .await
}

/// Where the bytes are.
pub fn path(store: &Store, row: &FileRow) -> PathBuf {
    store.data().join("files").join(&row.sha256)
}

/// Removes uploads up to `until` that nothing has taken, rows and bytes; gives how many.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    let mut removed = 0;
    loop {
        let _removing = KEEPING.write().await;
        let names = store
            .write(move |conn| {
                let unused = all(conn, UNUSED, (until, AT_ONCE), |row| Ok((row.get::<_, FileId>(0)?, row.get::<_, String>(1)?)))?;
                unused.iter().try_for_each(|(id, _)| run(conn, REMOVE, [id]).map(drop))?;
                Ok(unused.into_iter().map(|(_, name)| name).collect::<Vec<_>>())
            })
            .await?;
        if names.is_empty() {
            return Ok(removed);
        }
        removed += names.len();
        for name in names {
            let of = name.clone();
            // The same bytes sent twice are kept once.
            if store.read(move |conn| Ok(first(conn, KEPT, [of], |row| row.get::<_, bool>(0))?.unwrap_or(true))).await? {
                continue;
            }
            let path = store.data().join("files").join(&name);
            match tokio::fs::remove_file(&path).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::io("remove a file", error)),
                _ => {}
            }
        }
    }
}

/// A file that is too large for memory, on its way to the disk.
pub struct Incoming {
    folder: PathBuf,
    part: PathBuf,
    file: Option<tokio::fs::File>,
    digest: Sha256,
    bytes: u64,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What is not finished is nobody's; the error would concern nobody either.
        let _ = std::fs::remove_file(&self.part);
    }
}

impl Incoming {
    pub async fn begin(store: &Store) -> Result<Incoming, StoreError> {
        let folder = store.data().join("files");
        let part = folder.join(format!("{:032x}.part", rand::random::<u128>()));
        let file = tokio::fs::File::create_new(&part).await.map_err(|error| StoreError::io("keep a file", error))?;
        Ok(Incoming { folder, part, file: Some(file), digest: Sha256::new(), bytes: 0 })
    }

    /// How many bytes there are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub async fn write(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(piece).await.map_err(|error| StoreError::io("keep a file", error))?;
        self.digest.update(piece);
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// The file is whole; as [`create`].
    pub async fn finish(mut self, store: &Store, name: &str, mime: &str, by: &str, at: At) -> Result<FileRef, StoreError> {
        let wrong = |error| StoreError::io("keep a file", error);
        if let Some(mut file) = self.file.take() {
            file.flush().await.map_err(wrong)?;
            file.sync_all().await.map_err(wrong)?;
        }
        let sha256 = hex::encode(std::mem::take(&mut self.digest).finalize());
        let _keeping = KEEPING.read().await;
        tokio::fs::rename(&self.part, self.folder.join(&sha256)).await.map_err(wrong)?;
        let folder = self.folder.clone();
        let synced = tokio::task::spawn_blocking(move || std::fs::File::open(folder)?.sync_all()).await;
        synced.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(wrong)?;
        row(store, name, mime, self.bytes, sha256, by, at).await
    }
}

/// What is a film that browsers play, by its bytes: WebM, or one of the relatives of MP4 (ISO 14496-12 §4.3).
pub fn video(bytes: &[u8]) -> Option<&'static str> {
    const BRANDS: [&[u8; 4]; 12] =
        [b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"];
    let ebml = bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]);
    // The document's type stands in the header, which is some forty bytes long.
    if ebml && bytes[..bytes.len().min(64)].windows(4).any(|word| word == b"webm") {
        return Some("video/webm");
    }
    let brand = (bytes.get(4..8)? == b"ftyp").then(|| bytes.get(8..12)).flatten()?;
    BRANDS.iter().any(|known| known.as_slice() == brand).then_some("video/mp4")
}

async fn row(store: &Store, name: &str, mime: &str, bytes: u64, sha256: String, by: &str, at: At) -> Result<FileRef, StoreError> {
    let (name, mime, by) = (name.to_owned(), mime.to_owned(), by.to_owned());
    store
        .write(move |conn| {
            run(conn, CREATE, (&name, &mime, Count(bytes), sha256, by, at))?;
            let id = u64::try_from(conn.last_insert_rowid()).map_err(|error| StoreError::Unreadable(error.to_string()))?;
            Ok(FileRef { id: FileId(id), name, mime, bytes })
        })
        .await
}

fn keep(folder: &Path, content: &[u8]) -> Result<String, StoreError> {
    let name = hex::encode(Sha256::digest(content));
    let target = folder.join(&name);
    if target.exists() {
        return Ok(name);
    }
    let wrong = |error| StoreError::io("keep a file", error);
    // Two uploads of the same bytes at once write the same name: each its own part, and the rename is atomic.
    let part = folder.join(format!("{name}.{:016x}.part", rand::random::<u64>()));
    let written = (|| {
        let mut file = std::fs::File::create_new(&part)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&part, &target)?;
        std::fs::File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        // The error that matters is the one being reported.
        let _ = std::fs::remove_file(&part);
    }
    written.map_err(wrong)?;
    Ok(name)
}

pub(super) fn file_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: row.get("id")?,
        name: row.get("name")?,
        mime: row.get("mime")?,
        bytes: count_at(row, "bytes")?,
        sha256: row.get("sha256")?,
        by: row.get("by")?,
        created_at: row.get("created_at")?,
    })
}
