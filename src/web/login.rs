//! Signing in.

mod enter;
mod language;
mod show;

pub use enter::{enter, explain};
pub use language::language;
pub use show::{LoginPage, Note, show};

/// Where to go after signing in: a path of our own, never another site (`//host`, `/\host` and control characters are such tricks).
pub fn local_path(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(|c| c.is_control());
    if own && !next.starts_with("/login") && !next.starts_with("/logout") { next } else { "/inbox" }
}
