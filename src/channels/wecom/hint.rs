//! The platform only says that there is something for an account (客服账号), and all accounts of an application share one address for that:
//! the hint is kept for whichever channel asks.

use crate::desk::id::At;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// The token of a hint is good for so long, ms: ten minutes, less a little.
const GOOD_MS: i64 = 540_000;

/// The newest hint for one account.
#[derive(Debug, Default)]
pub(super) struct Hint {
    token: Mutex<Option<(String, At)>>,
    pub given: Notify,
}

/// As many as were ever configured.
static HINTS: Mutex<BTreeMap<(String, String), Arc<Hint>>> = Mutex::new(BTreeMap::new());

/// The place of an account's hints.
pub(super) fn of(corp: &str, account: &str) -> Arc<Hint> {
    let mut hints = HINTS.lock().unwrap_or_else(PoisonError::into_inner);
    hints.entry((corp.to_owned(), account.to_owned())).or_default().clone()
}

/// A hint for an account, whosever it is; nothing where no channel has ever asked.
pub(super) fn give(corp: &str, account: &str, token: &str, now: At) {
    let hints = HINTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(hint) = hints.get(&(corp.to_owned(), account.to_owned())) {
        *hint.token.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.to_owned(), now));
        hint.given.notify_one();
    }
}

impl Hint {
    /// The token of the newest hint, once.
    pub fn take(&self, now: At) -> Option<String> {
        let taken = self.token.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.filter(|(_, at)| now.0 - at.0 < GOOD_MS).map(|(token, _)| token)
    }
}
