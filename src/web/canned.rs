//! Canned replies: texts that agents call up by `/shortcut`. Everyone reads them; supervisors write them.

mod delete;
mod list;
mod save;

pub use delete::delete;
pub use list::list;
pub use save::{create, update};
