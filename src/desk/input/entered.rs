//! Customers whom somebody of ours writes down before they come.

use crate::desk::person::Identity;
use serde::{Deserialize, Serialize};

/// One customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Empty: they are called by their first identity.
    pub name: String,
    /// At least one.
    pub identities: Vec<Identity>,
}
