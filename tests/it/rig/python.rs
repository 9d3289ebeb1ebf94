//! Peers that Python packages are: programs of other people's hands.

use super::Ended;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A Python that has this module. `None` (said aloud) where none has.
pub fn with(module: &str, package: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let found = [root.join("target/peers/bin/python3"), "python3".into(), "/usr/bin/python3".into()].into_iter().find(has);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{package} (PyPI) must be installed in CI");
        eprintln!("SKIPPED: {package} (PyPI) is not installed");
    }
    found
}

/// A script of `tests/it/rig/` that says what happens as JSON, a line each; ends with this.
pub struct Script {
    said: Arc<Mutex<Vec<Value>>>,
    _process: Ended,
}

impl Script {
    /// `None` (said aloud) where the module is not installed.
    pub fn start(script: &str, arguments: &[&str], module: &str, package: &str) -> Option<Script> {
        let python = with(module, package)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rig").join(script);
        let mut process = Ended(Command::new(python).arg(script).args(arguments).stdout(Stdio::piped()).spawn().expect("python starts"));
        let output = process.0.stdout.take().expect("its output");
        let said: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                kept.lock().expect("said").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Some(Script { said, _process: process })
    }

    /// Everything of this name that it has said.
    pub fn all(&self, what: &str) -> Vec<Value> {
        self.said.lock().expect("said").iter().filter_map(|value| value.get(what).cloned()).collect()
    }

    pub fn port(&self) -> Option<u64> {
        self.all("port").first().and_then(Value::as_u64)
    }
}
