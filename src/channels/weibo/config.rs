//! `[channels.weibo]`: private messages (私信) of a verified account, by the platform's fans service (粉丝服务平台).

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// One account; needs an application to which the platform grants messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeiboSection {
    /// App Secret of the application: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub app_secret: Spanned<Secret>,
    /// Access Token of the account for the application; good for about a year.
    pub access_token: Spanned<Secret>,
    /// What a customer says who taps a menu item, by its key; other taps are only noted. Default: none.
    #[serde(default)]
    pub clicks: BTreeMap<String, String>,
    /// Where messages are sent. Default: `https://m.api.weibo.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Where customers' names are asked for. Default: `https://api.weibo.com`.
    #[serde(default = "api_url")]
    pub api_url: Name,
    /// Where files are fetched. Default: `https://upload.api.weibo.com`.
    #[serde(default = "upload_url")]
    pub upload_url: Name,
    /// Customers may be written to for this long after they wrote. Default: 48h.
    #[serde(default = "window")]
    pub window: Period,
    /// Longest text of one message, characters, 10 to 2000; the platform wants fewer than 300. Default: 299.
    #[serde(default = "max_chars")]
    pub max_chars: Spanned<usize>,
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://m.api.weibo.com".to_owned())
}

fn api_url() -> Name {
    Spanned::new(0..0, "https://api.weibo.com".to_owned())
}

fn upload_url() -> Name {
    Spanned::new(0..0, "https://upload.api.weibo.com".to_owned())
}

fn window() -> Period {
    Period::from_secs(48 * 3_600)
}

fn max_chars() -> Spanned<usize> {
    Spanned::new(0..0, 299)
}
