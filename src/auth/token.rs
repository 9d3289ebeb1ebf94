//! Secrets that stand for somebody: 32 random bytes, shown once as hex, kept as their SHA-256 only. A copied database thus opens no
//! session; a plain hash is enough because there is nothing to guess in 256 random bits.

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

/// A fresh token: what goes into a cookie or a link, and what is kept.
pub fn fresh() -> Result<(String, [u8; 32]), TokenError> {
    let mut bytes = [0u8; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| TokenError)?;
    Ok((hex::encode(bytes), Sha256::digest(bytes).into()))
}

/// What is kept of a token; `None` when the text cannot be one.
pub fn hash(token: &str) -> Option<[u8; 32]> {
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(token, &mut bytes).ok()?;
    Some(Sha256::digest(bytes).into())
}

/// The system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct TokenError;
