//! Files of customers that their platform did not give when the message came.

use super::values::{all, change, first, run};
use super::{Store, StoreError, search};
use crate::desk::id::*;
use crate::desk::input::FileRef;
use rusqlite::{Connection, Row};

statements! {
    KEEP = "INSERT INTO late_file (channel, external_id, place, media, name, instead, sender, since, next_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    DUE = "SELECT id, channel, external_id, place, media, name, instead, sender, since, next_at FROM late_file WHERE next_at <= ?1
        ORDER BY next_at LIMIT ?2";
    POSTPONE = "UPDATE late_file SET next_at = ?2 WHERE id = ?1";
    FORGET = "DELETE FROM late_file WHERE id = ?1";
    MESSAGE = "SELECT text, files FROM message WHERE id = ?1 AND changed IS NOT 'recalled'";
    FILL = "UPDATE message SET text = ?2, files = ?3 WHERE id = ?1";
    LINK = "INSERT INTO message_file (file, message) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
}

/// One file that is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFile {
    /// 0 before it is kept.
    pub id: i64,
    pub channel: ChannelId,
    /// The message's name, the platform's.
    pub external_id: String,
    /// Which of the message's files it is.
    pub place: u32,
    /// Where it is, in the platform's own terms.
    pub media: String,
    pub name: String,
    /// What stands in the message in its place.
    pub instead: String,
    /// Who sent it, as files are noted.
    pub sender: String,
    pub since: At,
    pub next_at: At,
}

/// Remembers them; what is known already stays as it is.
pub async fn keep(store: &Store, late: Vec<LateFile>) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            late.iter().try_for_each(|f| {
                let row = (&f.channel, &f.external_id, f.place, &f.media, &f.name, &f.instead, &f.sender, f.since, f.next_at);
                run(conn, KEEP, row).map(drop)
            })
        })
        .await
}

/// Those to be asked for by now.
pub async fn due(store: &Store, now: At, most: u32) -> Result<Vec<LateFile>, StoreError> {
    store.read(move |conn| all(conn, DUE, (now, most), row)).await
}

pub async fn postpone(store: &Store, id: i64, until: At) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, POSTPONE, (id, until)).map(drop)).await
}

/// It will not be asked for again.
pub async fn forget(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, FORGET, [id]).map(drop)).await
}

/// Puts the file where words stood for it, once: whoever tells of it twice changes nothing. What was recalled meanwhile stays so.
pub(super) fn fill(conn: &Connection, late: i64, message: MessageId, file: &FileRef, instead: &str) -> Result<(), StoreError> {
    if run(conn, FORGET, [late])? == 0 {
        return Ok(());
    }
    let read = |row: &Row<'_>| Ok((row.get::<_, String>("text")?, row.get::<_, Option<String>>("files")?));
    let Some((text, files)) = first(conn, MESSAGE, [message], read)? else { return Ok(()) };
    let mut files: Vec<FileRef> = files.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    files.push(file.clone());
    let text = text.replacen(instead, "", 1).trim().to_owned();
    change(conn, FILL, (message, &text, serde_json::to_string(&files)?), "message")?;
    run(conn, LINK, (file.id, message))?;
    search::index_message(conn, message, &text)
}

fn row(row: &Row<'_>) -> rusqlite::Result<LateFile> {
    Ok(LateFile {
        id: row.get("id")?,
        channel: row.get("channel")?,
        external_id: row.get("external_id")?,
        place: row.get("place")?,
        media: row.get("media")?,
        name: row.get("name")?,
        instead: row.get("instead")?,
        sender: row.get("sender")?,
        since: row.get("since")?,
        next_at: row.get("next_at")?,
    })
}
