//! The door by which the WeChat family calls us (服务器配置, 接收消息服务器): greetings are answered, pushes are believed only when they are signed,
//! fresh, for us, and sealed where the account has a key. Shared by official accounts, mini-programs and WeCom; Weibo knocks in the same way.

use super::crypt::{AesKey, Sealed, is_signed};
use super::fields::Fields;
use crate::channels::platform::{HookRefused, HookRequest};
use crate::desk::id::At;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest, Sha1};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Platforms try three times within 15 s; what was signed longer ago, ms, is told again by somebody else. Clocks may differ by as much.
const FRESH_MS: i64 = 600_000;
/// What is more cannot be seconds since 1970: it would be the year 5138.
const LAST_SECOND: i64 = 100_000_000_000;
/// Largest push, bytes: a text of 2,048 bytes three times over, and room.
const LARGEST: usize = 256 * 1024;
/// Signatures of pushes in the clear that are remembered.
const REMEMBERED: usize = 4_096;

/// What the console was told.
#[derive(Debug)]
pub struct Door {
    token: SecretString,
    /// The current one, and the former while the console still uses it; none: pushes come in the clear.
    keys: Vec<AesKey>,
    /// The appid or corpid.
    receiver: String,
    seen: Mutex<VecDeque<([u8; 20], [u8; 20])>>,
}

/// A push that is believed.
#[derive(Debug, PartialEq)]
pub struct Push {
    pub fields: Fields,
    /// As it was sealed.
    pub bytes: Vec<u8>,
}

fn refused(why: &'static str) -> HookRefused {
    HookRefused { status: StatusCode::FORBIDDEN, why }
}

fn broken(why: &'static str) -> HookRefused {
    HookRefused { status: StatusCode::BAD_REQUEST, why }
}

impl Door {
    pub fn new(token: SecretString, keys: Vec<AesKey>, receiver: String) -> Door {
        Door { token, keys, receiver, seen: Mutex::default() }
    }

    /// A greeting in the clear: its `echostr` is the answer.
    pub fn greeting(&self, request: &HookRequest<'_>) -> Result<String, HookRefused> {
        let query = Query(request.query);
        self.is_fresh(query, request.now)?;
        let (timestamp, nonce) = query.signed()?;
        self.is_signed(&[&timestamp, &nonce], &query.required("signature")?)?;
        query.required("echostr")
    }

    /// A sealed greeting, as WeCom sends it: what is in its `echostr` is the answer.
    pub fn sealed_greeting(&self, request: &HookRequest<'_>) -> Result<Vec<u8>, HookRefused> {
        let query = Query(request.query);
        let echo = query.required("echostr")?;
        self.is_fresh(query, request.now)?;
        let (timestamp, nonce) = query.signed()?;
        self.is_signed(&[&timestamp, &nonce, &echo], &query.required("msg_signature")?)?;
        self.open(&echo)
    }

