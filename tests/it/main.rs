//! The one integration binary: whole appliances on loopback, real telephones, real browsers, and the shape of the source itself.
//!
//! `rig/` is what the tests are made with; `calls/`, `messages/`, `demo.rs`, `doors.rs`, `restart.rs`, `strangers/` and `torture/` drive a
//! whole Hubline from outside and look at what it told, showed and kept; `tidy.rs` reads the source. Traffic goes to loopback only.

mod authority;
mod behind_nginx;
mod calls;
mod demo;
mod doors;
mod gates;
mod live_check;
mod messages;
mod restart;
mod rig;
mod shift;
mod strangers;
mod tidy;
mod torture;
