//! `[store]`: where everything is kept.

use serde::Deserialize;
use std::path::PathBuf;

/// `[store]`: one folder with the database, recordings, files and certificates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// The data folder, beside the configuration unless the path is absolute. `HUBLINE_DATA` overrides it. Default: data.
    pub data: PathBuf,
}

impl Default for StoreSection {
    fn default() -> Self {
        StoreSection { data: PathBuf::from("data") }
    }
}
