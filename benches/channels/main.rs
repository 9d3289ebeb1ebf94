//! Platforms and a `hubline serve` of its own: `cargo bench --bench channels [hooks|paced|flood|screen|letters|conversations]`. `HUBLINE_BIN` names
//! another program than the one just built.
//!
//! - `hooks`: signed messages of 256 customers over 64 connections: how many a second are on disk and acknowledged, how soon each, and when
//!   all of them are read.
//! - `paced`: the same at 5,000 a second, each due at its time: how late after it each is acknowledged.
//! - `flood`: as fast as they are acknowledged, beside 50 calls that talk: whether these lose a packet.
//! - `screen`: 200 messages a second to 200 agents with their pages open: how soon each stands on a page.
//! - `letters`: 10,000 letters that wait in a mailbox.
//! - `conversations`: the first messages of 100,000 customers whom nobody serves: what the process has grown to.

mod hook;
#[allow(dead_code, reason = "the tests' rig; they need more of it")]
#[path = "../../tests/it/rig/mod.rs"]
mod rig;
mod screen;
#[path = "../common/talk.rs"]
mod talk;

use anyhow::Context;
use hook::{Hook, SECRET};
use hubline::sim::mail::{Manners, Sim, Trouble};
use rig::served::Served;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use talk::{Audio, Call};

const CONNECTIONS: usize = 64;
const MESSAGES: usize = 30_000;
const CUSTOMERS: usize = 256;
/// A second.
const PACE: u32 = 5_000;
/// Calls that talk beside a flood.
const TALKING: usize = 50;
const CONVERSATIONS: usize = 100_000;
const LETTERS: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(600);
const PASSWORD: &str = "correct-horse-9";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if runs("hooks") {
        runtime.block_on(hooks("hooks", MESSAGES, CUSTOMERS, 0, None))?;
    }
    if runs("paced") {
        runtime.block_on(hooks("paced", MESSAGES, CUSTOMERS, 0, Some(PACE)))?;
    }
    if runs("flood") {
        runtime.block_on(hooks("flood", MESSAGES, CUSTOMERS, TALKING, None))?;
    }
    if runs("screen") {
        runtime.block_on(screen::run())?;
    }
    if runs("letters") {
        runtime.block_on(letters())?;
    }
    if runs("conversations") {
        runtime.block_on(hooks("conversations", CONVERSATIONS, CONVERSATIONS, 0, None))?;
    }
    Ok(())
}

fn business(channel: &str) -> String {
    format!(
        "[[lines]]\nnumber = \"echo\"\necho = true\n[[queues]]\nid = \"sales\"\n[[channels]]\nid = \"bench\"\nqueue = \"sales\"\n\
         private_networks = [\"127.0.0.0/8\"]\n{channel}[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n"
    )
}

/// Calls that are echoed, each with the audio of a telephone.
fn talking(house: &Served, audio: &Audio, calls: usize) -> anyhow::Result<Vec<Call>> {
    let call = |n| {
        let mut call = Call::new(house.sip, "echo", &format!("+4940{n:06}"), audio.address)?;
        call.invite()?;
        audio.talk(call.answered()?);
        Ok(call)
    };
    (0..calls).map(call).collect()
}

/// So many messages of so many customers, so many a second or as fast as they are acknowledged, beside so many calls.
async fn hooks(name: &str, messages: usize, customers: usize, calls: usize, pace: Option<u32>) -> anyhow::Result<()> {
    let channel = format!("kind = \"http\"\n[channels.http]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{SECRET}\"\n");
    let mut house = Served::with(|ports| {
        let text = rig::house::machine(ports, &business(&channel));
        text.replace(&format!("{}-{}", ports.rtp.0, ports.rtp.1), "20000-21999")
    });
    house.start().await;
    let audio = Audio::new()?;
    let mut calls = talking(&house, &audio, calls)?;
    let heard = (audio.spoken(), audio.heard());
    let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(send(house.web, next.clone(), messages, customers, pace.map(|pace| (begun, pace)))))
        .collect();
    let mut waits = Vec::new();
    for sender in senders {
        waits.extend(sender.await??);
    }
    let acknowledged = begun.elapsed();
    let heard = (audio.spoken() - heard.0, audio.heard() - heard.1);
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
    if !calls.is_empty() {
        println!("  {} calls beside them said {} packets and heard {}", calls.len(), heard.0, heard.1);
    }
    for call in &mut calls {
        call.hang_up()?;
    }
    house.stop().await;
    Ok(())
}

/// One connection that tells the next message as soon as the last one is acknowledged, or when it is due since then, at so many a second.
async fn send(
    to: SocketAddr,
    next: Arc<AtomicUsize>,
    messages: usize,
    customers: usize,
    pace: Option<(Instant, u32)>,
) -> anyhow::Result<Vec<Duration>> {
    let mut hook = Hook::open(to).await?;
    let mut waits = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= messages {
            return Ok(waits);
        }
        let begun = match pace {
            Some((since, pace)) => {
                let due = since + Duration::from_secs_f64(n as f64 / f64::from(pace));
                tokio::time::sleep_until(due.into()).await;
                due
            }
            None => Instant::now(),
        };
        hook.tell(n, n % customers, "Is the child seat compatible with the rear rack?").await?;
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
