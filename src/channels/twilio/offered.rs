//! Pictures of ours that Twilio shall fetch: it takes addresses, not bytes. Each has an address that nobody can guess, for a while.

use crate::channels::form;
use crate::channels::platform::{HookAnswer, LocalFile};
use crate::desk::id::At;
use bytes::Bytes;
use http::StatusCode;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Twilio fetches at once, and again if its first try fails.
const WHILE_MS: i64 = 3_600_000;
const MOST: usize = 1_000;

#[derive(Default)]
pub(super) struct Offered {
    pictures: Mutex<BTreeMap<String, Picture>>,
}

#[derive(Clone)]
struct Picture {
    path: PathBuf,
    mime: &'static str,
    until: At,
}

impl Offered {
    /// Gives the address below this one.
    pub(super) fn offer(&self, hook: &str, file: &LocalFile, now: At) -> Option<String> {
        let mime = ["image/jpeg", "image/png", "image/gif"].into_iter().find(|known| *known == file.mime)?;
        let token = format!("{:032x}", rand::random::<u128>());
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.retain(|_, picture| picture.until > now);
        if pictures.len() >= MOST {
            return None;
        }
        pictures.insert(token.clone(), Picture { path: file.path.clone(), mime, until: now.after(WHILE_MS) });
        Some(format!("{hook}?media={token}"))
    }

    pub(super) fn answer(&self, query: &str, now: At) -> Option<HookAnswer> {
        let query = form::pairs(query.as_bytes(), 4)?;
        let pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = pictures.get(form::value(&query, "media")?).filter(|picture| picture.until > now)?.clone();
        drop(pictures);
        // A few megabytes of our own disk, seldom: not worth a thread.
        let bytes = std::fs::read(&picture.path).ok()?;
        Some(HookAnswer { status: StatusCode::OK, content_type: picture.mime, body: Bytes::from(bytes) })
    }
}
