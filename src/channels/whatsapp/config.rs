//! `[channels.whatsapp]` of a channel of kind `whatsapp`: one number of the WhatsApp Cloud API.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One number, and the app that it has connected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatsappSection {
    /// The number's id ("Phone number ID"); not the number.
    pub phone_number_id: Name,
    /// The account's id ("WhatsApp Business Account ID"), which has the templates.
    pub business_account_id: Name,
    /// The business portfolio's id: customers' ids are the same on all of its numbers. Default: the number's id.
    pub portfolio_id: Option<Name>,
    /// The system user's access token: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub token: Spanned<Secret>,
    /// The app's secret, which signs callbacks.
    pub app_secret: Spanned<Secret>,
    /// The word that the callback's form asks for ("Verify token"); yours to choose.
    pub verify_token: Spanned<Secret>,
    /// The app requires `appsecret_proof`. Default: false.
    #[serde(default)]
    pub proof: bool,
    /// Where the Graph API is. Default: `https://graph.facebook.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Its version. Default: `v26.0`.
    #[serde(default = "version")]
    pub version: Name,
    /// Hours after a customer's message in which anything may be written, 1 to 168. Default: 24.
    #[serde(default = "window_hours")]
    pub window_hours: Spanned<u32>,
    /// Largest document, megabytes, 1 to 100. Default: 100.
    #[serde(default = "max_file_mb")]
    pub max_file_mb: Spanned<u32>,
}

fn base_url() -> Name {
    Name::new(0..0, "https://graph.facebook.com".to_owned())
}

fn version() -> Name {
    Name::new(0..0, "v26.0".to_owned())
}

fn window_hours() -> Spanned<u32> {
    Spanned::new(0..0, 24)
}

fn max_file_mb() -> Spanned<u32> {
    Spanned::new(0..0, 100)
}
