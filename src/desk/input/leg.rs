//! The parties of a call, and how their legs were.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// Whose leg.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegParty {
    Customer,
    Agent(AgentId),
    /// The nth outside number that was brought into this call, from 1.
    Outside(u8),
}

/// Who began a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A customer called us.
    #[default]
    Inbound,
    /// We called a customer.
    Outbound,
    /// An agent called a colleague.
    Internal,
}

impl Direction {
    pub fn is_inbound(&self) -> bool {
        *self == Direction::Inbound
    }
}

/// Why a leg could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegFailure {
    Busy,
    Declined,
    NoAnswer,
    Unreachable,
    NoSuchNumber,
}

/// How one leg sounded; measured by the media plane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub packets: u64,
    /// Lost packets in percent of those expected.
    pub loss_percent: f32,
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
    /// Mean opinion score estimate, 1.0 to 4.5 (ITU-T G.107).
    pub mos: f32,
}
