//! Flows: what a caller or writer meets before a person. A flow is a graph of nodes (`flow.rs`), one file per kind of node; `machine.rs`
//! moves one contact through it. Everything a contact remembers in a flow is its `Run`, part of its row, so that a restored desk goes on
//! where the old one was.
//!
//! *Invariant: a node never acts; it says what is to be done (`Does`), and `desk/on/flows.rs` does it for calls and for text.*

mod ask;
mod customer;
mod flow;
mod gather;
mod hangup;
mod hours;
mod language;
mod lookup;
pub(super) mod machine;
mod menu;
mod message;
mod open_ticket;
mod outside;
mod play;
mod proof;
mod queue;
mod set;
mod spoken;
mod survey;
mod ticket_state;
mod words;

pub(in crate::desk) use ask::narrow;
pub use flow::{Flow, HoursOf, Label, Node, Target, Way};
pub use machine::{Found, Run};
pub use proof::{Fault, Place, prove};
pub use spoken::{digits, position, wait};
pub(crate) use words::variable;
pub use words::{Piece, Words};

/// Languages that prompts are spoken in, BCP 47.
pub const SPOKEN: [&str; 2] = ["en", "zh-CN"];
