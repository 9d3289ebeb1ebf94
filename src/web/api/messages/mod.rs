//! Messages that a program has sent to customers.

mod send;
mod show;
mod status;

pub use send::send;
pub use show::show;
