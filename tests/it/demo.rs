//! `hubline demo` as a newcomer starts it: one command, a page that it names, one click to sign in, a caller who is heard, customers at
//! every door; and nothing is left behind.

use crate::rig::browser::Browser;
use crate::rig::house::rows;
use crate::rig::served::program;
use crate::rig::wav::Recording;
use crate::rig::{Ended, PATIENCE, free_port, until, within};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// A microphone in a silent room: the callers wait for nobody's end.
const SILENCE: f64 = 0.0;
/// The first of each platform's customers writes within the first two minutes and a half, one after another.
const ALL_DOORS: Duration = Duration::from_secs(200);
/// How loud the page's sound is (root mean square of half a second, 1 is the loudest).
const LOUDNESS: &str = "const done = arguments[0], track = document.querySelector('#voice')?.srcObject?.getAudioTracks()[0];
    if (!track || track.readyState !== 'live') return done(0);
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader(), end = Date.now() + 2500;
    let energy = 0, count = 0, rate = 48000;
    (async () => {
        while (count < rate / 2 && Date.now() < end) {
            const { value } = await Promise.race([reader.read(), new Promise(resolve => setTimeout(resolve, 1000, {}))]);
            if (!value) break;
            rate = value.sampleRate;
            const plane = new Float32Array(value.numberOfFrames);
            value.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
            for (const s of plane) energy += s * s;
            count += plane.length;
            value.close();
        }
        reader.cancel().catch(() => {});
        done(count ? Math.sqrt(energy / count) : 0);
    })();";

struct Demo {
    url: String,
    process: Ended,
    /// Where the system keeps what is thrown away.
    folder: TempDir,
    began: u128,
}

impl Demo {
    async fn start(language: &str) -> Demo {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let log = std::fs::File::create(folder.path().join("log.txt")).expect("a log");
        let mut command = Command::new(program());
        command.args(["demo", "--lang", language, "--port", &port.to_string()]).env("TMPDIR", folder.path()).env_remove("HUBLINE_DATA");
        let mut process = Ended(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("hubline starts"));
        let said: Arc<Mutex<String>> = Arc::default();
        let (lines, heard) = (BufReader::new(process.0.stdout.take().expect("its words")), said.clone());
        std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(|line| *heard.lock().expect("words") += &line));
        let began = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_millis();
        let page = format!("http://localhost:{port}/demo");
        within(3 * PATIENCE, "the demo names its page", || said.lock().expect("words").contains(&page)).await;
        Demo { url: format!("http://127.0.0.1:{port}"), process, folder, began }
    }

    fn data(&self) -> PathBuf {
        self.left().pop().expect("the demo's folder").join("data")
    }

    /// What it has made of folders.
    fn left(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.folder.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
        all.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("hubline-demo"))).collect()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.data(), sql)
    }

    /// As by Ctrl-C: it ends well, has said no error, and throws its data away.
    async fn stop(mut self) {
        let pid = Pid::from_raw(self.process.0.id().cast_signed()).expect("a pid");
        kill_process(pid, Signal::INT).expect("a signal");
        let mut status = None;
        until("the demo stops", || {
            status = self.process.0.try_wait().expect("it ran");
            status.is_some()
        })
        .await;
        let log = std::fs::read_to_string(self.folder.path().join("log.txt")).expect("a log");
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{log}");
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
        assert_eq!(self.left(), Vec::<PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_and_the_first_caller_is_heard() {
    let Some(desk) = Browser::start(SILENCE).await else { return };
    let demo = Demo::start("zh-CN").await;
    desk.go(&format!("{}/demo", demo.url)).await;
    desk.click(".demop li:first-child button").await;
    desk.sees("#list").await;
    desk.click("#status").await;
    desk.click(".mestat [value=available]").await;
    desk.reads(".ringcard[data-call=true]", "林月明").await;
    desk.click(".ringcard[data-call=true] .accept").await;
    let (start, mut loudness) = (std::time::Instant::now(), 0.0);
    while loudness < 0.01 {
        assert!(start.elapsed() < PATIENCE, "the caller is not heard: {loudness}\n{}", desk.text().await);
        loudness = desk.wait_for(LOUDNESS, json!([])).await.as_f64().unwrap_or_default();
    }
    desk.click("#end").await;
    let file = format!("SELECT file FROM recording WHERE state = 'done' AND started_at > {}", demo.began);
    until("the call is recorded", || demo.rows(&file).len() == 1).await;
    let recording = Recording::read(&demo.data().join("recordings").join(demo.rows(&file).remove(0)));
    let loudest = |side: &[i16]| side.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default();
    assert!(loudest(&recording.left) > 2_000 && loudest(&recording.right) < 100, "the caller speaks, the agent is silent");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_come_by_every_door() {
    let demo = Demo::start("en").await;
    let doors = format!("SELECT DISTINCT channel FROM message WHERE kind = 'in' AND at > {} ORDER BY channel", demo.began);
    let all = ["douyin", "line", "mail", "messenger", "site", "telegram", "viber", "wechat", "wecom", "weibo", "whatsapp"];
    within(ALL_DOORS, "everybody has written", || demo.rows(&doors) == all).await;
    let calls = format!("SELECT count(*) > 0 FROM call WHERE started_at > {}", demo.began);
    assert_eq!(demo.rows(&calls), ["1"]);
    demo.stop().await;
}
