//! `[channels.email]`: one mailbox, its two servers, and how its letters are told apart.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use std::path::PathBuf;
use toml::Spanned;

/// One mailbox.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailSection {
    /// The address that letters come to and that answers come from.
    pub address: Name,
    /// The name beside the address. Default: none.
    pub name: Option<String>,
    /// Further addresses of the same mailbox; an answer comes from the one that was written to. Default: none.
    #[serde(default)]
    pub aliases: Vec<Name>,
    /// Who signs in at both servers. Default: the address.
    pub user: Option<Name>,
    /// The password: `{ env = "NAME" }`, `{ file = "PATH" }` or plain text. Many providers want one made for this purpose (an app password, 授权码).
    pub password: Option<Spanned<Secret>>,
    /// Instead of a password: OAuth 2.0, as Microsoft 365 and Google ask for.
    pub oauth: Option<OauthSection>,
    /// Where letters are fetched.
    pub imap: ServerSection,
    /// Where letters are sent.
    pub smtp: ServerSection,
    /// Folders that are read; waiting is on the first. Default: `["INBOX"]`.
    #[serde(default = "folders")]
    pub folders: Vec<Name>,
    /// The mailbox also gets what is sent to `address+anything@`: answers are told by it, and delivery reports come back to one. Default: false.
    #[serde(default)]
    pub plus: bool,
    /// The name under which your receiving server writes `Authentication-Results`; only it is believed about signatures. Default: nobody is.
    pub trusted: Option<Name>,
    /// How far back unread letters are fetched at the first start, and all where the server has counted its letters anew, days, 1 to 90.
    /// Default: 7.
    #[serde(default = "look_back_days")]
    pub look_back_days: Spanned<u32>,
    /// Of a longer letter only the beginning is fetched, MB, 1 to 100. Default: 30.
    #[serde(default = "most_mb")]
    pub most_mb: Spanned<u32>,
    /// Letters are marked as read at the server once they are kept here. Default: false.
    #[serde(default)]
    pub mark_seen: bool,
    /// Put below each answer of an agent's. Default: none.
    pub signature: Option<String>,
    /// Subject of letters that answer none. Default: the first words of the letter.
    pub subject: Option<String>,
}

impl EmailSection {
    /// By which it can write, the usual one first; each with the name beside it.
    pub fn addresses(&self) -> Vec<String> {
        let named = |address: &Name| match &self.name {
            Some(name) => format!("{} <{address}>", name.replace(['<', '>', '"'], "")),
            None => address.to_string(),
        };
        std::iter::once(&self.address).chain(&self.aliases).map(named).collect()
    }
}

/// A server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    /// Its name, which must stand in its certificate.
    pub host: Name,
    /// Default: that of the protocol and `security`: 993, 143; 465, 587.
    pub port: Option<Spanned<u16>>,
    /// `tls` from the first byte, `starttls` (never without), or `none`, for a server on this machine only. Default: `tls`.
    #[serde(default = "security")]
    pub security: Spanned<Security>,
    /// A PEM file with the authority that has signed its certificate. Default: those that this machine trusts.
    pub authority: Option<Spanned<PathBuf>>,
    /// Who signs in here, where it is not the same as at the other. Default: as above.
    pub user: Option<Name>,
    /// Likewise.
    pub password: Option<Spanned<Secret>>,
}

/// How a connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Tls,
    Starttls,
    None,
}

/// Access by tokens that are renewed (RFC 6749), used as XOAUTH2.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthSection {
    /// Where tokens are given, such as `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
    pub token_url: Name,
    pub client_id: Name,
    /// Default: none, as for public clients.
    pub client_secret: Option<Spanned<Secret>>,
    /// The token by which others are given. A provider that gives a new one each time needs `{ file = "PATH" }`, which is then replaced.
    /// Default: none: the client itself is let in (`client_credentials`).
    pub refresh_token: Option<Spanned<Secret>>,
    /// What is asked for. Default: what the provider has granted.
    pub scope: Option<Name>,
}

fn folders() -> Vec<Name> {
    vec![Spanned::new(0..0, "INBOX".to_owned())]
}

fn security() -> Spanned<Security> {
    Spanned::new(0..0, Security::Tls)
}

fn look_back_days() -> Spanned<u32> {
    Spanned::new(0..0, 7)
}

fn most_mb() -> Spanned<u32> {
    Spanned::new(0..0, 30)
}
