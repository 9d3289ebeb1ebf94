//! A real browser: Chromium, driven over WebDriver, with a tone for a microphone and its received audio analysed. No autoplay flag: what
//! is heard is heard as an agent would hear it.

use super::bad_line::BadLine;
use super::http::request;
use super::picture::FILMED;
use super::{CUSTOMER_HZ, Ended, OTHER_CUSTOMER_HZ, PATIENCE, house::House, present, wav};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// WebDriver's name for a reference to an element (W3C WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The browser takes a steady tone for noise and would suppress it: what it adds to a voice is switched off, the path is the same.
const RAW_MICROPHONE: &str = "if (navigator.mediaDevices) {
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices), raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    navigator.mediaDevices.getUserMedia = wish => get({ ...wish, audio: wish.audio && { ...wish.audio, ...raw } });
}";

/// What went wrong in the page's scripts, for a failed test.
const FAULTS: &str = "window.faults = [];
    addEventListener('error', e => faults.push(`${e.message} ${e.filename}:${e.lineno}`));
    addEventListener('unhandledrejection', e => faults.push(String(e.reason?.stack ?? e.reason)));";

/// Half a second of the received track, and the share of each tone in it (Goertzel).
const LISTEN: &str = "const [tones, done] = arguments, voice = document.querySelector('#voice') ?? (document.querySelector('#hubline-chat')?.shadowRoot ?? document).querySelector('audio');
    const track = voice?.srcObject?.getAudioTracks()[0];
    if (!track || track.readyState !== 'live') return done({ shares: tones.map(() => 0), playing: false });
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader(), samples = [], end = Date.now() + 2500;
    let rate = 48000;
    (async () => {
        while (samples.length < rate / 2 && Date.now() < end) {
            const late = new Promise(resolve => setTimeout(resolve, 1000, {}));
            const { value } = await Promise.race([reader.read(), late]);
            if (!value) break;
            rate = value.sampleRate;
            const plane = new Float32Array(value.numberOfFrames);
            value.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
            samples.push(...plane);
            value.close();
        }
        reader.cancel().catch(() => {});
        const energy = samples.reduce((sum, s) => sum + s * s, 0);
        const share = hz => {
            const turn = 2 * Math.cos(2 * Math.PI * hz / rate);
            let one = 0, two = 0;
            for (const s of samples) [one, two] = [s + turn * one - two, one];
            return energy / samples.length < 1e-6 ? 0 : Math.min(1, 2 * (one * one + two * two - turn * one * two) / (energy * samples.length));
        };
        done({ shares: samples.length ? tones.map(share) : tones.map(() => 0), playing: !voice.paused });
    })();";

/// The tones that a page listens for all the time.
const EAR_TONES: [f64; 2] = [CUSTOMER_HZ, OTHER_CUSTOMER_HZ];

/// Every 100 ms of what the page receives: when it came, the share of each tone, and whether it is played.
const EAR: &str = "(() => {
    const tones = TONES, ear = window.ear = [];
    const share = (samples, hz, rate) => {
        const energy = samples.reduce((sum, s) => sum + s * s, 0), turn = 2 * Math.cos(2 * Math.PI * hz / rate);
        let one = 0, two = 0;
        for (const s of samples) [one, two] = [s + turn * one - two, one];
        return energy / samples.length < 1e-6 ? 0 : Math.min(1, 2 * (one * one + two * two - turn * one * two) / (energy * samples.length));
    };
    const listen = async (track, voice) => {
        const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
        let samples = [];
        for (;;) {
            const { value, done } = await reader.read();
            if (done) return;
            const plane = new Float32Array(value.numberOfFrames), rate = value.sampleRate;
            value.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
            value.close();
            samples.push(...plane);
            if (samples.length < rate / 10) continue;
            ear.push([Date.now(), tones.map(hz => share(samples, hz, rate)), !voice.paused]);
            samples = [];
        }
    };
    let known = null;
    setInterval(() => {
        const voice = document.querySelector('#voice') ?? (document.querySelector('#hubline-chat')?.shadowRoot ?? document).querySelector('audio'), track = voice?.srcObject?.getAudioTracks()[0];
        if (track && track !== known && track.readyState === 'live') listen(known = track, voice);
    }, 20);
})()";

