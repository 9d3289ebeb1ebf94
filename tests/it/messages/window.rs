//! The chat window's own wires in a storm: a page that says things twice, late and on lines that break, while the house is killed ten times.

use super::storm::{EACH, PNG, Pictures, Replies, Sea, has_file, line, storm};
use crate::rig::noise::Noise;
use bytes::Bytes;
use hubline::sim::visitor::Visitor;
use hubline::sim::web::ask;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

const AGAIN: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// What a page has been shown of the house: number and text of each message.
type Shown = Arc<Mutex<BTreeMap<u64, String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_window_weathers_the_storm() {
    let (wants, wanted) = mpsc::channel(EACH);
    let (shown, waiting): (Shown, _) = (Shown::default(), Mutex::new(Some(wanted)));
    let page = Mutex::new(None);
    let sea = Sea {
        kind: "webchat",
        section: String::new(),
        calls: Box::new(|hook| {
            let web: SocketAddr = hook.trim_start_matches("http://").split('/').next().expect("a host").parse().expect("an address");
            let wanted = waiting.lock().unwrap_or_else(PoisonError::into_inner).take().expect("told once");
            let running = tokio::spawn(visitor(web, wanted, shown.clone(), 51));
            *page.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
        }),
        writes: Box::new(|n| wants.try_send(n).expect("a page")),
        arrived: Box::new(|| shown.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        // What is said late is recorded late.
        order: "text",
    };
    storm(sea, 51).await;
    page.into_inner().unwrap_or_else(PoisonError::into_inner).expect("a page").abort();
}

/// A page that says again what it has not been told is on disk, by the same key.
async fn visitor(web: SocketAddr, mut wants: mpsc::Receiver<usize>, shown: Shown, seed: u64) {
    let mut noise = Noise::new(seed);
    let (mut token, mut unsaid) = (None::<String>, BTreeMap::<usize, Vec<u64>>::new());
    loop {
        let Ok(mut page) = Visitor::open(web, "storm", token.as_deref()).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        token = Some(page.token.clone());
        let mut again = tokio::time::interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let held = loop {
            tokio::select! {
                Some(n) = wants.recv() => {
                    unsaid.insert(n, Vec::new());
                    // A fifth is said late, behind what comes after it.
                    if noise.below(1_000) < 200 {
                        continue;
                    }
                    if say(web, &mut page, n, &mut unsaid).await.is_err() {
                        break false;
                    }
                    // A fifth is said twice, and a twentieth loses its line.
                    if noise.below(1_000) < 200 && say(web, &mut page, n, &mut unsaid).await.is_err() {
                        break false;
                    }
                    if noise.below(1_000) < 50 {
                        break true;
                    }
                }
                frame = page.recv() => match frame {
                    Some(frame) => hear(&frame, &mut unsaid, &shown),
                    None => break false,
                },
                _ = again.tick() => {
                    let rest: Vec<usize> = unsaid.keys().copied().collect();
                    for n in rest {
                        if say(web, &mut page, n, &mut unsaid).await.is_err() {
                            break;
                        }
                    }
                }
            }
        };
        if !held {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn say(web: SocketAddr, page: &mut Visitor, n: usize, unsaid: &mut BTreeMap<usize, Vec<u64>>) -> anyhow::Result<()> {
    let Some(files) = unsaid.get_mut(&n) else { return Ok(()) };
    if has_file(n) && files.is_empty() {
        let bearer = format!("Bearer {}", page.token);
        let origin = format!("http://{web}");
        let headers = [
            ("authorization", bearer),
            ("origin", origin),
            ("content-type", "application/octet-stream".to_owned()),
            ("x-file-name", "pump.png".to_owned()),
        ];
        // Too many at once, or nobody there: later.
        let Ok((200, answer)) = ask(http::Method::POST, &format!("http://{web}/chat/storm/files"), &headers, Bytes::from_static(PNG)).await
        else {
            return Ok(());
        };
        let answer: Value = serde_json::from_slice(&answer)?;
        files.extend(answer["file"]["id"].as_u64());
    }
    let message =
        json!({ "type": "message", "key": format!("storm-{n}"), "text": line(n), "files": files, "page": "https://shop.example/racks" });
    page.send(&message).await
}

fn hear(frame: &Value, unsaid: &mut BTreeMap<usize, Vec<u64>>, shown: &Shown) {
    let one = std::slice::from_ref(&frame["line"]);
    let lines = match frame["type"].as_str() {
        Some("recorded") => {
            let n = frame["key"].as_str().and_then(|key| key.strip_prefix("storm-")?.parse().ok());
            n.and_then(|n: usize| unsaid.remove(&n));
            return;
        }
        Some("welcome") => frame["history"].as_array().map(Vec::as_slice).unwrap_or_default(),
        Some("message") => one,
        _ => return,
    };
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    for line in lines.iter().filter(|line| line["from"] == "agent") {
        if let (Some(id), Some(text)) = (line["id"].as_u64(), line["text"].as_str()) {
            shown.insert(id, text.to_owned());
        }
    }
}
