//! `[site]` and `[log]`: who we are and what we tell the operator.

use super::value::Name;
use serde::Deserialize;
use toml::Spanned;

/// `[site]`: the firm.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SiteSection {
    /// The firm's name, on pages and in the chat window. Default: Hubline.
    pub name: String,
    /// Language of pages and prompts: `en` or `zh-CN`. Default: en.
    pub language: Name,
    /// IANA name of the time zone of hours and dates, such as `Europe/Berlin`. Default: UTC.
    pub timezone: Name,
}

impl Default for SiteSection {
    fn default() -> Self {
        SiteSection { name: "Hubline".into(), language: Spanned::new(0..0, "en".into()), timezone: Spanned::new(0..0, "UTC".into()) }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// `[log]`: what is written to standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// `error`, `warn`, `info`, `debug`: of Hubline's own lines, beside warnings of its libraries; or per module as `info,hubline::sip=debug`. `RUST_LOG` overrides it. Default: info.
    pub level: Name,
    /// `text` or `json`. Default: text.
    pub format: LogFormat,
}

impl Default for LogSection {
    fn default() -> Self {
        LogSection { level: Spanned::new(0..0, "info".into()), format: LogFormat::Text }
    }
}