/// One browser with one page.
pub struct Browser {
    driver: SocketAddr,
    session: String,
    process: Ended,
    _folder: TempDir,
}

impl Browser {
    /// Starts a browser whose microphone hears this tone; `None` (said aloud) where there is none.
    pub async fn start(hz: f64) -> Option<Browser> {
        Browser::with(hz, None).await
    }

    /// The same with an authority installed, as a person would install it once.
    pub async fn trusting(hz: f64, authority: &Path) -> Option<Browser> {
        if !present("certutil", "libnss3-tools") {
            return None;
        }
        Browser::with(hz, Some(authority)).await
    }

    async fn with(hz: f64, authority: Option<&Path>) -> Option<Browser> {
        if !present("chromedriver", "chromium-driver") || !present("chromium", "chromium") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(authority) = authority {
            install(folder.path(), authority);
        }
        let microphone = folder.path().join("microphone.wav");
        wav::write_tone(&microphone, hz, 48_000, 10);
        let (process, port) = driver(folder.path());
        let driver = SocketAddr::from(([127, 0, 0, 1], port));
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            // Machines without any network still have loopback.
            "--allow-loopback-in-peer-connection".into(),
            "--use-fake-device-for-media-stream=fps=5".into(),
            "--use-fake-ui-for-media-stream".into(),
            format!("--use-file-for-fake-audio-capture={}", microphone.display()),
            format!("--user-data-dir={}", folder.path().join("profile").display()),
            "--window-size=1280,900".into(),
        ];
        let wish = json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": { "args": args, "binary": "/usr/bin/chromium" } } } });
        let started = tokio::time::timeout(3 * PATIENCE, request(driver, "POST", "/session", &[], wish.to_string()))
            .await
            .expect("chromium starts in time");
        let session = started.json()["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{}", started.text())).to_owned();
        let browser = Browser { driver, session, process, _folder: folder };
        for script in [FAULTS, RAW_MICROPHONE, FILMED, &EAR.replace("TONES", &format!("{EAR_TONES:?}"))] {
            browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        }
        Some(browser)
    }

    /// Starts a browser and signs an agent in, by typing name and password; the desk is open and the phone works.
    pub async fn at_the_desk(house: &House, agent: &str, hz: f64) -> Option<Browser> {
        let browser = Browser::start(hz).await?;
        house.password(agent).await;
        browser.signs_in(&format!("http://{}", house.web), agent).await;
        Some(browser)
    }

    /// Types name and password; the desk is open then.
    pub async fn signs_in(&self, house: &str, agent: &str) {
        self.go(&format!("{house}/login")).await;
        self.keys("input[name=name]", agent).await;
        self.keys("input[name=password]", &format!("{}\n", super::house::PASSWORD)).await;
        self.sees("#list").await;
    }

    pub async fn go(&self, url: &str) {
        self.try_go(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Whatever this browser's pages send to the house's media port, and get from there, goes over this line.
    pub async fn over(&self, line: &BadLine, media: SocketAddr) {
        let script = "const set = RTCPeerConnection.prototype.setRemoteDescription;
            RTCPeerConnection.prototype.setRemoteDescription = function (said) {
                return set.call(this, { type: said.type, sdp: said.sdp.replaceAll(' 127.0.0.1 MEDIA ', ' 127.0.0.1 LINE ') });
            }";
        let script = script.replace("MEDIA", &media.port().to_string()).replace("LINE", &line.address.port().to_string());
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Goes to an address that may not be reached; the error is the browser's.
    pub async fn try_go(&self, url: &str) -> Result<(), String> {
        self.try_command("url", json!({ "url": url })).await.map(drop)
    }

    /// All cookies of the page, with those that no script sees.
    pub async fn cookies(&self) -> Vec<Value> {
        let answer = self.cdp("Network.getCookies", json!({})).await;
        answer["cookies"].as_array().cloned().unwrap_or_default()
    }

    /// Tells the browser something that only its own tools may (Chrome DevTools Protocol).
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// The machine falls asleep: every process of the browser stands still.
    pub fn falls_asleep(&self) {
        self.signal_all(Signal::STOP);
    }

    pub fn wakes_up(&self) {
        self.signal_all(Signal::CONT);
    }

    /// The browser's processes are the driver's children and theirs; the driver itself goes on.
    fn signal_all(&self, signal: Signal) {
        let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
            .expect("processes")
            .flatten()
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
                // proc(5): after the name in brackets come the state and the parent.
                Some((pid, stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?))
            })
            .collect();
        let mut family = vec![self.process.0.id()];
        while let Some((child, _)) = parents.iter().find(|(pid, parent)| family.contains(parent) && !family.contains(pid)) {
            family.push(*child);
        }
        for pid in &family[1..] {
            // One may have ended in the meantime.
            let _ = kill_process(Pid::from_raw(pid.cast_signed()).expect("a pid"), signal);
        }
    }

    /// When the page was there (its load event), ms since 1970.
    pub async fn loaded(&self) -> i64 {
        let script =
            "const [page] = performance.getEntriesByType('navigation'); return Math.round(performance.timeOrigin + page.loadEventEnd)";
        self.run(script, json!([])).await.as_i64().expect("a time")
    }

    /// Waits until this tone is what the page receives and plays after this moment (ms since 1970); gives the moment it began, likewise.
    pub async fn hears_since(&self, hz: f64, moment: i64) -> i64 {
        let n = EAR_TONES.iter().position(|tone| *tone == hz).expect("a tone that the ear knows");
        let script = "const [n, since] = arguments; return ear.find(([at, shares, playing]) => at >= since && shares[n] > 0.5 && playing)?.[0] ?? null";
        let start = std::time::Instant::now();
        loop {
            if let Some(at) = self.try_run(script, json!([n, moment])).await.ok().and_then(|at| at.as_i64()) {
                return at;
            }
            if start.elapsed() >= PATIENCE {
                let look = "const voice = document.querySelector('#voice'), track = voice?.srcObject?.getAudioTracks()[0];
                    return [Date.now(), ear.length, ear.slice(-3), voice?.paused, track?.readyState, track?.muted, document.visibilityState]";
                panic!(
                    "the browser does not hear {hz} Hz again since {moment}: {:?}\n{}",
                    self.try_run(look, json!([])).await,
                    self.text().await
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn reload(&self) {
        self.command("refresh", json!({})).await;
    }

    /// Runs a script; `arguments` are its values, what it returns is the result.
    pub async fn run(&self, script: &str, arguments: Value) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": arguments })).await
    }

    /// Runs a script that calls its last argument with its result.
    pub async fn wait_for(&self, script: &str, arguments: Value) -> Value {
        self.command("execute/async", json!({ "script": script, "args": arguments })).await
    }

    /// Moves mouse or keys (W3C WebDriver §17.5).
    pub async fn actions(&self, sources: Value) {
        self.command("actions", json!({ "actions": sources })).await;
    }

    /// Clicks what a person would click: it must be visible and not covered.
    pub async fn click(&self, css: &str) {
        let start = std::time::Instant::now();
        loop {
            let answer = match self.find(css).await {
                Some(element) => self.try_command(&format!("element/{element}/click"), json!({})).await,
                None => Err("not there".into()),
            };
            match answer {
                Ok(_) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "click {css}: {error}\n{}", self.text().await),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks it if it is there and can be clicked.
    pub async fn tries_to_click(&self, css: &str) {
        if let Some(element) = self.find(css).await {
            // It may have gone in the meantime.
            let _ = self.try_command(&format!("element/{element}/click"), json!({})).await;
        }
    }

    /// A page of the house's own origin with the chat window on it, also after it was loaded again.
    pub async fn at_the_shop(&self, web: SocketAddr) {
        self.at_the_shop_as(web, "").await;
    }

    /// The same where the site says who is signed in.
    pub async fn at_the_shop_as(&self, web: SocketAddr, account: &str) {
        let show = "addEventListener('DOMContentLoaded', () => {
            if (location.pathname !== '/chat/widget.js') return;
            const window = document.createElement('script');
            window.src = '/chat/widget.js';
            window.dataset.channel = 'site';
            if ('ACCOUNT') window.dataset.account = 'ACCOUNT';
            document.body.append(window);
        })";
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": show.replace("ACCOUNT", account) })).await;
        self.go(&format!("http://{web}/chat/widget.js")).await;
        self.sees("#hubline-chat").await;
    }

    /// Clicks something in the chat window, as a person does.
    pub async fn click_inside(&self, css: &str) {
        let start = std::time::Instant::now();
        loop {
            let found = "return document.querySelector('#hubline-chat').shadowRoot.querySelector(arguments[0])";
            let found = self.try_run(found, json!([css])).await;
            let answer = match found.as_ref().ok().and_then(|found| found[ELEMENT].as_str()) {
                Some(element) => self.try_command(&format!("element/{element}/click"), json!({})).await.map(drop),
                None => Err("not there".to_owned()),
            };
            match answer {
                Ok(()) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "click {css}: {error}\n{}", self.inside().await),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks something in the chat window if it is there and can be clicked.
    pub async fn tries_to_click_inside(&self, css: &str) {
        let found = "return document.querySelector('#hubline-chat').shadowRoot.querySelector(arguments[0])";
        if let Ok(Value::Object(found)) = self.try_run(found, json!([css])).await
            && let Some(element) = found.get(ELEMENT).and_then(Value::as_str)
        {
            // It may have gone in the meantime.
            let _ = self.try_command(&format!("element/{element}/click"), json!({})).await;
        }
    }

    /// What the chat window shows.
    pub async fn inside(&self) -> String {
        let text = "return document.querySelector('#hubline-chat')?.shadowRoot.querySelector('.win').innerText ?? ''";
        self.try_run(text, json!([])).await.map_or_else(|error| error, |text| text.as_str().unwrap_or_default().to_owned())
    }

    /// Writes in the chat window, and sends it.
    pub async fn writes_inside(&self, text: &str) {
        let write = "const box = document.querySelector('#hubline-chat').shadowRoot.querySelector('textarea'); box.value = arguments[0]; box.dispatchEvent(new Event('input', { bubbles: true })); box.form.requestSubmit()";
        self.run(write, json!([text])).await;
    }

    /// Chooses a file in the chat window, which sends it.
    pub async fn picks_inside(&self, name: &str, bytes: &[u8]) {
        let pick = "const [name, bytes] = arguments, data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name));
            const picker = document.querySelector('#hubline-chat').shadowRoot.querySelector('input[type=file]');
            picker.files = data.files;
            picker.dispatchEvent(new Event('change'))";
        self.run(pick, json!([name, bytes])).await;
    }

    /// Waits until the chat window has such a thing.
    pub async fn has_inside(&self, css: &str) {
        let found = "return !!document.querySelector('#hubline-chat').shadowRoot.querySelector(arguments[0])";
        let start = std::time::Instant::now();
        while self.run(found, json!([css])).await != json!(true) {
            assert!(start.elapsed() < PATIENCE, "no {css} in the window:\n{}", self.inside().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the chat window shows this.
    pub async fn reads_inside(&self, text: &str) {
        let start = std::time::Instant::now();
        while !self.inside().await.contains(text) {
            assert!(start.elapsed() < PATIENCE, "no {text:?} in the window:\n{}", self.inside().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Types into a field.
    pub async fn keys(&self, css: &str, text: &str) {
        let start = std::time::Instant::now();
        loop {
            self.sees(css).await;
            let element = self.find(css).await.expect("just seen");
            match self.try_command(&format!("element/{element}/value"), json!({ "text": text })).await {
                Ok(_) => return,
                // What was drawn anew in between has been typed into by nobody.
                Err(error) if error.contains("stale element") => assert!(start.elapsed() < PATIENCE, "{css} does not stay: {error}"),
                Err(error) => panic!("{css}: {error}"),
            }
        }
    }

    /// Waits until something of this selector is on the page and visible.
    pub async fn sees(&self, css: &str) {
        let start = std::time::Instant::now();
        let visible = "const el = document.querySelector(arguments[0]); return !!el && el.getClientRects().length > 0";
        while self.try_run(visible, json!([css])).await != Ok(json!(true)) {
            assert!(start.elapsed() < PATIENCE, "no {css} on the page:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until nothing of this selector is left.
    pub async fn loses(&self, css: &str) {
        let start = std::time::Instant::now();
        while self.try_run("return !document.querySelector(arguments[0])", json!([css])).await != Ok(json!(true)) {
            assert!(start.elapsed() < PATIENCE, "{css} stays on the page");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until an element's text holds this.
    pub async fn reads(&self, css: &str, text: &str) {
        let start = std::time::Instant::now();
        let holds = "return [...document.querySelectorAll(arguments[0])].some(el => el.textContent.includes(arguments[1]))";
        while self.try_run(holds, json!([css, text])).await != Ok(json!(true)) {
            assert!(start.elapsed() < PATIENCE, "no {text:?} in {css}:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What stands on the page, for a failed test.
    pub async fn text(&self) -> String {
        let shown = "return [...(window.faults ?? []), document.body?.innerText ?? ''].join('\\n')";
        self.try_run(shown, json!([])).await.map_or_else(|error| error, |text| text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until this tone is what the page receives and plays.
    pub async fn hears(&self, hz: f64) {
        self.hears_at_least(&[hz], 0.5).await;
    }

    /// Waits until the page receives and plays all of these tones at once.
    pub async fn hears_all(&self, tones: &[f64]) {
        self.hears_at_least(tones, 0.15).await;
    }

    async fn hears_at_least(&self, tones: &[f64], share: f64) {
        let start = std::time::Instant::now();
        loop {
            let heard = self.try_command("execute/async", json!({ "script": LISTEN, "args": [tones] })).await.unwrap_or_default();
            let shares = heard["shares"].as_array().cloned().unwrap_or_default();
            let all = shares.len() == tones.len() && shares.iter().all(|of| of.as_f64().is_some_and(|of| of > share));
            if all && heard["playing"] == true {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "the browser does not hear {tones:?} Hz: {heard}\n{}", self.text().await);
        }
    }

    /// Waits until the floor shows that this agent can be offered calls.
    pub async fn can_be_called(&self, house: &House, agent: &str) {
        house.can_call(agent).await;
    }

    async fn find(&self, css: &str) -> Option<String> {
        let found = self.try_command("element", json!({ "using": "css selector", "value": css })).await.ok()?;
        Some(found[ELEMENT].as_str()?.to_owned())
    }

    async fn try_run(&self, script: &str, arguments: Value) -> Result<Value, String> {
        self.try_command("execute/sync", json!({ "script": script, "args": arguments })).await
    }

    async fn command(&self, command: &str, body: Value) -> Value {
        self.try_command(command, body).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn try_command(&self, command: &str, body: Value) -> Result<Value, String> {
        let path = format!("/session/{}/{command}", self.session);
        let answer = tokio::time::timeout(3 * PATIENCE, request(self.driver, "POST", &path, &[], body.to_string()))
            .await
            .map_err(|error| error.to_string())?;
        let value = answer.json()["value"].clone();
        if answer.status == 200 { Ok(value) } else { Err(value["message"].as_str().unwrap_or_default().to_owned()) }
    }
}

impl Drop for Browser {
    /// The driver ends its browser only when the session is ended; killed alone it would leave it behind.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(self.driver) else { return };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let ask = format!("DELETE /session/{} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.session, self.driver);
        if stream.write_all(ask.as_bytes()).is_ok() {
            let _ = stream.read(&mut [0; 512]);
        }
    }
}

/// Puts an authority into the certificate store that the browser looks into (NSS), under this home.
fn install(home: &Path, authority: &Path) {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).expect("a folder");
    let database = format!("sql:{}", store.display());
    let certutil = |args: &[&str]| {
        let ran = Command::new("certutil").args(["-d", &database]).args(args).output().expect("certutil runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    certutil(&["-N", "--empty-password"]);
    certutil(&["-A", "-n", "hubline", "-t", "C,,", "-i", authority.to_str().expect("a path")]);
}

/// A driver and its port. It chooses a port that is free in IPv4 and wants the same in IPv6, which somebody else may have: then it ends, and
/// another one chooses again.
fn driver(home: &Path) -> (Ended, u16) {
    for _ in 0..5 {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Ended(command.spawn().expect("chromedriver starts"));
        if let Some(port) = port_of(&mut process) {
            return (process, port);
        }
    }
    panic!("chromedriver found no port");
}

/// Which port a driver has chosen; none where it has ended.
fn port_of(process: &mut Ended) -> Option<u16> {
    let out = process.0.stdout.take().expect("its output");
    let mut lines = BufReader::new(out).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
    // What it says later is nobody's concern, but must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    port
}
