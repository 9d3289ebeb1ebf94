//! `[channels.douyin]`: private messages (私信) of a Douyin account. The platform grants them to few applications and admits no new ones; who has
//! the grant, configures it here.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One account that has authorised an application with the right to messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DouyinSection {
    /// Client Key (AppID) of the application.
    pub client_key: Name,
    /// Client Secret (AppSecret): `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub client_secret: Spanned<Secret>,
    /// The account's open_id for this application.
    pub open_id: Name,
    /// The account's refresh_token, good for 30 days and renewed where the platform allows it; read anew each time it is needed, so that a new
    /// one only has to be written.
    pub refresh_token: Spanned<Secret>,
    /// Where the platform is reached. Default: `https://open.douyin.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Customers may be written to for this long after they wrote; the platform's own limit depends on the grant. Default: 24h.
    #[serde(default = "window")]
    pub window: Period,
    /// Longest text of one message, characters, 10 to 2000. Default: 500.
    #[serde(default = "max_chars")]
    pub max_chars: Spanned<usize>,
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://open.douyin.com".to_owned())
}

fn window() -> Period {
    Period::from_secs(24 * 3_600)
}

fn max_chars() -> Spanned<usize> {
    Spanned::new(0..0, 500)
}
