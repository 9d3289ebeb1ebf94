//! Messages that a program has sent to customers.

pub(super) mod send;
mod show;
mod status;

pub use send::{__path_send, send};
pub use show::{__path_show, show};
