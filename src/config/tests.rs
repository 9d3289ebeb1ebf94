//! The example file stands for the structs, a first day's file is short, mistakes are shown where they are, and names resolve.

mod catalog;
mod dial;
mod example;
mod flows;
mod forms;
mod fuzz;
mod mistakes;
mod overlays;
mod platforms;
mod rules;

use super::*;
use std::path::Path;

/// A file that has everything others refer to; tests add to it.
const BASE: &str = r#"
[[trunks]]
id = "provider"
server = "sip.example"
[[lines]]
number = "100"
queue = "sales"
[[queues]]
id = "sales"
[[queues]]
id = "support"
[[agents]]
id = "mara"
role = "admin"
queues = ["sales", "support"]
skills = { selling = 3 }
"#;

fn with(more: &str) -> String {
    format!("{BASE}{more}")
}

fn parse(text: &str) -> Result<Loaded, Report> {
    Config::parse(text, Path::new("hubline.toml"))
}

#[track_caller]
fn good(text: &str) -> Loaded {
    parse(text).unwrap_or_else(|report| panic!("{report}\n---\n{text}"))
}

#[track_caller]
fn report(text: &str) -> Report {
    match parse(text) {
        Ok(_) => panic!("this was taken:\n{text}"),
        Err(report) => report,
    }
}

/// A first day's file: under 30 lines, no warnings.
const FIRST_DAY: &str = r#"[site]
name = "Lakeside Cycles"
timezone = "Europe/Berlin"

[[trunks]]
id = "provider"
server = "sip.provider.example"

[[lines]]
number = "+4930123456"
queue = "sales"

[[queues]]
id = "sales"

[[agents]]
id = "mara"
role = "admin"
queues = ["sales"]

[[channels]]
kind = "webchat"
id = "website"
queue = "sales"
origins = ["https://shop.example"]
"#;

#[test]
fn a_first_day_needs_under_thirty_lines() {
    assert!(FIRST_DAY.lines().count() < 30);
    let loaded = good(FIRST_DAY);
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.catalog.lines.len(), 1);
    // Voicemail is the house's own.
    assert_eq!(loaded.catalog.channels.len(), 1 + 1);
}

#[test]
fn the_data_folder_is_beside_the_file() {
    let loaded = Config::parse(FIRST_DAY, Path::new("/etc/hubline/hubline.toml")).expect("good");
    assert_eq!(loaded.config.data(), Path::new("/etc/hubline/data"));
}

#[test]
fn a_file_that_is_not_there_is_a_report_too() {
    let report = Config::load(Path::new("/nowhere/hubline.toml")).expect_err("nothing there");
    assert!(report.plain().contains("cannot read /nowhere/hubline.toml"), "{report}");
    assert!(report.plain().contains("hubline init"), "{report}");
}
