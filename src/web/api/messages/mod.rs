//! Messages that a program has sent to customers.

mod send;
mod show;
mod status;

pub use send::{__path_send, send};
pub use show::{__path_show, show};
