//! Visitors who are signed in at the firm's own site. The site says so by a JSON Web Token (RFC 7519) that it signs with a key it shares with us
//! (HS256, RFC 7518 §3.2): `sub` is the account, `name` what the customer is called, `exp` is a must. Whoever is vouched for is the same
//! visitor in every browser, and their account stands with their chats and calls. Sites that make no tokens give the account and its HMAC
//! (`user`, `user_hash`), which vouches for the account alone.

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
    /// Of the account, as the site knows them: full, with `+`.
    phone: Option<String>,
    email: Option<String>,
    /// Seconds since 1970.
    exp: i64,
}

/// What the customers who are signed in are called, and by what else they are known, as their site says.
#[derive(Default)]
pub(super) struct Accounts(Mutex<HashMap<Visitor, Known>>);

#[derive(Clone, Default)]
struct Known {
    name: Option<String>,
    also: Vec<Identity>,
}

/// The site's word for who is signed in.
pub(super) enum Said {
    Token(String),
    /// The name comes from the page: nobody has signed it.
    Hash {
        user: String,
        hash: String,
        name: Option<String>,
    },
}

impl Accounts {
    /// The visitor whom the site vouches for; `None` for anything that was not signed with this key, or is too old.
    pub(super) fn visitor(&self, channel: &ChannelId, key: &str, said: &Said, now: At) -> Option<String> {
        let (account, name, also) = match said {
            Said::Token(token) => {
                let Claims { sub, name, phone: number, email: address, .. } = opened(key, token, now)?;
                let also = [number.as_deref().and_then(phone), address.as_deref().and_then(email)];
                (sub, name, also.into_iter().flatten().collect())
            }
            Said::Hash { user, hash, name } => (hashed(key, user, hash)?, name.clone(), Vec::new()),
        };
        let identity = Identity { kind: "user".into(), namespace: channel.to_string(), value: account };
        let visitor = Page::of(channel, &identity)?.visitor;
        let name = name.map(|name| plain_name(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= NAMES {
            // Each comes again with the next page.
            known.clear();
        }
        known.insert((channel.clone(), visitor.clone()), Known { name, also });
        Some(visitor)
    }

    pub(super) fn name(&self, visitor: &Visitor) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(visitor)?.name.clone()
    }

    /// By what else they are known, as the site has signed.
    pub(super) fn also(&self, visitor: &Visitor) -> Vec<Identity> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(visitor).map(|known| known.also.clone()).unwrap_or_default()
    }
}

/// A full telephone number (E.164: a plus and at most 15 digits).
pub(super) fn phone(number: &str) -> Option<Identity> {
    let number: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = number.strip_prefix('+')?;
    let good = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| Identity { kind: "phone".into(), namespace: String::new(), value: number })
}

pub(super) fn email(address: &str) -> Option<Identity> {
    let address = address.trim().to_lowercase();
    let parts = address.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'));
    let good = parts && address.len() <= 254 && !address.chars().any(|c| c.is_control() || c.is_whitespace());
    good.then(|| Identity { kind: "email".into(), namespace: String::new(), value: address })
}

/// The account, where this is its HMAC-SHA-256.
fn hashed(key: &str, user: &str, hash: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(user.as_bytes());
    mac.verify_slice(&hex::decode(hash).ok()?).ok()?;
    is_account(user).then(|| user.to_owned())
}

fn is_account(account: &str) -> bool {
    !account.is_empty() && account.len() <= LONGEST_ACCOUNT && !account.chars().any(char::is_control)
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
    (is_account(&claims.sub) && now.0 < claims.exp.checked_mul(1_000)?).then_some(claims)
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
        let visitor = |token: &str, at: i64| accounts.visitor(&shop, KEY, &Said::Token(token.to_owned()), At(at));
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

    #[test]
    fn a_hash_vouches_for_its_account_and_for_nothing_else() {
        let (accounts, shop) = (Accounts::default(), ChannelId::from("shop"));
        let hash = |user: &str, key: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
            mac.update(user.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        };
        let visitor = |user: &str, hash: String| {
            accounts.visitor(&shop, KEY, &Said::Hash { user: user.into(), hash, name: Some("Anna".into()) }, At(0))
        };
        let known = visitor("10023", hash("10023", KEY)).expect("vouched for");
        assert_eq!(Page { channel: shop.clone(), visitor: known.clone() }.identity().value, "10023");
        assert!(accounts.also(&(shop.clone(), known)).is_empty());
        for (user, hash) in
            [("10024", hash("10023", KEY)), ("10023", hash("10023", "another")), ("10023", String::new()), ("", hash("", KEY))]
        {
            assert_eq!(visitor(user, hash), None, "{user}");
        }
        // What the site has signed in a token is theirs.
        let claims = r#"{"sub":"7","exp":100,"phone":"+49 151 2345678","email":"Anna@Shop.example"}"#;
        let signed = token(r#"{"alg":"HS256"}"#, claims, KEY);
        let known = accounts.visitor(&shop, KEY, &Said::Token(signed), At(0)).unwrap();
        let also: Vec<_> = accounts.also(&(shop, known)).into_iter().map(|identity| identity.value).collect();
        assert_eq!(also, ["+491512345678", "anna@shop.example"]);
        assert_eq!((phone("0151 2345678"), email("anna"), email("a b@c.d")), (None, None, None));
    }
}
