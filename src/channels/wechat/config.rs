//! `[channels.wechat]`: an official account (服务号, 订阅号) or, with `mini_program`, a mini-program's customer service.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// One official account or mini-program; the names in brackets are the console's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WechatSection {
    /// AppID (开发者ID).
    pub app_id: Name,
    /// AppSecret (开发者密码): `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// Token (令牌) of the server configuration (服务器配置), or of the message push of a mini-program (消息推送).
    pub token: Spanned<Secret>,
    /// EncodingAESKey (消息加解密密钥), 43 characters. With it only encrypted messages are taken. Default: they come in the clear.
    pub aes_key: Option<Spanned<Secret>>,
    /// The former EncodingAESKey while the console still uses it. Default: none.
    pub previous_aes_key: Option<Spanned<Secret>>,
    /// It is a mini-program (小程序). Default: an official account.
    #[serde(default)]
    pub mini_program: bool,
    /// A name for the Open Platform account (微信开放平台) that this account is bound to: customers of all accounts with the same name are
    /// known by their unionid. Default: none.
    #[serde(default)]
    pub open_account: String,
    /// What a customer says who taps a menu item, by its key; other taps are only noted. Default: none.
    #[serde(default)]
    pub clicks: BTreeMap<String, String>,
    /// Template messages (模板消息), for a mini-program subscription messages (订阅消息), by the name that agents know. Default: none.
    #[serde(default)]
    pub templates: BTreeMap<String, TemplateSection>,
    /// Where the platform is reached. Default: `https://api.weixin.qq.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Customers may be written to for this long after they wrote. Default: 48h.
    #[serde(default = "window")]
    pub window: Period,
    /// So often in this time, 1 to 100. Default: 5.
    #[serde(default = "messages")]
    pub window_messages: Spanned<u32>,
    /// Longest text of one message, bytes, 100 to 20000. Default: 2048.
    #[serde(default = "max_bytes")]
    pub max_bytes: Spanned<usize>,
}

/// One template of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSection {
    /// 模板ID.
    pub id: String,
    /// The names of its variables in order, without `{{` and `.DATA}}`, such as `thing1`.
    pub fields: Vec<String>,
    /// The page that it opens: an address, for a mini-program a path. Default: none.
    pub page: Option<String>,
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://api.weixin.qq.com".to_owned())
}

fn window() -> Period {
    Period::from_secs(48 * 3_600)
}

fn messages() -> Spanned<u32> {
    Spanned::new(0..0, 5)
}

fn max_bytes() -> Spanned<usize> {
    Spanned::new(0..0, 2_048)
}
