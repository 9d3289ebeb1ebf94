//! The configuration page: the running file in an editor, what is wrong with it told as a compiler tells it, what a change means in
//! plain words, and Apply. A file with an error changes nothing.

mod apply;
mod check;
mod file;
mod finding;
mod show;

pub use apply::apply;
pub use check::check;
#[cfg(test)]
pub(in crate::web) use finding::mend;
pub use show::show;
