//! `[[webhooks]]`: addresses of the firm's that are told what happens.

use super::event::Told;
use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// An address of the firm's that is told what happens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSection {
    /// By which pages and the log name it.
    pub id: Name,
    /// Where it is told; `https`, or `http` on this machine.
    pub url: Name,
    /// Signs what is sent: `whsec_` and base64, as Standard Webhooks has it.
    pub secret: Spanned<Secret>,
    /// What it is told: kinds of events, or all of a subject (`ticket.*`). Default: everything.
    #[serde(default)]
    pub events: Vec<Name>,
}

impl WebhookSection {
    /// Whether it is told this.
    pub fn takes(&self, told: &Told) -> bool {
        told.only.as_ref().map_or_else(|| self.wants(told.kind), |only| only == self.id.get_ref())
    }

    /// Whether it wants to hear of events of this kind.
    pub fn wants(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|wanted| fits(wanted.get_ref(), kind))
    }
}

/// `ticket.*` fits `ticket.opened`, as `*` and `ticket.opened` do.
pub fn fits(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(subject) => kind.starts_with(subject),
        None => wanted == kind,
    }
}
