//! Requests to the Messaging API, and its refusals in our words. A token is either written by the administrator or fetched for a quarter of an
//! hour by the channel's secret (stateless tokens).

use super::wire::Said;
use crate::channels::platform::Trouble;
use crate::channels::token::{Keeper, Token};
use crate::channels::{lost, proof};
use crate::reach::{Answer, Ask, Client, Lost};
use http::{HeaderName, Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// The key by which a repeated push is the same message.
const RETRY_KEY: HeaderName = HeaderName::from_static("x-line-retry-key");
/// Longest explanation that is passed on, characters.
const LONGEST: usize = 200;

/// By what we are known.
pub(super) enum Access {
    Written(SecretString),
    Fetched { channel_id: String, secret: SecretString, keeper: Keeper },
}

pub(super) struct Api {
    pub client: Client,
    /// Without a slash at their ends.
    pub base: String,
    pub data: String,
    pub access: Access,
}

/// An answer that is none of the usual: the platform has this push already.
pub(super) enum Taken {
    Now(Value),
    Before,
}

impl Api {
    pub(super) async fn get(&self, path: &str) -> Result<Value, Trouble> {
        let answer = self.knocked(Ask::get(self.address(&self.base, path)?)).await?.map_err(lost::asking)?;
        if answer.status.is_success() {
            return serde_json::from_slice(&answer.body).map_err(|_| Trouble::Retry("an answer that is no JSON".into()));
        }
        Err(trouble(&answer))
    }

    /// Sends something; with a key it may be sent again.
    pub(super) async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Taken, Posted> {
        let url = self.address(&self.base, path).map_err(Posted::Refused)?;
        let mut ask = Ask::post(url, "application/json", proof::json(body));
        if let Some(key) = key {
            ask = ask.header(RETRY_KEY, key);
        }
        let answer = self.knocked(ask).await.map_err(Posted::Refused)?.map_err(Posted::Lost)?;
        match answer.status.as_u16() {
            200..=299 => Ok(Taken::Now(serde_json::from_slice(&answer.body).unwrap_or_default())),
            409 if key.is_some() => Ok(Taken::Before),
            _ => Err(Posted::Refused(trouble(&answer))),
        }
    }

    /// A file that LINE keeps: whole, or not ready yet.
    pub(super) async fn content(&self, id: &str, most: usize, within: Duration) -> Result<Answer, Trouble> {
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Trouble::Refused("not an id of LINE's".into()));
        }
        let ask = Ask::get(self.address(&self.data, &format!("v2/bot/message/{id}/content"))?).within(within).most(most);
        self.knocked(ask).await?.map_err(lost::asking)
    }

    /// With the token; once more with a new one, if it was fetched and is refused. A request that is refused was not done.
    async fn knocked(&self, ask: Ask) -> Result<Result<Answer, Lost>, Trouble> {
        let token = self.token().await?;
        let bearing = |token: &str| ask.clone().header(header::AUTHORIZATION, &format!("Bearer {token}"));
        let answer = self.client.ask(bearing(token.expose_secret())).await;
        if let (Ok(Answer { status, .. }), Access::Fetched { keeper, .. }) = (&answer, &self.access)
            && status.as_u16() == 401
        {
            keeper.refused(token.expose_secret()).await;
            let token = self.token().await?;
            return Ok(self.client.ask(bearing(token.expose_secret())).await);
        }
        Ok(answer)
    }

    async fn token(&self) -> Result<SecretString, Trouble> {
        match &self.access {
            Access::Written(token) => Ok(token.clone()),
            Access::Fetched { channel_id, secret, keeper } => {
                keeper.token(|| self.fetched(channel_id, secret)).await.map(SecretString::from)
            }
        }
    }

    async fn fetched(&self, channel_id: &str, secret: &SecretString) -> Result<Token, Trouble> {
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", plain(channel_id), plain(secret.expose_secret()));
        let ask = Ask::post(self.address(&self.base, "oauth2/v3/token")?, "application/x-www-form-urlencoded", form);
        let answer = self.client.ask(ask).await.map_err(lost::asking)?;
        if !answer.status.is_success() {
            // 400: the id or the secret is not the channel's.
            let trouble = trouble(&answer);
            return Err(if let Trouble::Refused(why) = trouble { Trouble::Down(why) } else { trouble });
        }
        let said: Value = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Retry("an answer that is no JSON".into()))?;
        let token = said.get("access_token").and_then(Value::as_str).ok_or_else(|| Trouble::Retry("the answer has no token".into()))?;
        let lasts = said.get("expires_in").and_then(Value::as_u64).unwrap_or(900);
        Ok(Token::new(token.to_owned(), Duration::from_secs(lasts)))
    }

    fn address(&self, base: &str, path: &str) -> Result<Uri, Trouble> {
        format!("{base}/{path}").parse().map_err(|_| Trouble::Down("base_url makes no address".into()))
    }
}

/// Why a request was not done.
pub(super) enum Posted {
    Lost(Lost),
    Refused(Trouble),
}

/// The limits of a minute and of a month have the same code; only their words differ.
fn trouble(answer: &Answer) -> Trouble {
    let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
    let details = said.details.iter().map(|detail| format!("{} {}", detail.property, detail.message));
    let words = std::iter::once(said.message.clone()).chain(details).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let status = answer.status.as_u16();
    let why = if words.is_empty() { format!("status {status}") } else { words };
    match status {
        401 | 403 => Trouble::Down(why),
        429 if why.to_lowercase().contains("monthly limit") => Trouble::Quota(why),
        429 => answer.retry_after().map_or(Trouble::Retry(why), Trouble::RetryAfter),
        502 | 504 => Trouble::Uncertain(why),
        500..=599 => Trouble::Retry(why),
        _ => Trouble::Refused(why),
    }
}
