//! `[channels.viber]` of a channel of kind `viber`: one bot.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One bot. What it is called when it has no messages yet is set at Viber.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViberSection {
    /// The bot's token, which signs callbacks too: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub token: Spanned<Secret>,
    /// The name over our messages, 1 to 28 characters.
    pub sender: Name,
    /// Address of the picture beside them, at most 100 KB. Default: the bot's own.
    pub avatar: Option<Name>,
    /// Where the API is. Default: `https://chatapi.viber.com/pa`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Longest text of one message, 1 to 7000. Default: 7000.
    #[serde(default = "max_text")]
    pub max_text: Spanned<usize>,
    /// Largest file that is fetched, megabytes, 1 to 200. Default: 100.
    #[serde(default = "max_file_mb")]
    pub max_file_mb: Spanned<u32>,
}

fn base_url() -> Name {
    Name::new(0..0, "https://chatapi.viber.com/pa".to_owned())
}

fn max_text() -> Spanned<usize> {
    Spanned::new(0..0, 7_000)
}

fn max_file_mb() -> Spanned<u32> {
    Spanned::new(0..0, 100)
}
