//! `/start PAYLOAD`: what the link said by which a customer came. Where the firm's site signs it, the customer is the one who is signed in there.

use crate::channels::proof;
use crate::desk::person::Identity;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::Mac;
use secrecy::{ExposeSecret, SecretString};

/// Characters of the signature: 16 bytes in base64.
const SIGNATURE: usize = 22;

/// By what the site's word is known.
pub(super) struct Start {
    pub secret: SecretString,
    /// The channel whose accounts are meant.
    pub channel: String,
}

impl Start {
    /// The account that this payload vouches for; `None` for any other.
    pub(super) fn account(&self, payload: &str) -> Option<Identity> {
        let (account, signature) = payload.split_at_checked(payload.len().checked_sub(SIGNATURE)?)?;
        let (account, signature) = (BASE64.decode(account).ok()?, BASE64.decode(signature).ok()?);
        let mac = proof::mac(self.secret.expose_secret().as_bytes(), &account)?;
        mac.verify_truncated_left(&signature).ok().filter(|()| signature.len() == 16)?;
        let value = String::from_utf8(account).ok().filter(|account| !account.is_empty() && !account.chars().any(char::is_control))?;
        Some(Identity { kind: "user".into(), namespace: self.channel.clone(), value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_site_says_who_comes() {
        let start = Start { secret: SecretString::from("of the shop".to_owned()), channel: "shop".into() };
        let payload = |account: &str, secret: &str| {
            let mac = proof::mac(secret.as_bytes(), account.as_bytes()).unwrap().finalize().into_bytes();
            format!("{}{}", BASE64.encode(account), BASE64.encode(&mac[..16]))
        };
        let good = payload("10023", "of the shop");
        assert!(good.len() <= 64, "Telegram takes no more");
        assert_eq!(start.account(&good).map(|identity| (identity.namespace, identity.value)), Some(("shop".into(), "10023".into())));
        for forged in ["", "summer-sale", &good[1..], &good[..good.len() - 1], &payload("10023", "another"), &payload("", "of the shop")] {
            assert_eq!(start.account(forged), None, "{forged}");
        }
        // A shorter signature that begins alike would be guessed sooner.
        let short = format!("{}{}", BASE64.encode("10023"), "A".repeat(21));
        assert_eq!(start.account(&short), None);
    }
}
