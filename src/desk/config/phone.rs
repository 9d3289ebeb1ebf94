//! `phone` of an agent or a group: an address that never changes, or a log-in.

use crate::config::value::{Name, Secret, Srtp};
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use std::fmt;
use toml::Spanned;

/// Where a desk phone is.
#[derive(Debug, Clone, PartialEq)]
pub enum PhoneSection {
    /// `"sip:user@host:port"`.
    At(String),
    /// It registers here.
    Login(PhoneLogin),
}

/// The log-in of a phone that registers here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneLogin {
    /// As set in the phone. Default: the agent's id.
    pub username: Option<Name>,
    /// As set in the phone: `{ env = "NAME" }`, `{ file = "PATH" }` or plain text.
    pub password: Spanned<Secret>,
    /// Encrypted audio: `off`, `accept` (when the phone offers it) or `required` (over TLS only, and never anything else). Default: `accept`.
    #[serde(default)]
    pub srtp: Srtp,
}

impl PhoneSection {
    /// With the number of a group's member in it.
    pub fn numbered(&self, number: &str) -> PhoneSection {
        match self {
            PhoneSection::At(address) => PhoneSection::At(address.replace("{n}", number)),
            PhoneSection::Login(login) => {
                let username = login.username.as_ref().map(|name| Spanned::new(name.span(), name.get_ref().replace("{n}", number)));
                PhoneSection::Login(PhoneLogin { username, ..login.clone() })
            }
        }
    }

    pub fn login(&self) -> Option<&PhoneLogin> {
        match self {
            PhoneSection::Login(login) => Some(login),
            PhoneSection::At(_) => None,
        }
    }
}

/// As shown in a difference; the password is not.
impl fmt::Display for PhoneSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhoneSection::At(address) => f.write_str(address),
            PhoneSection::Login(login) => {
                let username = login.username.as_ref().map_or("", |name| name.get_ref());
                write!(f, "{{ username = {username:?}, srtp = \"{}\" }}", login.srtp.as_str())
            }
        }
    }
}

impl<'de> Deserialize<'de> for PhoneSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PhoneSection, D::Error> {
        struct Phone;
        impl<'de> Visitor<'de> for Phone {
            type Value = PhoneSection;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"sip:user@host:port\" or { username = \"…\", password = { env = \"NAME\" } }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<PhoneSection, E> {
                Ok(PhoneSection::At(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PhoneSection, A::Error> {
                PhoneLogin::deserialize(MapAccessDeserializer::new(map)).map(PhoneSection::Login)
            }
        }
        deserializer.deserialize_any(Phone)
    }
}
