//! `X-Twilio-Signature`: HMAC-SHA1 with the account's token over the address that was called and everything that was posted to it.

use super::super::form;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Most parameters of a request.
pub(super) const MOST: usize = 500;

/// Whether Twilio has called `url` (scheme, host and query as it was told) with this body. Compared in constant time.
pub(super) fn is_signed(token: &[u8], url: &str, body: &[u8], signature: &str) -> bool {
    let Ok(given) = BASE64.decode(signature) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token);
    let digest = form::pairs(url.split_once('?').map_or("", |(_, query)| query).as_bytes(), MOST);
    let digest = digest.and_then(|query| form::value(&query, "bodySHA256").map(str::to_owned));
    let said = match digest {
        // Of a JSON body only its digest is signed, as part of the address.
        Some(digest) if bool::from(hex::encode(Sha256::digest(body)).as_bytes().ct_eq(digest.to_lowercase().as_bytes())) => String::new(),
        Some(_) => return false,
        None => match form::pairs(body, MOST) {
            Some(pairs) => joined(pairs),
            None => return false,
        },
    };
    // Proxies and Twilio do not agree whether a port that goes without saying is said.
    ports(url).iter().any(|url| hmac::verify(&key, format!("{url}{said}").as_bytes(), &given).is_ok())
}

/// All parameters, known to us or not, by their names' bytes; of one that comes twice each value once.
fn joined(mut pairs: Vec<(String, String)>) -> String {
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().map(|(name, value)| name + &value).collect()
}

/// The address as it is, without its default port, and with it.
fn ports(url: &str) -> Vec<String> {
    let mut ports = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return ports };
    let port = if scheme == "https" { ":443" } else { ":80" };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    ports.push(match host.strip_suffix(port) {
        Some(bare) => format!("{scheme}://{bare}{path}"),
        None => format!("{scheme}://{host}{port}{path}"),
    });
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const BODY: &[u8] = b"To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030";
    const SIGNATURE: &str = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";

    /// The example of Twilio's documentation.
    #[test]
    fn the_published_example_is_signed() {
        assert!(is_signed(b"12345", URL, BODY, SIGNATURE));
        assert!(is_signed(b"12345", &URL.replace(".com/", ".com:443/"), BODY, SIGNATURE), "a port that goes without saying");
        let with_port = "https://mycompany.com:443/myapp.php";
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345");
        let signed = BASE64.encode(hmac::sign(&key, with_port.as_bytes()));
        assert!(is_signed(b"12345", "https://mycompany.com/myapp.php", b"", &signed), "one that Twilio said and our proxy did not");
    }

    #[test]
    fn nothing_else_is() {
        let signed = |url: &str, body: &[u8], signature: &str| is_signed(b"12345", url, body, signature);
        assert!(!is_signed(b"12346", URL, BODY, SIGNATURE), "another token");
        assert!(!signed(&URL.replace("https", "http"), BODY, SIGNATURE));
        assert!(!signed(&URL.replace("mycompany", "yourcompany"), BODY, SIGNATURE));
        assert!(!signed(&URL.replace(".com", ".com:8443"), BODY, SIGNATURE));
        assert!(!signed("https://mycompany.com/myapp.php", BODY, SIGNATURE), "without its query");
        assert!(!signed(URL, &BODY[..BODY.len() - 1], SIGNATURE), "cut");
        assert!(!signed(URL, &[BODY, b"&Extra=1"].concat(), SIGNATURE), "one parameter more");
        assert!(!signed(URL, "a&".repeat(MOST + 1).as_bytes(), SIGNATURE), "oversized");
        for forged in ["", "=", "0/KCTR6DLpKmkAf8muzZqo1nDg==", "not base64!"] {
            assert!(!signed(URL, BODY, forged), "{forged}");
        }
    }

    #[test]
    fn of_json_the_digest_is_signed() {
        let url = format!("https://a.example/h?bodySHA256={}", hex::encode(Sha256::digest(b"{}")));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"t");
        let signature = BASE64.encode(hmac::sign(&key, url.as_bytes()));
        assert!(is_signed(b"t", &url, b"{}", &signature));
        assert!(!is_signed(b"t", &url, b"{ }", &signature));
    }
}
