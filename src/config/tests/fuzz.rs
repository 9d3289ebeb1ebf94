//! Configurations by a slip of the hand: each is taken, or refused with a report that can be printed.

use crate::config::Config;
use crate::fuzz_tests::{Rounds, fuzz};
use std::path::Path;

#[test]
fn fuzz_toml_configurations() {
    let example = std::fs::read_to_string("config.example.toml").expect("the example");
    // Every key is there, most behind a comment sign.
    let uncommented: String =
        example.lines().map(|line| format!("{}\n", line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))).collect();
    let load = std::fs::read_to_string("benches/load.toml").expect("the load test's");
    let pieces = uncommented.split("\n\n").map(|piece| format!("[site]\nname = \"x\"\n{piece}\n").into_bytes());
    let seeds: Vec<Vec<u8>> = [example.clone(), load].into_iter().map(String::into_bytes).chain(pieces).collect();
    fuzz(Rounds::new("toml", 3_000, 2026), &seeds, |input, _| {
        let text = String::from_utf8_lossy(input);
        if let Err(report) = Config::parse(&text, Path::new("/nowhere/hubline.toml")) {
            assert!(!report.plain().is_empty());
        }
    });
}
