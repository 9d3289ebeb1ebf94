//! Messages: one folder per platform, each with the same two doors, `hear.rs` (platform → Input) and `act.rs` (Act → platform).
//!
//! *Invariant: a channel may be deleted by deleting its folder and its line here.*

pub mod config;
pub mod platform;
pub mod sms;
pub mod webchat;

use std::net::IpAddr;

/// From where a customer's request comes, as the web edge found it behind the proxies it trusts; put into each request of the public
/// routes by the wiring.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);
