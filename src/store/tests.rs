//! The store against a real file in a temporary folder.

mod statements;
