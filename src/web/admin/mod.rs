//! What administrators do: the configuration, how channels are, who is signed in, which phones have registered, what programs are told, and the certificate that browsers must trust.

pub mod ca;
pub mod channels;
pub mod config;
pub mod flows;
pub mod phones;
pub mod sessions;
pub mod trunks;
pub mod webhooks;
