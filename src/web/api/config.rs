//! `[api]`: programs of the firm's that ask us.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// Programs of the firm's that ask us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiSection {
    /// Requests of one token per second, 1 to 1000. Default: 20.
    pub rate: Spanned<u32>,
    /// Who may ask. Default: nobody.
    pub tokens: Vec<TokenSection>,
}

impl Default for ApiSection {
    fn default() -> Self {
        ApiSection { rate: Spanned::new(0..0, 20), tokens: Vec::new() }
    }
}

/// One program that asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSection {
    /// By which the log and the story name it.
    pub name: Name,
    /// What it sends as `Authorization: Bearer …`, 32 characters at least.
    pub secret: Spanned<Secret>,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send messages to customers, and ask what became of them.
    Messages,
    /// Read who the customers are.
    People,
    /// Read conversations, messages and calls.
    Contacts,
    /// Read tickets.
    Tickets,
    /// Open tickets for customers.
    OpenTickets,
    /// Read what customers were asked and what they said.
    Surveys,
    /// Read what happens, one event after the other.
    Events,
    /// Tell what happens to customers.
    Facts,
}

impl Scope {
    pub fn word(self) -> &'static str {
        match self {
            Scope::Messages => "messages",
            Scope::People => "people",
            Scope::Contacts => "contacts",
            Scope::Tickets => "tickets",
            Scope::OpenTickets => "open_tickets",
            Scope::Surveys => "surveys",
            Scope::Events => "events",
            Scope::Facts => "facts",
        }
    }
}
