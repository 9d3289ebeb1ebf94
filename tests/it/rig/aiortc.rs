//! aiortc as a customer's page: another implementation of WebRTC than a browser's. The signalling is the page's own: the chat's session, and the
//! offer posted to it.

use super::visitor::{Page, ask};
use super::{Ended, until};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

/// Debian's Python, where python3-aiortc is installed; another one in the path may not see it.
const PYTHON: &str = "/usr/bin/python3";

/// A visitor with their chat window's session, and their media connection.
pub struct Aiortc {
    pub window: Page,
    web: SocketAddr,
    process: Ended,
    input: Option<ChildStdin>,
    tones: Vec<f64>,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Aiortc {
    /// Opens the window `site` and prepares a connection that sends this tone and listens for those; `None` (said aloud) where aiortc is not
    /// installed.
    pub async fn visitor(web: SocketAddr, hz: f64, tones: &[f64]) -> Option<Aiortc> {
        let there = Command::new(PYTHON).args(["-c", "import aiortc"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !there {
            assert!(std::env::var_os("CI").is_none(), "aiortc (Debian: python3-aiortc) must be installed in CI");
            eprintln!("SKIPPED: aiortc (Debian: python3-aiortc) is not installed");
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rig/aiortc_page.py");
        let mut command = Command::new(PYTHON);
        command.arg(script).arg(hz.to_string()).args(tones.iter().map(f64::to_string));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Ended(command.spawn().expect("python starts"));
        let (input, output) = (process.0.stdin.take(), process.0.stdout.take().expect("its output"));
        let said: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                kept.lock().expect("said").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        let window = Page::open(web, None).await;
        Some(Aiortc { window, web, process, input, tones: tones.to_vec(), said })
    }

    fn last(&self, what: &str) -> Option<Value> {
        self.said.lock().expect("said").iter().rev().find_map(|value| value.get(what).cloned())
    }

    /// Calls, as the window's button does.
    pub async fn calls(&mut self) {
        until("aiortc makes an offer", || self.last("offer").is_some()).await;
        let origin = format!("http://{}", self.web);
        let offer = json!({ "sdp": self.last("offer") });
        let answer = ask(self.web, &origin, Some(&self.window.token), "POST", "call", offer).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let line = json!({ "answer": answer.json()["sdp"] }).to_string() + "\n";
        self.input.as_mut().expect("an open connection").write_all(line.as_bytes()).expect("told");
        until("aiortc is connected", || self.last("state") == Some(json!("connected"))).await;
    }

    /// The share of a tone in the last half second that was heard.
    pub fn share(&self, hz: f64) -> f64 {
        let n = self.tones.iter().position(|tone| *tone == hz).expect("a tone it listens for");
        self.last("shares").and_then(|shares| shares[n].as_f64()).unwrap_or_default()
    }

    pub async fn hears(&self, hz: f64) {
        until(&format!("aiortc hears {hz} Hz"), || self.share(hz) > 0.5).await;
    }

    /// The other side has said goodbye: there is nothing more to be heard.
    pub async fn is_let_go(&self) {
        until("aiortc is let go", || self.last("state") == Some(json!("ended"))).await;
    }

    /// Hangs up by the window's button.
    pub async fn hangs_up(&self) {
        self.window.sends(json!({ "type": "hang_up" })).await;
    }

    /// The page is closed: the connection with it.
    pub async fn close(mut self) {
        drop(self.input.take());
        until("aiortc ends", || self.process.0.try_wait().expect("python ran").is_some()).await;
        self.window.close().await;
    }
}
