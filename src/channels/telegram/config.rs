//! `[channels.telegram]` of a channel of kind `telegram`: one bot.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One bot, as @BotFather made it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramSection {
    /// The bot's token, from @BotFather: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub token: Spanned<Secret>,
    /// Where the Bot API is: Telegram's own, a proxy's, or that of your own Bot API server. Default: `https://api.telegram.org`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// One request waits this long for something new, 1s to 50s. Default: 50s.
    #[serde(default = "poll_wait")]
    pub poll_wait: Spanned<Period>,
    /// Telegram calls us instead of being asked; needs an address that it reaches. Default: it is asked.
    pub webhook: Option<TelegramWebhook>,
    /// Your site vouches for its customers in links to the bot. Default: it does not.
    pub start: Option<TelegramStart>,
    /// Largest file that is fetched, megabytes, 1 to 2000; Telegram's own API gives 20 at most. Default: 20.
    #[serde(default = "max_download_mb")]
    pub max_download_mb: Spanned<u32>,
    /// Largest file that is sent, megabytes, 1 to 2000; Telegram's own API takes 50 at most. Default: 50.
    #[serde(default = "max_upload_mb")]
    pub max_upload_mb: Spanned<u32>,
}

/// How Telegram calls us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramWebhook {
    /// The public address of `/hooks/ID`, `https://` at port 443, 80, 88 or 8443.
    pub url: Name,
    /// Telegram repeats this word in each call: 1 to 256 of A-Z, a-z, 0-9, `_` and `-`.
    pub secret: Spanned<Secret>,
}

/// Links `https://t.me/BOT?start=PAYLOAD` that say who follows them: PAYLOAD is the account in base64url, followed by the first 16 bytes of
/// HMAC-SHA256 over the account, in base64url (22 characters).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramStart {
    /// The key of that HMAC: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// The channel of kind `webchat` whose signed-in customers those accounts are.
    pub channel: Name,
}

fn base_url() -> Name {
    Name::new(0..0, "https://api.telegram.org".to_owned())
}

fn poll_wait() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(50))
}

fn max_download_mb() -> Spanned<u32> {
    Spanned::new(0..0, 20)
}

fn max_upload_mb() -> Spanned<u32> {
    Spanned::new(0..0, 50)
}
