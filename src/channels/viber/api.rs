//! Requests to the REST Bot API: all are posts with the token beside them, and all that were understood are answered with 200 and a status.

use super::errors;
use super::wire::Said;
use crate::channels::platform::Trouble;
use crate::channels::{lost, proof};
use crate::reach::{Ask, Client, Lost};
use http::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

const TOKEN: HeaderName = HeaderName::from_static("x-viber-auth-token");

/// One bot's door.
pub(super) struct Api {
    pub client: Client,
    /// Without a slash at its end.
    pub base: String,
    pub token: SecretString,
}

impl Api {
    /// Asks something that may be asked again.
    pub(super) async fn ask(&self, method: &str, body: &Value) -> Result<Value, Trouble> {
        self.post(method, body, lost::asking).await
    }

    /// Sends something that may be there already when the answer is lost.
    pub(super) async fn send(&self, body: &Value) -> Result<Value, Trouble> {
        self.post("send_message", body, lost::sending).await
    }

    async fn post(&self, method: &str, body: &Value, lost: fn(Lost) -> Trouble) -> Result<Value, Trouble> {
        let url = format!("{}/{method}", self.base).parse().map_err(|_| Trouble::Down("base_url makes no address".into()))?;
        let ask = Ask::post(url, "application/json", proof::json(body)).header(TOKEN, self.token.expose_secret());
        let answer = self.client.ask(ask).await.map_err(lost)?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match serde_json::from_value::<Said>(value.clone()) {
            Ok(said) if said.status == 0 && answer.status.is_success() => Ok(value),
            Ok(said) if said.status != 0 => Err(errors::trouble(&said)),
            _ if answer.status.is_success() => Err(lost(Lost::Uncertain("an answer that is none of Viber's".into()))),
            _ => Err(errors::unsaid(&answer)),
        }
    }
}
