//! ACS3-HMAC-SHA256, the third version of Aliyun's signatures: everything that a request says is hashed, the hash is signed.

use super::super::form;
use ring::hmac;
use sha2::{Digest, Sha256};

/// A request to be signed; `/` is its path.
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// Decoded.
    pub query: &'a [(&'a str, &'a str)],
    /// Names in small letters: `host`, `x-acs-…`, `content-type` if there is a body.
    pub headers: &'a [(&'a str, &'a str)],
}

/// Digest of the body, for `x-acs-content-sha256`.
pub(super) fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

impl Request<'_> {
    /// The value of `Authorization`. The key is the secret itself.
    pub(super) fn authorization(&self, access_key: &str, secret: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let signature = hex::encode(hmac::sign(&key, format!("ACS3-HMAC-SHA256\n{}", digest(self.canonical().as_bytes())).as_bytes()));
        format!("ACS3-HMAC-SHA256 Credential={access_key},SignedHeaders={},Signature={signature}", self.names())
    }

    fn canonical(&self) -> String {
        let mut query: Vec<String> = self.query.iter().map(|(k, v)| format!("{}={}", form::percent(k), form::percent(v))).collect();
        query.sort();
        let lines: String = self.sorted().iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let body = self.headers.iter().find(|(name, _)| *name == "x-acs-content-sha256").map_or("", |(_, digest)| digest);
        format!("{}\n/\n{}\n{lines}\n{}\n{body}", self.method, query.join("&"), self.names())
    }

    fn sorted(&self) -> Vec<(&str, &str)> {
        let mut headers = self.headers.to_vec();
        headers.sort_unstable();
        headers
    }

    fn names(&self) -> String {
        self.sorted().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Aliyun's documentation.
    #[test]
    fn the_published_example_is_signed() {
        let empty = digest(b"");
        let request = Request {
            method: "POST",
            query: &[("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")],
            headers: &[
                ("x-acs-version", "2014-05-26"),
                ("host", "ecs.cn-shanghai.aliyuncs.com"),
                ("x-acs-action", "RunInstances"),
                ("x-acs-content-sha256", &empty),
                ("x-acs-date", "2023-10-26T10:22:32Z"),
                ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ],
        };
        assert_eq!(digest(request.canonical().as_bytes()), "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259");
        let authorization = request.authorization("YourAccessKeyId", b"YourAccessKeySecret");
        assert!(authorization.ends_with(",Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"), "{authorization}");
    }
}
