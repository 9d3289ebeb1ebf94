//! What a user sets for themselves: language, look, sounds, password, and where they are signed in.

mod enter;
mod keys;
mod look;
mod password;
mod sessions;
mod show;
mod theme;

pub use enter::enter;
pub use keys::{choose_keys, keys};
pub use look::save;
pub use password::password;
pub use sessions::{end, end_others};
pub use show::{SignedIn, show};
pub use theme::theme;
