//! `[channels.tencent]`: 腾讯云短信 (Tencent Cloud SMS), by the names of its console.

use crate::config::value::{Cidr, Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One signature of an application. Only approved templates can be sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TencentSection {
    /// `SecretId`, beginning with AKID.
    pub secret_id: Name,
    /// `SecretKey`: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// `SDKAppID` of the application, beginning with 1400.
    pub app: Name,
    /// 签名内容 (SignName), as approved.
    pub sign: Name,
    /// 短信码号扩展号 (ExtendCode), as given by Tencent. Default: none.
    pub extend_code: Option<Name>,
    /// The numbers of the templates that agents may send; `hubline check --live` asks whether they are approved.
    #[serde(default)]
    pub templates: Vec<Name>,
    /// A secret word of yours: the callback addresses end with `?key=` and this.
    pub push_key: Spanned<Secret>,
    /// Callbacks come from these networks alone. Default: from anywhere.
    #[serde(default)]
    pub from_addresses: Vec<Cidr>,
    /// Default: `ap-guangzhou`.
    #[serde(default = "region")]
    pub region: Name,
    /// Default: `https://sms.tencentcloudapi.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
}

fn region() -> Name {
    Spanned::new(0..0, "ap-guangzhou".into())
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://sms.tencentcloudapi.com".into())
}
