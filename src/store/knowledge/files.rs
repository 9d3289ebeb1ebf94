//! Pictures in articles. An article names one as `file:12`; who may name it and who may see it is decided here, so that an article never
//! becomes a way to somebody else's file.

use super::plain::MARKDOWN;
use crate::desk::id::*;
use crate::store::files::{FileRow, file_row};
use crate::store::values::{first, run};
use crate::store::{Store, StoreError};
use pulldown_cmark::{Event, Parser, Tag};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Pictures that one version may have.
const MOST: usize = 100;

statements! {
    MAY_NAME = "SELECT EXISTS (SELECT 1 FROM file WHERE id = ?1 AND by = 'agent/' || ?2
            AND NOT EXISTS (SELECT 1 FROM message_file l WHERE l.file = ?1)
            AND NOT EXISTS (SELECT 1 FROM form_answer a WHERE a.file = ?1))
        OR EXISTS (SELECT 1 FROM article_file f JOIN translation t ON t.id = f.translation WHERE f.file = ?1 AND t.article = ?3)";
    KEEP = "INSERT OR IGNORE INTO article_file (translation, version, file) VALUES (?1, ?2, ?3)";
    STAFF = "SELECT id, name, mime, bytes, sha256, by, created_at FROM file f
        WHERE id = ?1 AND (by = 'agent/' || ?2 OR EXISTS (SELECT 1 FROM article_file a WHERE a.file = f.id))";
    PUBLIC = "SELECT id, name, mime, bytes, sha256, by, created_at FROM file f WHERE id = ?1 AND EXISTS (
        SELECT 1 FROM article_file l JOIN translation t ON t.id = l.translation AND t.shown = l.version JOIN article a ON a.id = t.article
        WHERE l.file = f.id AND a.audience = 'public' AND (a.expires_at IS NULL OR a.expires_at > ?2))";
}

/// The number in `file:12`.
pub fn file_number(address: &str) -> Option<FileId> {
    let digits = address.strip_prefix("file:")?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|id: &u64| plain && i64::try_from(*id).is_ok()).map(FileId)
}

/// The files a text names as pictures.
pub(super) fn named_files(markdown: &str) -> BTreeSet<FileId> {
    let pictures = Parser::new_ext(markdown, MARKDOWN).filter_map(|event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => file_number(&dest_url),
        _ => None,
    });
    pictures.take(MOST).collect()
}

/// Joins files to a version. [`StoreError::Missing`] for one that is neither the writer's own upload nor in the article already.
pub(super) fn keep_files(
    conn: &Connection,
    article: i64,
    translation: i64,
    version: u32,
    files: &BTreeSet<FileId>,
    by: &AgentId,
) -> Result<(), StoreError> {
    for file in files {
        if !first(conn, MAY_NAME, (file, by, article), |row| row.get::<_, bool>(0))?.unwrap_or(false) {
            return Err(StoreError::Missing("picture".into()));
        }
        run(conn, KEEP, (translation, version, file))?;
    }
    Ok(())
}

/// A picture as staff may see it: of any article, or one's own that is being written about.
pub async fn staff_picture(store: &Store, file: FileId, agent: &AgentId) -> Result<Option<FileRow>, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| first(conn, STAFF, (file, agent), file_row)).await
}

/// A picture as anybody may see it: only of what a public article shows now.
pub async fn public_picture(store: &Store, file: FileId, now: At) -> Result<Option<FileRow>, StoreError> {
    store.read(move |conn| first(conn, PUBLIC, (file, now), file_row)).await
}
