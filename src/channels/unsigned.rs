//! Platforms that sign nothing of what they tell us. They are believed by a secret in the address that they were told to call, and by where
//! they call from.

use super::form;
use super::platform::{HookRefused, HookRequest};
use crate::config::value::Cidr;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `?key=` of the address. It is compared in constant time, whatever its length.
pub fn is_believed(request: &HookRequest<'_>, key: &SecretString, from: &[Cidr]) -> Result<(), HookRefused> {
    let refused = |why| HookRefused { status: StatusCode::FORBIDDEN, why };
    if !from.is_empty() && !from.iter().any(|network| network.contains(request.from)) {
        return Err(refused("from an address that is not in `from_addresses`"));
    }
    let query = form::pairs(request.query.as_bytes(), 16).unwrap_or_default();
    let given = Sha256::digest(form::value(&query, "key").unwrap_or_default());
    let wanted = Sha256::digest(key.expose_secret());
    if bool::from(given.as_slice().ct_eq(wanted.as_slice())) { Ok(()) } else { Err(refused("the `key` of the address is wrong")) }
}

/// Refuses what is larger than any push of such a platform.
pub fn is_small(request: &HookRequest<'_>) -> Result<(), HookRefused> {
    const LARGEST: usize = 256 * 1024;
    if request.body.len() <= LARGEST {
        return Ok(());
    }
    Err(HookRefused { status: StatusCode::PAYLOAD_TOO_LARGE, why: "too large" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::id::At;
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    #[test]
    fn a_key_and_an_address_are_needed() {
        let key = SecretString::from("open sesame".to_owned());
        let networks: Vec<Cidr> = vec!["203.0.113.0/24".parse().expect("a network")];
        let try_with = |query: &str, from: &str, networks: &[Cidr]| {
            let (body, headers) = (Bytes::new(), HeaderMap::new());
            let from = from.parse().expect("an address");
            let request = HookRequest { method: &Method::POST, url: "", query, headers: &headers, body: &body, from, now: At(0) };
            is_believed(&request, &key, networks).map_err(|refused| refused.why)
        };
        assert_eq!(try_with("key=open%20sesame", "203.0.113.9", &networks), Ok(()));
        assert_eq!(try_with("key=open+sesame&x=1", "198.51.100.1", &[]), Ok(()), "no list: from anywhere");
        for wrong in ["", "key=", "key=open", "key=open%20sesame%20", "Key=open%20sesame", "k=open%20sesame"] {
            assert_eq!(try_with(wrong, "203.0.113.9", &networks), Err("the `key` of the address is wrong"), "{wrong}");
        }
        assert_eq!(try_with("key=open%20sesame", "198.51.100.1", &networks), Err("from an address that is not in `from_addresses`"));
    }
}
