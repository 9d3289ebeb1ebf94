//! The one integration binary: whole appliances on loopback, real telephones, real browsers, and the shape of the source itself.
//!
//! `rig/` is what the tests are made with; `calls/`, `messages/`, `restart.rs` and `torture.rs` drive a whole Hubline from outside and look
//! at what it told, showed and kept; `tidy.rs` reads the source. Traffic goes to loopback only.

mod calls;
mod messages;
mod restart;
mod rig;
mod tidy;
mod torture;
