//! `[crm]`: the firm's own system of customers and orders (docs/crm.md).

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// The firm's own system of customers and orders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrmSection {
    /// Asked about every customer who calls or writes. Default: nothing is asked.
    pub url: Option<Name>,
    /// Signs what is asked, and proves what the system tells by itself. Must be there with `url`.
    pub secret: Option<Spanned<Secret>>,
    /// An answer that takes longer is none, 100ms to 10s. Default: 2s.
    pub timeout: Spanned<Period>,
    /// A customer is not asked about again for so long. Default: 10m.
    pub cache: Period,
    /// Opens a customer there: `{record}`, `{phone}`, `{email}` and `{person}` are filled in. Default: what the system says.
    pub open: Option<Name>,
}

impl Default for CrmSection {
    fn default() -> Self {
        CrmSection { url: None, secret: None, timeout: Spanned::new(0..0, Period::from_secs(2)), cache: Period::from_secs(600), open: None }
    }
}
