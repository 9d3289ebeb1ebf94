//! What WhatsApp, Messenger and Instagram have in common, because they are doors of one house: how a callback is proven (`door.rs`), how the
//! Graph API is asked (`graph.rs`) and refuses (`errors.rs`), and how Messenger and Instagram word their events (`messaging.rs`).

pub(super) mod door;
pub(super) mod errors;
pub(super) mod graph;
pub(super) mod messaging;
pub(super) mod pages;

#[cfg(test)]
mod tests;
