//! `[channels.messenger]` of a channel of kind `messenger`: one page on Facebook.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One page, and the app that it has connected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessengerSection {
    /// The page's id.
    pub page_id: Name,
    /// The page's access token: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub token: Spanned<Secret>,
    /// The app's secret, which signs callbacks.
    pub app_secret: Spanned<Secret>,
    /// The word that the callback's form asks for ("Verify token"); yours to choose.
    pub verify_token: Spanned<Secret>,
    /// The app has the feature Human Agent: people may answer for 7 days instead of 24 hours. Default: false.
    #[serde(default)]
    pub human_agent: bool,
    /// The app requires `appsecret_proof`. Default: false.
    #[serde(default)]
    pub proof: bool,
    /// Where the Graph API is. Default: `https://graph.facebook.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Its version. Default: `v26.0`.
    #[serde(default = "version")]
    pub version: Name,
    /// Longest text of one message, characters, 1 to 2000. Default: 2000.
    #[serde(default = "max_text")]
    pub max_text: Spanned<usize>,
    /// Largest file, megabytes, 1 to 100. Default: 25.
    #[serde(default = "max_file_mb")]
    pub max_file_mb: Spanned<u32>,
}

fn base_url() -> Name {
    Name::new(0..0, "https://graph.facebook.com".to_owned())
}

fn version() -> Name {
    Name::new(0..0, "v26.0".to_owned())
}

fn max_text() -> Spanned<usize> {
    Spanned::new(0..0, 2_000)
}

fn max_file_mb() -> Spanned<u32> {
    Spanned::new(0..0, 25)
}
