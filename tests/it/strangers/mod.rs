//! Those whom nobody asked to call: scanners, guessers, and people who would have others pay for their calls.

mod fraud;
mod scanners;
