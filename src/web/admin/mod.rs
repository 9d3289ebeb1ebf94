//! What administrators do: the configuration, who is signed in, and the certificate that browsers must trust.

pub mod ca;
pub mod config;
pub mod sessions;
pub mod trunks;
