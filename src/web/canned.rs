//! Canned replies: texts that agents call up by `/shortcut`. Everyone writes their own; those of the house are written by supervisors.

mod delete;
mod list;
mod save;

pub use delete::delete;
pub use list::{list, seen};
pub use save::{create, update};
