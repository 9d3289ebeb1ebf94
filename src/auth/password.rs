//! Password hashes: argon2id (RFC 9106) with the crate's parameters (19 MiB, 2 passes), computed off the async threads and at most
//! two at a time, because each takes memory and a core that calls need too.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Longest password in bytes: what is longer costs time and gains nothing.
const LONGEST_PASSWORD: usize = 1_000;
const AT_ONCE: usize = 2;

/// Why a password cannot be set or checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has at least {shortest} characters")]
    TooShort { shortest: usize },
    #[error("a password has at most {LONGEST_PASSWORD} bytes")]
    TooLong,
    #[error("hashing failed: {0}")]
    Hash(String),
}

/// Hashes and checks, two at a time.
#[derive(Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    /// Checked in place of an unknown user's hash, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Hasher {
    pub fn new() -> Result<Hasher, PasswordError> {
        let decoy = hash("nobody has this password").map(Arc::from)?;
        Ok(Hasher { slots: Arc::new(Semaphore::new(AT_ONCE)), decoy })
    }

    /// A PHC string to keep. Errors: too short or too long.
    pub async fn hash(&self, password: &str, shortest: usize) -> Result<String, PasswordError> {
        if password.chars().count() < shortest {
            return Err(PasswordError::TooShort { shortest });
        }
        if password.len() > LONGEST_PASSWORD {
            return Err(PasswordError::TooLong);
        }
        let password = password.to_owned();
        self.run(move || hash(&password)).await?
    }

    /// Whether the password matches the kept hash. Without a hash it takes the same time and is false.
    pub async fn verify(&self, password: &str, kept: Option<String>) -> bool {
        if password.len() > LONGEST_PASSWORD {
            return false;
        }
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.decoy.to_string());
        let password = password.to_owned();
        let matches = self.run(move || verify(&password, &kept)).await.unwrap_or(false);
        matches && known
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let slot = self.slots.clone().acquire_owned().await.map_err(|e| PasswordError::Hash(e.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work()
        });
        done.await.map_err(|e| PasswordError::Hash(e.to_string()))
    }
}

fn hash(password: &str) -> Result<String, PasswordError> {
    Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(|e| PasswordError::Hash(e.to_string()))
}

fn verify(password: &str, kept: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}
