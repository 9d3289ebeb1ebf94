//! TC3-HMAC-SHA256, Tencent Cloud's signatures: the key is derived from the secret for one day and one service.

use ring::hmac;
use sha2::{Digest, Sha256};

/// A POST to `/` to be signed.
pub(super) struct Request<'a> {
    pub service: &'a str,
    pub host: &'a str,
    /// Byte for byte as it is sent.
    pub content_type: &'a str,
    pub body: &'a [u8],
    /// Seconds since 1970 UTC.
    pub at: i64,
}

impl Request<'_> {
    /// The value of `Authorization`; `None`: no such day.
    pub(super) fn authorization(&self, id: &str, secret: &str) -> Option<String> {
        let date = jiff::Timestamp::from_second(self.at).ok()?.strftime("%Y-%m-%d").to_string();
        let scope = format!("{date}/{}/tc3_request", self.service);
        let said = format!("TC3-HMAC-SHA256\n{}\n{scope}\n{}", self.at, hash(self.canonical().as_bytes()));
        let key =
            [date.as_str(), self.service, "tc3_request"].iter().fold(format!("TC3{secret}").into_bytes(), |key, word| mac(&key, word));
        let signature = hex::encode(mac(&key, &said));
        Some(format!("TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"))
    }

    fn canonical(&self) -> String {
        let (content_type, host) = (self.content_type, self.host);
        format!("POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\ncontent-type;host\n{}", hash(self.body))
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Tencent's documentation.
    #[test]
    fn the_published_example_is_signed() {
        let request = Request {
            service: "cvm",
            host: "cvm.tencentcloudapi.com",
            content_type: "application/json; charset=utf-8",
            body: br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#,
            at: 1_551_113_065,
        };
        assert_eq!(hash(request.canonical().as_bytes()), "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031");
        let authorization = request.authorization("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
        assert_eq!(
            authorization.as_deref(),
            Some(
                "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
                 SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
            )
        );
    }
}
