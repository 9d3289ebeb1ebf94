//! Firefox: an agent's browser of another make, driven over its own remote protocol, Marionette (Debian has no WebDriver for it), with a tone
//! for a microphone.

use super::house::{House, PASSWORD};
use super::{Ended, PATIENCE, free_port, present};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The key as WebDriver writes it (W3C WebDriver §17.4.2).
const ENTER: char = '\u{E007}';

/// Keeps the page's connections, which it asks for their statistics all the time.
const KEEP: &str = "window.links ??= new Set();
    if (!RTCPeerConnection.prototype.kept) {
        const get = RTCPeerConnection.prototype.getStats;
        RTCPeerConnection.prototype.kept = true;
        RTCPeerConnection.prototype.getStats = function (...of) { links.add(this); return get.apply(this, of); };
    }";

/// The energy of all that was heard so far (W3C webrtc-stats, `totalAudioEnergy`), and whether it is played.
const HEARD: &str = "const [done] = arguments;
    (async () => {
        let energy = 0;
        for (const link of window.links ?? []) {
            for (const one of (await link.getStats()).values()) {
                if (one.type === 'inbound-rtp' && one.kind === 'audio') energy += one.totalAudioEnergy;
            }
        }
        done({ energy, playing: document.querySelector('#voice')?.paused === false });
    })();";

/// One browser with one page.
pub struct Firefox {
    wire: TcpStream,
    asked: u64,
    _process: Ended,
    _folder: TempDir,
}

impl Firefox {
    /// Starts a browser whose microphone hears this tone, and signs an agent in by typing name and password. `None` (said aloud) where there is none.
    pub async fn at_the_desk(house: &House, agent: &str, hz: f64) -> Option<Firefox> {
        if !present("firefox-esr", "firefox-esr") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        std::fs::write(folder.path().join("user.js"), preferences(port, hz)).expect("written");
        let process = start(folder.path());
        let wire = connect(SocketAddr::from(([127, 0, 0, 1], port))).await;
        let mut browser = Firefox { wire, asked: 0, _process: process, _folder: folder };
        // Whoever connects is greeted.
        browser.read().await;
        browser.command("WebDriver:NewSession", json!({})).await;
        browser.remembers(&format!("http://{}", house.web)).await;
        house.password(agent).await;
        browser.command("WebDriver:Navigate", json!({ "url": format!("http://{}/login", house.web) })).await;
        browser.types("input[name=name]", agent).await;
        browser.types("input[name=password]", &format!("{PASSWORD}{ENTER}")).await;
        browser.sees("#list").await;
        Some(browser)
    }

    /// The microphone is allowed to this site for good, as an agent answers once: then a loaded page sounds without a click, too.
    async fn remembers(&mut self, origin: &str) {
        let allow = "const site = Services.scriptSecurityManager.createContentPrincipalFromOrigin(arguments[0]);
            Services.perms.addFromPrincipal(site, 'microphone', Services.perms.ALLOW_ACTION)";
        self.command("Marionette:SetContext", json!({ "value": "chrome" })).await;
        self.command("WebDriver:ExecuteScript", json!({ "script": allow, "args": [origin] })).await;
        self.command("Marionette:SetContext", json!({ "value": "content" })).await;
    }

