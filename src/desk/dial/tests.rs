//! Numbers, ways out and toll fraud, in tables.

mod fraud;
mod numbers;
mod ways;
