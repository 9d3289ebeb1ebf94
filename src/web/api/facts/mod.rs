//! What programs tell of customers, for rules to wait for.

mod tell;

pub use tell::{__path_tell, tell};
