//! Messages: one folder per platform, each with the same two doors, `hear.rs` (platform → Input) and `act.rs` (Act → platform).
//!
//! *Invariant: a channel may be deleted by deleting its folder and its line here.*

pub mod config;
pub mod douyin;
pub mod kind;
pub mod platform;
pub mod post;
#[cfg(test)]
pub(crate) mod rehearsal;
pub mod sms;
pub mod token;
pub mod webchat;
pub mod wechat;
pub mod wecom;
pub mod weibo;

use config::{ChannelKind, ChannelSection};
use platform::Platform;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// From where a customer's request comes, as the web edge found it behind the proxies it trusts; put into each request of the public
/// routes by the wiring.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// What an account is opened with.
pub struct Opening<'a> {
    pub section: &'a ChannelSection,
    /// In which files of secrets are looked for.
    pub folder: &'a Path,
    pub client: crate::reach::Client,
    /// Where the platform calls us; `None` while we have no address.
    pub hook: Option<String>,
}

/// The platform of a channel; `None` for what is no platform: the chat window has wires of its own.
///
/// Errors: a secret or an address of the section is not there, in the words for the administrator.
pub fn open(opening: Opening<'_>) -> anyhow::Result<Option<Arc<dyn Platform>>> {
    match opening.section.kind {
        ChannelKind::Webchat | ChannelKind::Sms => Ok(None),
    }
}
