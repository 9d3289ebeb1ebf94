//! Who may what: every address of the house, tried as everybody; what is written into every field, and drawn on every page; and what is too large.

mod everyone;
mod fields;
mod outside;
mod sizes;
mod table;
mod world;
