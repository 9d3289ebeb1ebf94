//! Platforms and a `hubline serve` of its own: `cargo bench --bench channels [hooks|letters|conversations]`. `HUBLINE_BIN` names another program
//! than the one just built.
//!
//! - `hooks`: signed messages of 256 customers over 64 connections: how many a second are on disk and acknowledged, how soon each, and when
//!   all of them are read.
//! - `letters`: 10,000 letters that wait in a mailbox.
//! - `conversations`: the first messages of 100,000 customers whom nobody serves: what the process has grown to.

#[allow(dead_code, reason = "the tests' rig; they need more of it")]
#[path = "../tests/it/rig/mod.rs"]
mod rig;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hubline::sim::generic::headers;
use hubline::sim::mail::{Manners, Sim, Trouble};
use hyper_util::rt::TokioIo;
use rig::served::Served;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONNECTIONS: usize = 64;
const MESSAGES: usize = 30_000;
const CUSTOMERS: usize = 256;
const CONVERSATIONS: usize = 100_000;
const LETTERS: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(600);
const PASSWORD: &str = "correct-horse-9";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if runs("hooks") {
        runtime.block_on(hooks("hooks", MESSAGES, CUSTOMERS))?;
    }
    if runs("letters") {
        runtime.block_on(letters())?;
    }
    if runs("conversations") {
        runtime.block_on(hooks("conversations", CONVERSATIONS, CONVERSATIONS))?;
    }
    Ok(())
}

fn business(channel: &str) -> String {
    format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nid = \"bench\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n{channel}[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n"
    )
}

/// So many messages of so many customers, as fast as they are acknowledged.
async fn hooks(name: &str, messages: usize, customers: usize) -> anyhow::Result<()> {
    let channel = format!("kind = \"http\"\n[channels.http]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{SECRET}\"\n");
    let mut house = Served::new(&business(&channel));
    house.start().await;
    let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let senders: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(send(house.web, next.clone(), messages, customers))).collect();
    let mut waits = Vec::new();
    for sender in senders {
        waits.extend(sender.await??);
    }
    let acknowledged = begun.elapsed();
    all_read(&house, messages).await?;
    let read = begun.elapsed();
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)].as_secs_f64() * 1e3;
    let rate = |took: Duration| messages as f64 / took.as_secs_f64();
    println!(
        "{name}: {messages} messages of {customers} customers: {:.0}/s acknowledged (p50 {:.1} ms, p99 {:.1} ms), {:.0}/s read by the desk; {} MB; load {}",
        rate(acknowledged),
        at(50),
        at(99),
        rate(read),
        resident(&house)? / 1_000_000,
        std::fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or_default()
    );
    house.stop().await;
    Ok(())
}

/// One connection that tells the next message as soon as the last one is acknowledged.
async fn send(to: SocketAddr, next: Arc<AtomicUsize>, messages: usize, customers: usize) -> anyhow::Result<Vec<Duration>> {
    let secret = BASE64.decode(SECRET.trim_start_matches("whsec_"))?;
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut waits = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= messages {
            return Ok(waits);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let from = n % customers;
        let event = serde_json::json!({
            "type": "message", "id": format!("m-{n}"), "from": { "id": format!("c-{from}"), "name": format!("Customer {from}") },
            "text": "Is the child seat compatible with the rear rack?", "at": u64::try_from(now.as_millis())?, "seq": n,
        });
        let body = Bytes::from(event.to_string());
        let begun = Instant::now();
        let mut request = http::Request::post("/hooks/bench").header("host", to.to_string()).header("content-type", "application/json");
        for (name, value) in headers(&secret, &format!("msg_{n}"), i64::try_from(now.as_secs())?, &body) {
            request = request.header(name, value);
        }
        let answer = sender.send_request(request.body(Full::new(body))?).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        anyhow::ensure!(status.is_success(), "message {n}: {status}");
        waits.push(begun.elapsed());
    }
}

async fn letters() -> anyhow::Result<()> {
    let sim = Sim::open("support@shop.example", PASSWORD, Manners::default(), Trouble::default()).await?;
    for n in 0..LETTERS {
        let letter = format!(
            "From: Customer <c{}@customer.example>\r\nTo: support@shop.example\r\nSubject: Order {n}\r\nMessage-ID: <l{n}@customer.example>\r\n\r\n\
             Where is my order {n}?\r\n\r\nKind regards,\r\nCustomer\r\n",
            n % CUSTOMERS
        );
        sim.customer_writes(letter.as_bytes());
    }
    let channel = format!(
        "kind = \"email\"\n[channels.email]\naddress = \"support@shop.example\"\npassword = \"{PASSWORD}\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n",
        sim.imap.port(),
        sim.smtp.port()
    );
    let mut house = Served::new(&business(&channel));
    let begun = Instant::now();
    house.start().await;
    all_read(&house, LETTERS).await?;
    let took = begun.elapsed();
    println!(
        "letters: {LETTERS} fetched and recorded in {:.1} s ({:.0}/s); {} MB",
        took.as_secs_f64(),
        LETTERS as f64 / took.as_secs_f64(),
        resident(&house)? / 1_000_000
    );
    house.stop().await;
    Ok(())
}

/// Until the desk has recorded so many messages.
async fn all_read(house: &Served, messages: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    let wanted = [messages.to_string()];
    while house.rows("SELECT count(*) FROM message WHERE kind = 'in'") != wanted {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "not all are read: {:?}", house.rows("SELECT count(*) FROM message"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Resident memory of the process, bytes.
fn resident(house: &Served) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", house.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1_024)
}
