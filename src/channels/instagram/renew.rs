//! Tokens of Instagram logins end after 60 days. A renewed one is kept as the channel's place (`Polled::cursor`), under the digest of the one
//! that the administrator wrote: when that changes, what was kept is of no use any more.

use super::Instagram;
use crate::channels::platform::{Polled, Trouble};
use crate::channels::proof;
use crate::desk::id::At;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How often the age is looked at.
const LOOK: Duration = Duration::from_secs(6 * 3_600);
/// A token that is younger cannot be renewed.
const YOUNGEST_MS: i64 = 24 * 3_600_000;

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// Digest of the token that was written.
    of: String,
    /// Since when the one in use is in use, milliseconds since 1970 UTC.
    since: At,
    /// The renewed one.
    token: Option<String>,
}

impl Instagram {
    /// What was kept of the token that is written, and takes it up.
    pub(super) fn recalled(&self, cursor: &str) -> Option<Kept> {
        let of = proof::digest(self.written.expose_secret().as_bytes());
        let kept: Kept = serde_json::from_str(cursor).ok().filter(|kept: &Kept| kept.of == of)?;
        if let Some(token) = &kept.token {
            self.pages.graph.renew(SecretString::from(token.clone()));
        }
        Some(kept)
    }

    pub(super) async fn renewed(&self, cursor: Option<&str>) -> Result<Polled, Trouble> {
        let of = proof::digest(self.written.expose_secret().as_bytes());
        let now = self.pages.clock.now();
        let kept = cursor.and_then(|cursor| self.recalled(cursor));
        // Nobody says how old a token is that was written just now: it is renewed as soon as it can be.
        let Some(kept) = kept else {
            let first = self.renew_after.as_millis().try_into().unwrap_or(i64::MAX);
            let since = At(now.0.saturating_sub(first).saturating_add(YOUNGEST_MS));
            return Ok(place(&Kept { of, since, token: None }));
        };
        if now.since(kept.since) < i64::try_from(self.renew_after.as_millis()).unwrap_or(i64::MAX) {
            return Ok(Polled { wait: LOOK, ..Polled::default() });
        }
        let token = self.pages.graph.token();
        let query = format!("grant_type=ig_refresh_token&access_token={}", encoded(token.expose_secret()));
        let given = self.pages.graph.unversioned("refresh_access_token", &query).await?;
        let token = given.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| Trouble::Retry("the answer has no token".into()))?.to_owned();
        self.pages.graph.renew(SecretString::from(token.clone()));
        Ok(place(&Kept { of, since: now, token: Some(token) }))
    }
}

fn place(kept: &Kept) -> Polled {
    Polled { cursor: serde_json::to_string(kept).ok(), wait: LOOK, ..Polled::default() }
}

/// Percent-encoded as part of a query.
fn encoded(text: &str) -> String {
    let one = |b: u8| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}
