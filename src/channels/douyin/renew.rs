//! A refresh_token is good for 30 days; where the platform allows it, it gives another for it, five times. The newest is kept as the channel's
//! place (`Polled::cursor`), under the digest of the one that the administrator wrote: when that changes, what was kept is of no use any
//! more. After the last renewal the account's owner must authorise the application again, which `probe` says in time.

use super::Douyin;
use super::send::{Fault, WITHIN, form, lost, read};
use crate::channels::platform::{Polled, Trouble};
use crate::channels::proof;
use crate::reach::Ask;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use std::time::Duration;

const RENEW: &str = "/oauth/renew_refresh_token/";
/// How often it is looked at how long the token is good.
const LOOK: Duration = Duration::from_secs(6 * 3_600);
/// Renewed so long before it ends, s: earlier than anybody is told of it.
const AHEAD_S: i64 = 10 * 86_400;
/// So often the platform renews what the owner gave.
const MOST: u32 = 5;
/// The platform's code for what was renewed too often.
const TOO_OFTEN: &str = "10020 ";

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Digest of the token that was written.
    of: String,
    /// The renewed one.
    token: Option<String>,
    renewals: u32,
}

impl Douyin {
    /// The one in use: the newest that came of the one that was written.
    pub(super) fn refresh_token(&self) -> Result<SecretString, Trouble> {
        let written = self.written.reveal(&self.folder).map_err(|error| Trouble::Down(error.to_string()))?;
        let renewed = self.kept_of(&written).and_then(|kept| kept.token);
        Ok(renewed.map_or(written, SecretString::from))
    }

    pub(super) fn recalled(&self, cursor: &str) {
        let (Ok(kept), Ok(written)) = (serde_json::from_str::<Kept>(cursor), self.written.reveal(&self.folder)) else { return };
        // What the disk did not take is newer than what it has.
        let newer = self.kept_of(&written).is_some_and(|mine| mine.renewals > kept.renewals);
        if kept.of == proof::digest(written.expose_secret().as_bytes()) && !newer {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
    }

    fn kept_of(&self, written: &SecretString) -> Option<Kept> {
        let of = proof::digest(written.expose_secret().as_bytes());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|kept| kept.of == of)
    }

    pub(super) async fn renewed(&self, cursor: Option<&str>) -> Polled {
        if let Some(cursor) = cursor {
            self.recalled(cursor);
        }
        if let Err(trouble) = self.renew_in_time().await {
            // The heartbeat finds the same and tells whom it concerns: hearing does not hang on it.
            tracing::warn!(%trouble, "the authorisation of a Douyin account is not renewed");
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let place = kept.and_then(|kept| serde_json::to_string(&kept).ok()).filter(|place| cursor != Some(place.as_str()));
        Polled { cursor: place, wait: LOOK, ..Polled::default() }
    }

    async fn renew_in_time(&self) -> Result<(), Trouble> {
        let written = self.written.reveal(&self.folder).map_err(|error| Trouble::Down(error.to_string()))?;
        let of = proof::digest(written.expose_secret().as_bytes());
        let before = self.kept_of(&written).unwrap_or(Kept { of, token: None, renewals: 0 });
        let left = self.refreshed().await?["data"]["refresh_expires_in"].as_i64();
        if left.is_none_or(|left| left >= AHEAD_S) || before.renewals >= MOST {
            return Ok(());
        }
        let token = self.refresh_token()?;
        let body = form(&[("client_key", &self.client_key), ("refresh_token", token.expose_secret())]);
        let url = format!("{}{RENEW}", self.base).parse().map_err(|_| Trouble::Down("base_url is not an address".into()))?;
        let ask = Ask::post(url, "application/x-www-form-urlencoded", body).within(WITHIN);
        let renewed = match read(&self.client.ask(ask).await.map_err(lost)?) {
            Ok(answer) => {
                let given = answer["data"]["refresh_token"].as_str().filter(|token| !token.is_empty());
                let given = given.ok_or_else(|| Trouble::Retry("the answer has no refresh_token".into()))?;
                Kept { token: Some(given.to_owned()), renewals: before.renewals + 1, ..before }
            }
            // Another house, or another token, has used up what the owner gave.
            Err(Fault::Trouble(Trouble::Down(why))) if why.starts_with(TOO_OFTEN) => Kept { renewals: MOST, ..before },
            Err(fault) => return Err(fault.trouble()),
        };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewed);
        Ok(())
    }
}
