//! The agent's desk: three panes (what waits and what is mine, one timeline of the person, who they are), the softphone bar above
//! them and the card that rings.

pub mod phrase;
pub mod render;
pub mod say;
pub mod view;
