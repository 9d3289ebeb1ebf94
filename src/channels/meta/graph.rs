//! Requests to the Graph API. The token goes in a header, never in an address.

use super::errors::{Said, common};
use crate::channels::platform::Trouble;
use crate::channels::{lost, proof};
use crate::reach::{Answer, Ask, Client, Lost, Part, multipart};
use bytes::Bytes;
use hmac::Mac;
use http::{Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// For a file of the largest size over a slow line.
const FILE_WITHIN: Duration = Duration::from_secs(180);

/// What a platform's own codes mean; `None`: what they mean on all of Meta's.
pub(in crate::channels) type Judge = fn(&Said) -> Option<Trouble>;

/// One account's door to the Graph API.
pub(in crate::channels) struct Graph {
    client: Client,
    /// With the version, without a slash at its end.
    base: String,
    token: RwLock<SecretString>,
    /// The app wants each request proven by its secret.
    proof: Option<SecretString>,
    judge: Judge,
}

impl Graph {
    pub(in crate::channels) fn new(
        client: Client,
        base: &str,
        version: &str,
        token: SecretString,
        proof: Option<SecretString>,
        judge: Judge,
    ) -> Graph {
        let base = format!("{}/{version}", base.trim_end_matches('/'));
        Graph { client, base, token: RwLock::new(token), proof, judge }
    }

    /// Asks from now on with this token.
    pub(in crate::channels) fn renew(&self, token: SecretString) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    pub(in crate::channels) fn token(&self) -> SecretString {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads something. `query` is percent-encoded already.
    pub(in crate::channels) async fn get(&self, path: &str, query: &str) -> Result<Value, Trouble> {
        let ask = self.bearing(Ask::get(self.address(path, query)?));
        self.taken(self.client.ask(ask).await, lost::asking)
    }

    /// Sends something that may be there already when the answer is lost.
    pub(in crate::channels) async fn send(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        let ask = self.bearing(Ask::post(self.address(path, "")?, "application/json", proof::json(body)));
        self.taken(self.client.ask(ask).await, lost::sending)
    }

    /// Sends a form with a file; `lost` says what it means when the answer is lost.
    pub(in crate::channels) async fn form(&self, path: &str, parts: &[Part<'_>], lost: fn(Lost) -> Trouble) -> Result<Value, Trouble> {
        let (content_type, body) = multipart(parts);
        let mut ask = self.bearing(Ask::post(self.address(path, "")?, "multipart/form-data", body)).within(FILE_WITHIN);
        let content_type = content_type.parse().map_err(|_| Trouble::Refused("a file cannot be written down".into()))?;
        ask.headers.insert(header::CONTENT_TYPE, content_type);
        self.taken(self.client.ask(ask).await, lost)
    }

    /// The bytes at an address of Meta's servers for files, which wants the token.
    pub(in crate::channels) async fn file(&self, url: &str, most: usize) -> Result<Bytes, Trouble> {
        let url: Uri = url.parse().map_err(|_| Trouble::Refused("the file has no address".into()))?;
        bytes(self.client.fetch(self.bearing(Ask::get(url)).within(FILE_WITHIN).most(most)).await)
    }

    /// The bytes at an address that an event named; it gets no token of ours.
    pub(in crate::channels) async fn open_file(&self, url: &str, most: usize) -> Result<Bytes, Trouble> {
        let url: Uri = url.parse().map_err(|_| Trouble::Refused("the file has no address".into()))?;
        bytes(self.client.fetch(Ask::get(url).within(FILE_WITHIN).most(most)).await)
    }

    /// Reads something at the server itself, beside its versions.
    pub(in crate::channels) async fn unversioned(&self, path: &str, query: &str) -> Result<Value, Trouble> {
        let base = self.base.rsplit_once('/').map_or(self.base.as_str(), |(base, _)| base);
        let url = format!("{base}/{path}?{query}").parse().map_err(|_| no_address())?;
        self.taken(self.client.ask(self.bearing(Ask::get(url))).await, lost::asking)
    }

    fn bearing(&self, ask: Ask) -> Ask {
        ask.header(header::AUTHORIZATION, &format!("Bearer {}", self.token().expose_secret()))
    }

    fn address(&self, path: &str, query: &str) -> Result<Uri, Trouble> {
        let proof =
            self.proof.as_ref().and_then(|secret| proof::mac(secret.expose_secret().as_bytes(), self.token().expose_secret().as_bytes()));
        let proof = proof.map(|mac| format!("appsecret_proof={}", hex::encode(mac.finalize().into_bytes())));
        let query: Vec<&str> = [Some(query).filter(|query| !query.is_empty()), proof.as_deref()].into_iter().flatten().collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{path}{mark}{}", self.base, query.join("&")).parse().map_err(|_| no_address())
    }

    fn taken(&self, answer: Result<Answer, Lost>, lost: fn(Lost) -> Trouble) -> Result<Value, Trouble> {
        let answer = answer.map_err(lost)?;
        if answer.status.is_success() {
            // Taken, but nobody knows under which name.
            return serde_json::from_slice(&answer.body).map_err(|_| lost(Lost::Uncertain("an answer that is no JSON".into())));
        }
        let said = Said::read(&answer.body);
        Err((self.judge)(&said).unwrap_or_else(|| common(answer.status, &said, answer.retry_after())))
    }
}

fn no_address() -> Trouble {
    Trouble::Down("base_url makes no address".into())
}

fn bytes(answer: Result<Answer, Lost>) -> Result<Bytes, Trouble> {
    let answer = answer.map_err(lost::asking)?;
    match answer.status.as_u16() {
        200 => Ok(answer.body),
        401 | 403 | 404 | 410 => Err(Trouble::Refused("the file is not there any more".into())),
        status => Err(Trouble::Retry(format!("status {status}"))),
    }
}

/// An id as part of a path: ids of Meta's are digits, and others would lead elsewhere.
pub(in crate::channels) fn id(text: &str) -> Result<&str, Trouble> {
    let plain = !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if plain && !text.starts_with('.') { Ok(text) } else { Err(Trouble::Refused("not an id of Meta's".into())) }
}
