//! `[channels.instagram]` of a channel of kind `instagram`: one professional account.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// By what the app was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstagramLogin {
    /// By the page on Facebook that the account is linked to; the token is the page's.
    Page,
    /// By the account itself ("Instagram API with Instagram login"); the token lives 60 days and is renewed.
    Instagram,
}

impl InstagramLogin {
    pub fn as_str(self) -> &'static str {
        match self {
            InstagramLogin::Page => "page",
            InstagramLogin::Instagram => "instagram",
        }
    }
}

/// One account, and the app that it has connected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstagramSection {
    /// The professional account's id.
    pub account_id: Name,
    /// `page` or `instagram`. Default: `instagram`.
    #[serde(default = "login")]
    pub login: InstagramLogin,
    /// The access token: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub token: Spanned<Secret>,
    /// The app's secret (App settings → Basic), which signs callbacks.
    pub app_secret: Spanned<Secret>,
    /// The Instagram app's secret (Instagram → API setup), which signs those of some apps. Default: none.
    pub instagram_app_secret: Option<Spanned<Secret>>,
    /// The word that the callback's form asks for ("Verify token"); yours to choose.
    pub verify_token: Spanned<Secret>,
    /// The app has the feature Human Agent: people may answer for 7 days instead of 24 hours. Default: false.
    #[serde(default)]
    pub human_agent: bool,
    /// Where the API is. Default: `https://graph.instagram.com`, with `page` `https://graph.facebook.com`.
    pub base_url: Option<Name>,
    /// Its version. Default: `v26.0`.
    #[serde(default = "version")]
    pub version: Name,
    /// A token of `instagram` is renewed after this long, 1d to 59d. Default: 50d.
    #[serde(default = "renew_after")]
    pub renew_after: Spanned<Period>,
    /// Largest file that is fetched, megabytes, 1 to 100. Default: 25.
    #[serde(default = "max_file_mb")]
    pub max_file_mb: Spanned<u32>,
}

fn login() -> InstagramLogin {
    InstagramLogin::Instagram
}

fn version() -> Name {
    Name::new(0..0, "v26.0".to_owned())
}

fn renew_after() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(50 * 86_400))
}

fn max_file_mb() -> Spanned<u32> {
    Spanned::new(0..0, 25)
}
