//! What programs of the firm's have told of customers: once under one key.

use super::values::first;
use super::{Store, StoreError};
use crate::desk::id::ToldId;

statements! {
    BY_KEY = "SELECT id, digest FROM told WHERE asker = ?1 AND key = ?2";
}

/// What was told under this key, and the digest of the request.
pub async fn by_key(store: &Store, asker: &str, key: &str) -> Result<Option<(ToldId, String)>, StoreError> {
    let (asker, key) = (asker.to_owned(), key.to_owned());
    store.read(move |conn| first(conn, BY_KEY, (asker, key), |row| Ok((row.get("id")?, row.get("digest")?)))).await
}
