//! What a program of the firm's tells of a customer.

use crate::desk::person::Who;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    pub who: Who,
    /// Small letters, digits, `.`, `_` and `-`: what rules wait for.
    pub name: String,
    pub values: BTreeMap<String, String>,
    /// The name of the program's token.
    pub by: String,
    /// The same key of the same program is the same event, and `digest` says whether it is.
    pub key: String,
    pub digest: String,
}
