//! `[channels.aliyun]`: 阿里云短信服务 (Short Message Service), by the names of its console.

use crate::config::value::{Cidr, Name, Secret};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// One signature (短信签名) of an account. Only approved templates can be sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliyunSection {
    /// `AccessKey ID` of a RAM user with AliyunDysmsFullAccess.
    pub access_key: Name,
    /// `AccessKey Secret`: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// 签名名称 (SignName), as approved.
    pub sign: Name,
    /// 扩展码 (SmsUpExtendCode): the number that customers answer to. Default: none.
    pub extend_code: Option<Name>,
    /// Names of each template's variables, in the order in which agents fill them: `{ SMS_154950909 = ["code"] }`.
    #[serde(default)]
    pub templates: BTreeMap<Name, Vec<String>>,
    /// A secret word of yours: the addresses for SmsUp and SmsReport end with `?key=` and this.
    pub push_key: Spanned<Secret>,
    /// Pushes come from these networks alone. Default: from anywhere.
    #[serde(default)]
    pub from_addresses: Vec<Cidr>,
    /// Default: `https://dysmsapi.aliyuncs.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://dysmsapi.aliyuncs.com".into())
}
