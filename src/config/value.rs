//! The kinds of value that sections are made of: periods, secrets, networks, port ranges. A leaf: it imports nothing of ours,
//! so every module may use it to describe its own section.

mod cidr;
mod period;
mod ports;
mod secret;
mod srtp;

pub use cidr::Cidr;
pub use period::Period;
pub use ports::PortRange;
pub use secret::{Secret, SecretError};
pub use srtp::Srtp;

/// A name in the file, with its place: ids and the references to them.
pub type Name = toml::Spanned<String>;

/// Reads a type that is written as one string, so that a mistake is reported at the string.
macro_rules! from_string {
    ($type:ty, $expecting:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
use from_string;

#[cfg(test)]
mod tests;
