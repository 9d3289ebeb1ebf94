//! A password or key, which the file names rather than holds: `{ env = "TRUNK_PASSWORD" }`, `{ file = "/run/secrets/trunk" }` or,
//! for trials, the plain text. It is read anew each time it is needed, so a rotated file needs no reload, and it never prints.

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a secret comes from.
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Env(String),
    File(PathBuf),
    Plain(SecretString),
}

/// Why a secret cannot be had; never holds the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the environment variable `{0}` is not set")]
    NoVariable(String),
    #[error("the file `{path}` cannot be read: {error}")]
    NoFile { path: PathBuf, error: std::io::Error },
    #[error("the secret is empty")]
    Empty,
}

impl Secret {
    /// The secret itself. A relative `file` is looked for beside the configuration, in `folder`; one line end at its end is dropped.
    pub fn reveal(&self, folder: &Path) -> Result<SecretString, SecretError> {
        let secret = match &self.0 {
            Source::Env(name) => SecretString::from(std::env::var(name).map_err(|_| SecretError::NoVariable(name.clone()))?),
            Source::File(path) => {
                let path = folder.join(path);
                let text = std::fs::read_to_string(&path).map_err(|error| SecretError::NoFile { path, error })?;
                SecretString::from(text.trim_end_matches(['\n', '\r']).to_owned())
            }
            Source::Plain(text) => text.clone(),
        };
        if secret.expose_secret().is_empty() {
            return Err(SecretError::Empty);
        }
        Ok(secret)
    }

    /// The file that holds it, where it is in one.
    pub fn file(&self, folder: &Path) -> Option<PathBuf> {
        match &self.0 {
            Source::File(path) => Some(folder.join(path)),
            Source::Env(_) | Source::Plain(_) => None,
        }
    }

    /// Whether the file itself holds the secret, which `check` warns of.
    pub fn is_plain(&self) -> bool {
        matches!(self.0, Source::Plain(_))
    }
}

/// Two secrets are equal when they come from the same place.
impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        match (&self.0, &other.0) {
            (Source::Env(a), Source::Env(b)) => a == b,
            (Source::File(a), Source::File(b)) => a == b,
            (Source::Plain(a), Source::Plain(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Env(name) => write!(f, "{{ env = {name:?} }}"),
            Source::File(path) => write!(f, "{{ file = {path:?} }}"),
            Source::Plain(_) => f.write_str("[REDACTED]"),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" }, { file = \"PATH\" } or a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret(Source::Plain(SecretString::from(text.to_owned()))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let source = match map.next_key::<String>()?.as_deref() {
            Some("env") => Source::Env(map.next_value()?),
            Some("file") => Source::File(map.next_value()?),
            Some(other) => return Err(A::Error::unknown_field(other, &["env", "file"])),
            None => return Err(A::Error::custom("a secret is { env = \"NAME\" }, { file = \"PATH\" } or a string")),
        };
        if map.next_key::<String>()?.is_some() {
            return Err(A::Error::custom("a secret comes from one place: either `env` or `file`"));
        }
        Ok(Secret(source))
    }
}