    /// A message or an event. Sealed ones may have their content beside the envelope, too (兼容模式): it is not looked at, nobody signed it.
    pub fn push(&self, request: &HookRequest<'_>) -> Result<Push, HookRefused> {
        if request.body.len() > LARGEST {
            return Err(HookRefused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "larger than any push" });
        }
        let query = Query(request.query);
        self.is_fresh(query, request.now)?;
        let (timestamp, nonce) = query.signed()?;
        if self.keys.is_empty() {
            if query.get("encrypt_type").is_some_and(|kind| kind == "aes") {
                return Err(refused("it is encrypted, and no EncodingAESKey is configured (aes_key)"));
            }
            let signature = query.required("signature")?;
            self.is_signed(&[&timestamp, &nonce], &signature)?;
            self.is_first(&signature, request.body)?;
            let fields = Fields::read(request.body).map_err(|malformed| broken(malformed.0))?;
            return Ok(Push { fields, bytes: request.body.to_vec() });
        }
        let Some(given) = query.get("msg_signature") else {
            return Err(refused("it is not encrypted, although an EncodingAESKey is configured"));
        };
        let outer = Fields::read(request.body).map_err(|malformed| broken(malformed.0))?;
        let envelope = outer.text("Encrypt").ok_or(refused("it is not encrypted, although an EncodingAESKey is configured"))?;
        self.is_signed(&[&timestamp, &nonce, &envelope], &given)?;
        let bytes = self.open(&envelope)?;
        let fields = Fields::read(&bytes).map_err(|malformed| broken(malformed.0))?;
        Ok(Push { fields, bytes })
    }

    fn is_signed(&self, parts: &[&str], given: &str) -> Result<(), HookRefused> {
        let mut all = vec![self.token.expose_secret()];
        all.extend(parts);
        if is_signed(&all, given) { Ok(()) } else { Err(refused("the signature is wrong: compare the Token of both sides")) }
    }

    fn is_fresh(&self, query: Query<'_>, now: At) -> Result<(), HookRefused> {
        let timestamp: i64 = query.required("timestamp")?.parse().map_err(|_| broken("its timestamp is no number"))?;
        // Weibo counts milliseconds.
        let at = if timestamp > LAST_SECOND { Some(timestamp) } else { timestamp.checked_mul(1_000) };
        let age = at.and_then(|at| now.0.checked_sub(at));
        match age {
            Some(age) if age.abs() <= FRESH_MS => Ok(()),
            _ => Err(refused("it was signed more than ten minutes ago or hence: told again, or a clock is wrong")),
        }
    }

    fn open(&self, envelope: &str) -> Result<Vec<u8>, HookRefused> {
        let mut why = Sealed::Key;
        for key in &self.keys {
            match key.open(envelope, &self.receiver) {
                Ok(opened) => return Ok(opened),
                // What the other key says is of more use than that this one is not it.
                Err(error) => why = if error == Sealed::Key { why } else { error },
            }
        }
        Err(refused(match why {
            Sealed::Text => "its envelope is not base64",
            Sealed::Cut => "its envelope is cut off",
            Sealed::Key => "its envelope was made with another EncodingAESKey",
            Sealed::Receiver => "its envelope is for another AppID or CorpID",
        }))
    }

    /// In the clear nothing ties the signature to the body: one that was overheard must not carry another.
    fn is_first(&self, signature: &str, body: &[u8]) -> Result<(), HookRefused> {
        let (signature, body) = (Sha1::digest(signature).into(), Sha1::digest(body).into());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.iter().find(|(known, _)| *known == signature) {
            Some((_, known)) if *known != body => return Err(refused("its signature has already come with another body")),
            Some(_) => return Ok(()),
            None => {}
        }
        if seen.len() >= REMEMBERED {
            seen.pop_front();
        }
        seen.push_back((signature, body));
        Ok(())
    }
}

/// The query as it came. `+` stays: in base64 it is a letter.
#[derive(Clone, Copy)]
pub struct Query<'a>(pub &'a str);

impl Query<'_> {
    pub fn get(self, name: &str) -> Option<String> {
        let value = self.0.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))?.1;
        let mut bytes = Vec::with_capacity(value.len());
        let mut rest = value.as_bytes();
        while let Some((&first, tail)) = rest.split_first() {
            rest = tail;
            match (first, tail) {
                (b'%', [high, low, after @ ..]) => {
                    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                    bytes.push(digit(*high)? * 16 + digit(*low)?);
                    rest = after;
                }
                (b'%', _) => return None,
                _ => bytes.push(first),
            }
        }
        String::from_utf8(bytes).ok()
    }

    fn required(self, name: &'static str) -> Result<String, HookRefused> {
        let missing = match name {
            "signature" => "it has no signature",
            "msg_signature" => "it has no msg_signature",
            "echostr" => "it has no echostr",
            "timestamp" => "it has no timestamp",
            _ => "something is missing in its query",
        };
        self.get(name).filter(|value| !value.is_empty()).ok_or(refused(missing))
    }

    fn signed(self) -> Result<(String, String), HookRefused> {
        Ok((self.required("timestamp")?, self.required("nonce")?))
    }
}

#[cfg(test)]
mod tests;
