//! The one-time page where somebody who was invited sets their password.

mod accept;
mod show;

pub use accept::accept;
pub use show::show;
