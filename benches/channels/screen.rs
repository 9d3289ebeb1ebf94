//! Message in → on the agent's screen: 200 messages a second of 600 customers to 200 agents, each with a page open. Measured from the moment
//! in which the platform sends until the line has arrived on the socket of the page of whoever has the conversation.

use crate::hook::{Hook, SECRET};
use crate::rig::agent::sign_in;
use crate::rig::house::PASSWORD;
use crate::rig::http::request;
use crate::rig::served::Served;
use anyhow::Context;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const AGENTS: usize = 200;
/// Each agent's conversations.
const EACH: usize = 3;
const RATE: u32 = 200;
const LASTS: Duration = Duration::from_secs(20);
/// As many messages as may wait for their acknowledgement.
const CONNECTIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(120);
/// Stands before a message's number in its text.
const MARK: &str = "message no. ";

/// When each message was sent, until it has been seen on a page; and how long the others took.
#[derive(Default)]
struct Seen {
    sent: HashMap<usize, Instant>,
    waits: Vec<Duration>,
}

pub async fn run() -> anyhow::Result<()> {
    let agents: String = (0..AGENTS).map(|n| format!("[[agents]]\nid = \"a{n}\"\nqueues = [\"sales\"]\n")).collect();
    let mut house = Served::new(&format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nid = \"bench\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n\
         kind = \"http\"\n[channels.http]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{SECRET}\"\n{agents}"
    ));
    house.start().await;
    house.password("a0").await;
    // All have the same: setting each would take minutes.
    let database = rusqlite::Connection::open(house.data().join("hubline.db"))?;
    database.busy_timeout(PATIENCE)?;
    database.execute("UPDATE user SET password_hash = (SELECT password_hash FROM user WHERE id = 'a0')", [])?;
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let (taken, mut accepted) = mpsc::channel(AGENTS * EACH);
    for n in 0..AGENTS {
        let cookie = sign_in(house.web, &format!("a{n}"), PASSWORD).await;
        page(house.web, cookie, seen.clone(), taken.clone()).await?;
    }
    let mut hook = Hook::open(house.web).await?;
    let customers = AGENTS * EACH;
    for customer in 0..customers {
        hook.tell(customer, customer, "Hello").await?;
        // One after the other: a bell rings for one contact at a time.
        tokio::time::timeout(PATIENCE, accepted.recv()).await.with_context(|| format!("nobody takes customer {customer}"))?;
    }
    let (next, waiting) = tokio::sync::mpsc::channel::<usize>(4_096);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let mut senders = Vec::new();
    for _ in 0..CONNECTIONS {
        let (mut hook, waiting) = (Hook::open(house.web).await?, waiting.clone());
        senders.push(tokio::spawn(async move {
            loop {
                let Some(n) = waiting.lock().await.recv().await else { return anyhow::Ok(()) };
                hook.tell(n, n % customers, &format!("{MARK}{n}.")).await?;
            }
        }));
    }
    let mut pace = tokio::time::interval(Duration::from_secs(1) / RATE);
    let begun = Instant::now();
    let first = customers;
    let mut n = first;
    while begun.elapsed() < LASTS {
        pace.tick().await;
        seen.lock().expect("seen").sent.insert(n, Instant::now());
        next.send(n).await?;
        n += 1;
    }
    drop(next);
    for sender in senders {
        sender.await??;
    }
    let told = begun.elapsed();
    while !seen.lock().expect("seen").sent.is_empty() && begun.elapsed() < told + PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut seen = std::mem::take(&mut *seen.lock().expect("seen"));
    seen.waits.sort();
    let at = |share: usize| seen.waits[(seen.waits.len() * share / 100).min(seen.waits.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "screen: {} messages to {AGENTS} pages, {:.0}/s: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; {} never seen; load {}",
        n - first,
        (n - first) as f64 / told.as_secs_f64(),
        at(50),
        at(95),
        at(99),
        at(100),
        seen.sent.len(),
        std::fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or_default()
    );
    house.stop().await;
    Ok(())
}

/// An agent's page: takes what rings and looks for numbers of messages in what it is pushed.
async fn page(web: SocketAddr, cookie: String, seen: Arc<Mutex<Seen>>, taken: mpsc::Sender<()>) -> anyhow::Result<()> {
    let mut asked = format!("ws://{web}/live").into_client_request()?;
    asked.headers_mut().insert("origin", format!("http://{web}").parse()?);
    asked.headers_mut().insert("cookie", cookie.parse()?);
    let (mut socket, _) = tokio_tungstenite::client_async(asked, TcpStream::connect(web).await?).await?;
    post(web, &cookie, "/me/status", "status=available").await?;
    tokio::spawn(async move {
        while let Some(Ok(frame)) = socket.next().await {
            let Ok(text) = frame.to_text() else { continue };
            if text.contains("\"type\":\"ring\"") {
                let path = text
                    .split("data-post=\\\"")
                    .find_map(|rest| Some(rest.split_once("/accept\\\"")?.0))
                    .context("a button that accepts")?;
                post(web, &cookie, &format!("{path}/accept"), "").await?;
                taken.send(()).await?;
            } else if text.contains("\"type\":\"events\"") {
                let at = Instant::now();
                let mut seen = seen.lock().expect("seen");
                for number in text.split(MARK).skip(1).filter_map(|rest| rest.split_once('.')?.0.parse().ok()) {
                    if let Some(sent) = seen.sent.remove(&number) {
                        seen.waits.push(at - sent);
                    }
                }
            }
        }
        anyhow::Ok(())
    });
    Ok(())
}

async fn post(web: SocketAddr, cookie: &str, path: &str, form: &str) -> anyhow::Result<()> {
    let origin = format!("http://{web}");
    let headers =
        [("origin", origin.as_str()), ("cookie", cookie), ("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*")];
    let answer = request(web, "POST", path, &headers, form.to_owned()).await;
    anyhow::ensure!(answer.status < 300, "{path}: {} {}", answer.status, answer.text());
    Ok(())
}
