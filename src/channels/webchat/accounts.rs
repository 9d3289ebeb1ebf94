//! Visitors who are signed in at the firm's own site. The site says so by a JSON Web Token (RFC 7519) that it signs with a key it shares with us
//! (HS256, RFC 7518 §3.2): `sub` is the account, `name` what the customer is called, `exp` is a must. Whoever is vouched for is the same
//! visitor in every browser, and their account stands with their chats and calls.

use super::visitors::Visitor;
use crate::desk::id::{At, ChannelId};
use crate::desk::person::{Identity, Page, plain_name};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Longest token looked at, bytes.
const LONGEST: usize = 4_096;
/// Longest account, bytes, and longest name, characters.
const LONGEST_ACCOUNT: usize = 64;
const LONGEST_NAME: usize = 80;
/// Names remembered.
const NAMES: usize = 10_000;

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    name: Option<String>,
    /// Seconds since 1970.
    exp: i64,
}

/// What the customers who are signed in are called, as their site says.
#[derive(Default)]
pub(super) struct Accounts(Mutex<HashMap<Visitor, String>>);

impl Accounts {
    /// The visitor whom this token vouches for; `None` for anything that was not signed with this key, or is too old.
    pub(super) fn visitor(&self, channel: &ChannelId, key: &str, token: &str, now: At) -> Option<String> {
        let Claims { sub, name, .. } = opened(key, token, now)?;
        let identity = Identity { kind: "user".into(), namespace: channel.to_string(), value: sub };
        let visitor = Page::of(channel, &identity)?.visitor;
        let name = name.map(|name| plain_name(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
        if let Some(name) = name {
            let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if names.len() >= NAMES {
                // Each comes again with the next page.
                names.clear();
            }
            names.insert((channel.clone(), visitor.clone()), name);
        }
        Some(visitor)
    }

    pub(super) fn name(&self, visitor: &Visitor) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(visitor).cloned()
    }
}

fn opened(key: &str, token: &str, now: At) -> Option<Claims> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&BASE64.decode(header).ok()?).ok()?;
    // Only what we agreed on: never what a token says of itself.
    if header.alg != "HS256" {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&BASE64.decode(signature).ok()?).ok()?;
    let claims: Claims = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
    let account = !claims.sub.is_empty() && claims.sub.len() <= LONGEST_ACCOUNT && !claims.sub.chars().any(char::is_control);
    (account && now.0 < claims.exp.checked_mul(1_000)?).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a key that the shop and we share";

    fn token(header: &str, claims: &str, key: &str) -> String {
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_the_site_vouches_and_only_for_a_time() {
        let (accounts, shop) = (Accounts::default(), ChannelId::from("shop"));
        let visitor = |token: &str, at: i64| accounts.visitor(&shop, KEY, token, At(at));
        let (hs256, anna) = (r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"sub":"10023","name":"Anna Winter","exp":100}"#);
        let good = token(hs256, anna, KEY);
        let known = visitor(&good, 99_000).expect("vouched for");
        assert_eq!(Page { channel: shop.clone(), visitor: known.clone() }.identity().value, "10023");
        assert_eq!(accounts.name(&(shop.clone(), known)).as_deref(), Some("Anna Winter"));
        assert_eq!(visitor(&good, 100_000), None, "too old");
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode(anna));
        let long = format!(r#"{{"sub":"{}","exp":100}}"#, "1".repeat(65));
        for forged in [
            token(hs256, anna, "another key"),
            token(r#"{"alg":"HS512"}"#, anna, KEY),
            token(r#"{"alg":"none"}"#, anna, KEY),
            token(hs256, r#"{"sub":"10023"}"#, KEY),
            token(hs256, r#"{"sub":"","exp":100}"#, KEY),
            token(hs256, &long, KEY),
            unsigned,
            good.replace('.', ""),
            format!("{good}x"),
            String::new(),
        ] {
            assert_eq!(visitor(&forged, 0), None, "{forged}");
        }
    }
}
