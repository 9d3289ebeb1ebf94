//! Requests to the Bot API. The token is part of each address, so addresses are neither logged nor part of any error.

use super::errors;
use super::wire::Said;
use crate::channels::platform::Trouble;
use crate::channels::{lost, proof};
use crate::reach::{Answer, Ask, Client, Lost, Part, multipart};
use bytes::Bytes;
use http::{Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// Largest answer, bytes: a hundred updates of the longest kind.
const LARGEST_ANSWER: usize = 8 << 20;
/// For a file of the largest size over a slow line.
const FILE_WITHIN: Duration = Duration::from_secs(120);

/// One bot's door.
pub(super) struct Api {
    pub client: Client,
    /// Without a slash at its end.
    pub base: String,
    pub token: SecretString,
}

impl Api {
    /// Asks something that may be asked again.
    pub(super) async fn ask(&self, method: &str, parameters: &Value, within: Duration) -> Result<Value, Trouble> {
        let ask = Ask::post(self.method(method)?, "application/json", proof::json(parameters)).within(within).most(LARGEST_ANSWER);
        self.taken(self.client.ask(ask).await).map_err(|error| match error {
            Failed::Lost(error) => lost::asking(error),
            Failed::Said(trouble) => trouble,
        })
    }

    /// Sends something that may be there already when the answer is lost.
    pub(super) async fn send(&self, method: &str, parameters: &Value) -> Result<Value, Trouble> {
        let ask = Ask::post(self.method(method)?, "application/json", proof::json(parameters));
        self.taken(self.client.ask(ask).await).map_err(Failed::sending)
    }

    /// Sends a file, which is `field`, beside `parameters`.
    pub(super) async fn send_file(
        &self,
        method: &str,
        parameters: &Value,
        field: &str,
        name: &str,
        mime: &str,
        bytes: Bytes,
    ) -> Result<Value, Trouble> {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields: Vec<(&str, String)> =
            parameters.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), plain(value))).collect();
        let mut parts: Vec<Part<'_>> = fields.iter().map(|(name, value)| Part::text(name, value)).collect();
        parts.push(Part::file(field, name, mime, bytes));
        let (content_type, body) = multipart(&parts);
        let mut ask = Ask::post(self.method(method)?, "multipart/form-data", body).within(FILE_WITHIN);
        ask.headers
            .insert(header::CONTENT_TYPE, content_type.parse().map_err(|_| Trouble::Refused("a file cannot be written down".into()))?);
        self.taken(self.client.ask(ask).await).map_err(Failed::sending)
    }

    /// The bytes behind a path that `getFile` gave.
    pub(super) async fn file(&self, path: &str, most: usize) -> Result<Bytes, Trouble> {
        if path.split('/').any(|part| part == "..") || path.chars().any(|c| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '\\')) {
            return Err(Trouble::Refused("a path that is none".into()));
        }
        let url = self.address(&format!("/file/bot{}/{path}", self.token.expose_secret()))?;
        let answer = self.client.ask(Ask::get(url).within(FILE_WITHIN).most(most)).await.map_err(lost::asking)?;
        match answer.status.as_u16() {
            200 => Ok(answer.body),
            404 => Err(Trouble::Refused("Telegram has the file no more".into())),
            status => Err(Trouble::Retry(format!("status {status}"))),
        }
    }

    fn method(&self, method: &str) -> Result<Uri, Trouble> {
        self.address(&format!("/bot{}/{method}", self.token.expose_secret()))
    }

    /// The error names neither address nor token.
    fn address(&self, path: &str) -> Result<Uri, Trouble> {
        format!("{}{path}", self.base).parse().map_err(|_| Trouble::Down("base_url and token make no address".into()))
    }

    fn taken(&self, answer: Result<Answer, Lost>) -> Result<Value, Failed> {
        let answer = answer.map_err(Failed::Lost)?;
        let said: Result<Said, _> = serde_json::from_slice(&answer.body);
        match said {
            Ok(said) if said.ok && answer.status.is_success() => Ok(said.result),
            Ok(said) => Err(Failed::Said(errors::trouble(answer.status, &said))),
            // A proxy speaks HTML.
            Err(_) if answer.status.is_success() => Err(Failed::Lost(Lost::Uncertain("an answer that is no JSON".into()))),
            Err(_) => Err(Failed::Said(errors::trouble(answer.status, &Said::default()))),
        }
    }
}

enum Failed {
    Lost(Lost),
    Said(Trouble),
}

impl Failed {
    fn sending(self) -> Trouble {
        match self {
            Failed::Lost(error) => lost::sending(error),
            Failed::Said(trouble) => trouble,
        }
    }
}
