//! smpplib as a message centre: another implementation of SMPP than ours reads what we write, and writes what we read.

use super::Ended;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A running message centre; ends with this.
pub struct Smpplib {
    said: Arc<Mutex<Vec<Value>>>,
    _process: Ended,
}

impl Smpplib {
    /// `None` (said aloud) where smpplib is not installed.
    pub fn start() -> Option<Smpplib> {
        let has = |python: &&str| {
            Command::new(python).args(["-c", "import smpplib"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        let Some(python) = ["target/peers/bin/python3", "python3", "/usr/bin/python3"].into_iter().find(has) else {
            assert!(std::env::var_os("CI").is_none(), "smpplib (PyPI) must be installed in CI");
            eprintln!("SKIPPED: smpplib (PyPI) is not installed");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rig/smpplib_centre.py");
        let mut process = Ended(Command::new(python).arg(script).stdout(Stdio::piped()).spawn().expect("python starts"));
        let output = process.0.stdout.take().expect("its output");
        let said: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                kept.lock().expect("said").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Some(Smpplib { said, _process: process })
    }

    /// Everything of this name that it has said.
    pub fn all(&self, what: &str) -> Vec<Value> {
        self.said.lock().expect("said").iter().filter_map(|value| value.get(what).cloned()).collect()
    }

    pub fn port(&self) -> Option<u64> {
        self.all("port").first().and_then(Value::as_u64)
    }
}
