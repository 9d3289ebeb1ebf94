//! Calls: telephones and browsers that send tones and listen for each other's.

mod browser;
