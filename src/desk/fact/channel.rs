//! Facts of channels.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelFact {
    /// It does not work: what customers write waits at the platform, what they are written waits here.
    Down {
        why: String,
    },
    /// Customers are told on the other channels.
    Announced,
    Up {
        lasted_ms: i64,
    },
}
