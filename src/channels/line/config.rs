//! `[channels.line]` of a channel of kind `line`: one Messaging API channel, which LINE users know as an official account.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One Messaging API channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSection {
    /// The channel secret, which signs callbacks: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub channel_secret: Spanned<Secret>,
    /// The long-lived channel access token. Default: none; then `channel_id` is needed.
    pub token: Option<Spanned<Secret>>,
    /// The channel's id: with it, short-lived tokens are fetched by the secret. Default: none.
    pub channel_id: Option<Name>,
    /// The provider's id: users have the same id on all of its channels. Default: the channel's name here.
    pub provider: Option<Name>,
    /// Where the Messaging API is. Default: `https://api.line.me`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Where files are. Default: `https://api-data.line.me`.
    #[serde(default = "data_url")]
    pub data_url: Name,
    /// Answers within this time of the customer's message are replies, which are free; later ones count. 0s to 60s; 0s: none. Default: 50s.
    #[serde(default = "reply_within")]
    pub reply_within: Spanned<Period>,
    /// Longest text of one message, 1 to 5000. Default: 5000.
    #[serde(default = "max_text")]
    pub max_text: Spanned<usize>,
    /// Largest file that is fetched, megabytes, 1 to 500. Default: 100.
    #[serde(default = "max_file_mb")]
    pub max_file_mb: Spanned<u32>,
}

fn base_url() -> Name {
    Name::new(0..0, "https://api.line.me".to_owned())
}

fn data_url() -> Name {
    Name::new(0..0, "https://api-data.line.me".to_owned())
}

fn reply_within() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(50))
}

fn max_text() -> Spanned<usize> {
    Spanned::new(0..0, 5_000)
}

fn max_file_mb() -> Spanned<u32> {
    Spanned::new(0..0, 100)
}