    /// Waits until something of this selector is on the page and visible.
    pub async fn sees(&mut self, css: &str) {
        let visible = "const el = document.querySelector(arguments[0]); return !!el && el.getClientRects().length > 0";
        let start = Instant::now();
        loop {
            // A page on its way has none.
            if self.script("WebDriver:ExecuteScript", visible, json!([css])).await == Ok(json!(true)) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "no {css} on the page");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks what a person would click: it must be visible and not covered.
    pub async fn clicks(&mut self, css: &str) {
        self.does("WebDriver:ElementClick", css, json!({})).await;
    }

    pub async fn types(&mut self, css: &str, text: &str) {
        self.does("WebDriver:ElementSendKeys", css, json!({ "text": text })).await;
    }

    pub async fn reloads(&mut self) {
        self.command("WebDriver:Refresh", json!({})).await;
    }

    /// Waits until a sound that comes from now on is received and played.
    pub async fn hears(&mut self) {
        let mut before = None;
        let start = Instant::now();
        loop {
            // A loaded page has new connections, and nobody who keeps them.
            let _ = self.script("WebDriver:ExecuteScript", KEEP, json!([])).await;
            let heard = self.script("WebDriver:ExecuteAsyncScript", HEARD, json!([])).await.unwrap_or_default();
            if let Some(energy) = heard["energy"].as_f64() {
                // A tone at a tenth of full scale has five thousandths a second.
                if before.is_some_and(|before| energy > before + 0.000_5) && heard["playing"] == json!(true) {
                    return;
                }
                before = before.filter(|before| *before <= energy).or(Some(energy));
            }
            assert!(start.elapsed() < PATIENCE, "Firefox hears nothing: {heard}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Does something to an element, as soon as it lets itself be done.
    async fn does(&mut self, name: &str, css: &str, mut how: Value) {
        let start = Instant::now();
        loop {
            let found = self.try_command("WebDriver:FindElement", json!({ "using": "css selector", "value": css })).await;
            let element = found.ok().and_then(|found| found["value"].as_object()?.values().next().cloned());
            let done = match element {
                Some(element) => {
                    how["id"] = element;
                    self.try_command(name, how.clone()).await.map(drop)
                }
                None => Err("not there".into()),
            };
            match done {
                Ok(()) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{name} {css}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn script(&mut self, name: &str, script: &str, arguments: Value) -> Result<Value, String> {
        // In the page itself, and not beside it.
        let answer = self.try_command(name, json!({ "script": script, "args": arguments, "sandbox": null })).await?;
        Ok(answer["value"].clone())
    }

    async fn command(&mut self, name: &str, parameters: Value) -> Value {
        self.try_command(name, parameters).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// `[0, id, name, parameters]`, answered by `[1, id, error, result]`; each with its length and a colon before it.
    async fn try_command(&mut self, name: &str, parameters: Value) -> Result<Value, String> {
        self.asked += 1;
        let text = json!([0, self.asked, name, parameters]).to_string();
        self.wire.write_all(format!("{}:{text}", text.len()).as_bytes()).await.map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(3 * PATIENCE, self.read()).await.map_err(|_| "no answer".to_owned())?;
        assert_eq!(answer[1], json!(self.asked), "answers come in order");
        if answer[2].is_null() { Ok(answer[3].clone()) } else { Err(answer[2]["message"].to_string()) }
    }

    async fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            match self.wire.read_u8().await.expect("Firefox speaks") {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut text = vec![0; length];
        self.wire.read_exact(&mut text).await.expect("Firefox speaks");
        serde_json::from_slice(&text).expect("JSON")
    }
}

fn preferences(port: u16, hz: f64) -> String {
    let preferences = [
        ("marionette.port", json!(port)),
        ("media.navigator.streams.fake", json!(true)),
        ("media.navigator.audio.fake_frequency", json!(hz as u32)),
        ("media.peerconnection.ice.loopback", json!(alone())),
        // Nothing leaves this machine.
        ("app.update.enabled", json!(false)),
        ("app.normandy.enabled", json!(false)),
        ("browser.safebrowsing.malware.enabled", json!(false)),
        ("browser.safebrowsing.phishing.enabled", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("extensions.update.enabled", json!(false)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        ("services.settings.server", json!("data:,")),
        ("toolkit.telemetry.enabled", json!(false)),
    ];
    preferences.iter().map(|(name, value)| format!("user_pref({}, {value});\n", json!(name))).collect()
}

/// Whether this machine has the loopback address and no other, which Firefox would not gather.
fn alone() -> bool {
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 9));
    std::net::UdpSocket::bind("0.0.0.0:0").expect("a socket").connect(elsewhere).is_err()
}

fn start(folder: &Path) -> Ended {
    let mut command = Command::new("firefox-esr");
    command
        .args(["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile"])
        .arg(folder)
        .env("HOME", folder);
    Ended(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("firefox-esr"))
}

async fn connect(address: SocketAddr) -> TcpStream {
    let start = Instant::now();
    loop {
        match TcpStream::connect(address).await {
            Ok(wire) => return wire,
            Err(error) => assert!(start.elapsed() < 3 * PATIENCE, "Firefox does not start: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
