//! What happened, for programs that ask instead of being told.

mod list;

pub use list::{__path_list, list};
