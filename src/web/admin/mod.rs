//! What administrators do: the configuration, who is signed in, which phones have registered, and the certificate that browsers must trust.

pub mod ca;
pub mod config;
pub mod flows;
pub mod phones;
pub mod sessions;
pub mod trunks;
