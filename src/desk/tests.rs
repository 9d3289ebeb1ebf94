//! The desk is tested by scripts (`tests/scenarios/*.txt`) that state the complete outcome of each input, and by generated inputs
//! against what must hold always.

mod estimate;
mod flows;
mod opening;
mod print;
mod properties;
mod rules;
mod script;
mod sizes;
mod surveys;
mod table;
mod tickets;
mod world;

use std::path::Path;

/// Each script is replayed and written anew; it must come out as it stands. `UPDATE_EXPECT=1` accepts what came out.
#[test]
fn scenarios_come_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "txt"));
    files.sort();
    assert!(files.len() >= 25, "scenarios are missing: {} found", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let written = std::fs::read_to_string(&file).unwrap();
        let played = script::play(&file.display().to_string(), &written);
        if played != written {
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                std::fs::write(&file, &played).unwrap();
            } else {
                wrong.push(format!("{}\n{}", file.display(), first_difference(&written, &played)));
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_EXPECT=1 accepts these:\n{}", wrong.join("\n"));
}

fn first_difference(written: &str, played: &str) -> String {
    let pair = written.lines().zip(played.lines()).enumerate().find(|(_, (a, b))| a != b);
    match pair {
        Some((line, (a, b))) => format!("  line {}\n  - {a}\n  + {b}", line + 1),
        None => "  one is longer than the other".into(),
    }
}
