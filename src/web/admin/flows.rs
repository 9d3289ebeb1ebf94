//! What callers and writers meet before a person: every flow with what leads to it, and each as a picture.

mod list;
mod picture;
mod show;

pub use list::list;
pub use picture::picture;
pub use show::show;
