//! Pages that visitors look at, and who is invited because of them, as the configuration says it.

use crate::config::value::{Name, Period};
use crate::desk::config::Texts;
use serde::Deserialize;
use toml::Spanned;

/// Pages of the site that visitors look at, where they agree.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitsSection {
    /// They are kept so long. Default: 30d.
    #[serde(default = "month")]
    pub keep: Spanned<Period>,
    /// What stands behind `?` in an address is kept too. Default: false.
    #[serde(default)]
    pub query: bool,
}

/// A reason to invite a visitor to a talk: all that is said of it must hold, and the queue must be open.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationSection {
    /// As figures name it.
    pub id: Name,
    /// On pages whose address fits any of these; `*` stands for anything, and `/lamps*` for the end of an address. Default: on every page.
    #[serde(default)]
    pub urls: Vec<Name>,
    /// So long on that page. Default: 30s.
    #[serde(default = "half_minute")]
    pub after: Period,
    /// With so much in the cart, as the site says it. Default: any.
    pub cart: Option<Spanned<f64>>,
    /// Who was there on so many days, today among them. Default: 1.
    #[serde(default = "once")]
    pub days: Spanned<u32>,
    /// Only while an agent of the queue is free. Default: true.
    #[serde(default = "yes")]
    pub available: bool,
    /// Nobody is shown it again before this long. Default: 7d.
    #[serde(default = "week")]
    pub every: Period,
    /// Who said no to any is left alone so long. Default: 30d.
    #[serde(default = "month")]
    pub dismissed: Spanned<Period>,
    /// What the visitor reads. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub text: Spanned<Texts>,
}

fn month() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(30 * 24 * 3_600))
}

fn week() -> Period {
    Period::from_secs(7 * 24 * 3_600)
}

fn half_minute() -> Period {
    Period::from_secs(30)
}

fn once() -> Spanned<u32> {
    Spanned::new(0..0, 1)
}

fn yes() -> bool {
    true
}
