//! Templates of channels as their platforms told them last: composers offer them also while a platform is not there.

use super::values::{first, json_at, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::template::Template;

statements! {
    KEEP = "INSERT INTO channel_templates (channel, list, read_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (channel) DO UPDATE SET list = excluded.list, read_at = excluded.read_at, trouble = NULL";
    UNREAD = "INSERT INTO channel_templates (channel, trouble) VALUES (?1, ?2)
        ON CONFLICT (channel) DO UPDATE SET trouble = excluded.trouble";
    OF = "SELECT list, read_at, trouble FROM channel_templates WHERE channel = ?1";
}

/// What is known of one channel's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// In the platform's order.
    pub list: Vec<Template>,
    /// `None`: never yet.
    pub read_at: Option<At>,
    /// Why the last try to read them failed.
    pub trouble: Option<String>,
}

impl Templates {
    /// The one of this name and language.
    pub fn find(self, name: &str, language: &str) -> Option<Template> {
        self.list.into_iter().find(|template| template.name == name && template.language == language)
    }
}

/// The platform has told all of them.
pub async fn keep(store: &Store, channel: &ChannelId, list: Vec<Template>, at: At) -> Result<(), StoreError> {
    let (channel, list) = (channel.clone(), serde_json::json!(list).to_string());
    store.write(move |conn| run(conn, KEEP, (&channel, &list, at)).map(drop)).await
}

/// They could not be read; what is known stays.
pub async fn unread(store: &Store, channel: &ChannelId, trouble: String) -> Result<(), StoreError> {
    let channel = channel.clone();
    store.write(move |conn| run(conn, UNREAD, (&channel, &trouble)).map(drop)).await
}

pub async fn of(store: &Store, channel: &ChannelId) -> Result<Templates, StoreError> {
    let channel = channel.clone();
    let row =
        |row: &rusqlite::Row<'_>| Ok(Templates { list: json_at(row, "list")?, read_at: row.get("read_at")?, trouble: row.get("trouble")? });
    Ok(store.read(move |conn| first(conn, OF, [channel], row)).await?.unwrap_or_default())
}
