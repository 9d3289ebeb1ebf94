//! Visitors' tokens: `v1.<visitor>.<issued>.<mac>`, signed by HMAC-SHA256 with the installation's secret. Nothing is stored for a visitor
//! who never writes.

use super::callers;
use crate::desk::id::{At, ChannelId, FileId};
use crate::desk::person::Page;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;

/// A visitor is known again for this long after their last visit, ms.
const VALID_MS: i64 = 180 * 24 * 3_600 * 1_000;
/// One who is signed in at the site is asked of the site again after this long, ms: who signs out there is not known here for ever.
const SIGNED_IN_MS: i64 = 12 * 3_600 * 1_000;
/// A file's address is good for this long, ms.
const FILE_MS: i64 = 24 * 3_600 * 1_000;

/// Signs and checks.
pub(super) struct Key([u8; 64]);

/// The system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub(super) struct NoRandom;

impl Key {
    pub(super) fn new(secret: [u8; 32]) -> Key {
        // HMAC fills a short key up to its block with zeros (RFC 2104 §2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        Key(block)
    }

    /// A new visitor: 16 random bytes as hex.
    pub(super) fn visitor() -> Result<String, NoRandom> {
        let mut bytes = [0; 16];
        SysRng.try_fill_bytes(&mut bytes).map_err(|_| NoRandom)?;
        Ok(hex::encode(bytes))
    }

    /// A token for this visitor in this window.
    pub(super) fn sign(&self, channel: &ChannelId, visitor: &str, now: At) -> String {
        let mac = BASE64.encode(self.mac(channel, visitor, now.0).finalize().into_bytes());
        format!("v1.{visitor}.{}.{mac}", now.0)
    }

    /// The visitor whose token this is; `None` for anything we did not sign for this window, or too long ago.
    pub(super) fn visitor_of(&self, channel: &ChannelId, token: &str, now: At) -> Option<String> {
        let mut parts = token.split('.');
        let (version, visitor, issued, mac) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != "v1" || parts.next().is_some() {
            return None;
        }
        let issued: i64 = issued.parse().ok()?;
        let mac = BASE64.decode(mac).ok()?;
        self.mac(channel, visitor, issued).verify_slice(&mac).ok()?;
        let page = Page { channel: channel.clone(), visitor: visitor.to_owned() };
        let valid = if page.is_signed_in() { SIGNED_IN_MS } else { VALID_MS };
        let good = callers::until(visitor).is_none_or(|until| now < until);
        (good && now.since(At(issued)) < valid).then_some(page.visitor)
    }

    /// What lets a page read one file for a day: `<until>.<mac>`. Pictures are fetched by the browser itself, which sends no token.
    pub(super) fn sign_file(&self, channel: &ChannelId, file: FileId, now: At) -> String {
        let until = now.after(FILE_MS).0;
        let mac = BASE64.encode(self.mac(channel, &format!("file {file}"), until).finalize().into_bytes());
        format!("{until}.{mac}")
    }

    /// Whether this signature opens the file now.
    pub(super) fn opens(&self, channel: &ChannelId, file: FileId, signature: &str, now: At) -> bool {
        let opened = || {
            let (until, mac) = signature.split_once('.')?;
            let until: i64 = until.parse().ok()?;
            self.mac(channel, &format!("file {file}"), until).verify_slice(&BASE64.decode(mac).ok()?).ok()?;
            Some(now < At(until))
        };
        opened().unwrap_or(false)
    }

    fn mac(&self, channel: &ChannelId, visitor: &str, issued: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        // Channel ids hold no zero byte, so no two triples share a text.
        for part in [channel.as_str(), "\0", visitor, "\0", &issued.to_string()] {
            mac.update(part.as_bytes());
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_window_and_time_only() {
        let (key, site) = (Key::new([7; 32]), ChannelId::from("site"));
        let token = key.sign(&site, "abc", At(1_000));
        assert_eq!(key.visitor_of(&site, &token, At(2_000)).as_deref(), Some("abc"));
        assert_eq!(key.visitor_of(&ChannelId::from("other"), &token, At(2_000)), None);
        assert_eq!(Key::new([8; 32]).visitor_of(&site, &token, At(2_000)), None);
        assert_eq!(key.visitor_of(&site, &token, At(1_000 + VALID_MS)), None);
        let by_link = key.sign(&site, "~7-5000-0a", At(1_000));
        assert_eq!(key.visitor_of(&site, &by_link, At(4_999)).as_deref(), Some("~7-5000-0a"));
        assert_eq!(key.visitor_of(&site, &by_link, At(5_000)), None, "as long as the link");
        let file = key.sign_file(&site, FileId(3), At(0));
        assert!(key.opens(&site, FileId(3), &file, At(1)));
        assert!(!key.opens(&site, FileId(4), &file, At(1)) && !key.opens(&site, FileId(3), &file, At(FILE_MS)));
        for forged in ["", "v1.abc.1000", &token.replace("abc", "abd"), &format!("{token}.x"), &token.replace("v1", "v2")] {
            assert_eq!(key.visitor_of(&site, forged, At(2_000)), None, "{forged}");
        }
    }
}
