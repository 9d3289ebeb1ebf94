//! Pages of a house with years of data in it: how long each takes and how much of it crosses the network, 300 requests a second of all of them
//! together, and what a thousand agents' sockets cost. Filled by `hubline seed`.
//!
//! `cargo bench --bench pages [MESSAGES]` (1,000,000 of 200,000 people, with 100,000 tickets and 50,000 articles; fewer, and the rest in
//! proportion). `HUBLINE_BIN` names another program than the one just built. Goals: p99 ≤ 50 ms, search ≤ 20 ms, ≤ 150 KB, ≤ 30 KB a socket.

#[allow(dead_code, reason = "the tests' rig; they need more of it")]
#[path = "../tests/it/rig/mod.rs"]
mod rig;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use rig::http::{Answer, request};
use rig::served::Served;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const MESSAGES: u64 = 1_000_000;
const RATE: u32 = 300;
const LASTS: Duration = Duration::from_secs(20);
const SOCKETS: usize = 1_000;
/// One after the other, of each page.
const ROUNDS: usize = 30;

/// Pages of agents and supervisors; each `#` becomes a number that is there.
const PAGES: [(&str, Kind); 22] = [
    ("/inbox", Kind::None),
    ("/inbox/conversation/#", Kind::Conversation),
    ("/conversations", Kind::None),
    ("/conversations?state=resolved", Kind::None),
    ("/people", Kind::None),
    ("/people?q=wa", Kind::None),
    ("/people/#", Kind::Person),
    ("/tickets", Kind::None),
    ("/tickets?show=all", Kind::None),
    ("/tickets/#", Kind::Ticket),
    ("/tickets/new?person=#", Kind::Person),
    ("/knowledge", Kind::None),
    ("/knowledge/#", Kind::Article),
    ("/search?q=lamp", Kind::None),
    ("/search?q=订单", Kind::None),
    ("/search?q=+4915", Kind::None),
    ("/callbacks", Kind::None),
    ("/canned", Kind::None),
    ("/notices", Kind::None),
    ("/me/day", Kind::None),
    ("/wallboard", Kind::None),
    ("/settings", Kind::None),
];

#[derive(Clone, Copy)]
enum Kind {
    None,
    Person,
    Conversation,
    Ticket,
    Article,
}

fn main() -> anyhow::Result<()> {
    let messages = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(MESSAGES);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(messages))
}

async fn run(messages: u64) -> anyhow::Result<()> {
    let business = "[knowledge]\nhelp_centre = true\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
                    [[agents]]\nid = \"mara\"\nname = \"Mara\"\nqueues = [\"sales\"]\nrole = \"supervisor\"\n";
    let mut house = Served::new(business);
    seed(&house, messages)?;
    let begun = Instant::now();
    house.start().await;
    println!("started in {:.2?}; {} MB resident", begun.elapsed(), house.resident() >> 20);
    house.password("mara").await;
    let cookie: Arc<str> = rig::agent::sign_in(house.web, "mara", rig::house::PASSWORD).await.into();
    let counts = [Kind::Person, Kind::Conversation, Kind::Ticket, Kind::Article].map(|kind| (kind as usize, count(&house, kind)));
    let counts: Arc<BTreeMap<usize, u64>> = Arc::new(counts.into_iter().collect());
    alone(&house, &cookie, &counts).await?;
    together(&house, &cookie, &counts).await?;
    sockets(&house, &cookie).await?;
    println!("{} MB resident", house.resident() >> 20);
    house.stop().await;
    Ok(())
}

fn seed(house: &Served, messages: u64) -> anyhow::Result<()> {
    let program = std::env::var_os("HUBLINE_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_hubline").into());
    let amounts = [("--messages", messages), ("--people", messages / 5), ("--tickets", messages / 10), ("--articles", messages / 20)];
    let mut command = Command::new(program);
    command.arg("seed").arg("--config").arg(house.config());
    for (name, amount) in amounts {
        command.arg(name).arg(amount.to_string());
    }
    let done = command.output().context("hubline seed")?;
    anyhow::ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bytes = house.data().join("hubline.db").metadata()?.len();
    println!("{} ({} MB)", String::from_utf8_lossy(&done.stdout).trim(), bytes >> 20);
    Ok(())
}

fn count(house: &Served, kind: Kind) -> u64 {
    let table = match kind {
        Kind::Person | Kind::None => "person",
        Kind::Conversation => "conversation",
        Kind::Ticket => "ticket",
        Kind::Article => "article",
    };
    house.rows(&format!("SELECT max(id) FROM {table}")).first().and_then(|row| row.parse().ok()).unwrap_or(1)
}

/// The nth address of a page: spread over everything that is there.
fn address(page: (&str, Kind), nth: usize, counts: &BTreeMap<usize, u64>) -> String {
    let most = counts.get(&(page.1 as usize)).copied().unwrap_or(1);
    let id = (nth as u64).wrapping_mul(2_654_435_761) % most + 1;
    page.0.replace('#', &id.to_string()).replace("订单", "%E8%AE%A2%E5%8D%95")
}

async fn get(web: SocketAddr, path: &str, cookie: &str) -> Answer {
    request(web, "GET", path, &[("cookie", cookie), ("accept-encoding", "gzip"), ("accept", "text/html")], "").await
}

/// Each page by itself.
async fn alone(house: &Served, cookie: &str, counts: &BTreeMap<usize, u64>) -> anyhow::Result<()> {
    println!("{:34} {:>9} {:>9} {:>9} {:>9}", "one after the other", "p50 ms", "worst ms", "KB", "whole KB");
    for page in PAGES {
        let mut waits = Vec::new();
        let mut most = 0;
        for nth in 0..ROUNDS + 3 {
            let path = address(page, nth, counts);
            let asked = Instant::now();
            let answer = get(house.web, &path, cookie).await;
            anyhow::ensure!(answer.status == 200, "{path}: {}", answer.status);
            // The first ones fill the caches.
            if nth >= 3 {
                waits.push(asked.elapsed());
                most = most.max(answer.body.len());
            }
        }
        waits.sort();
        let whole = most + linked(house.web, &address(page, 0, counts), cookie).await;
        let [p50, worst] = [waits[ROUNDS / 2], waits[ROUNDS - 1]].map(|wait| wait.as_secs_f64() * 1e3);
        println!("{:34} {p50:>9.2} {worst:>9.2} {:>9.1} {:>9.1}", page.0, most as f64 / 1024.0, whole as f64 / 1024.0);
    }
    Ok(())
}

/// Bytes of the styles, scripts (with those that they import) and icons that a page asks for, compressed.
async fn linked(web: SocketAddr, path: &str, cookie: &str) -> usize {
    let plain = request(web, "GET", path, &[("cookie", cookie)], "").await.text();
    let mut left: Vec<String> = assets(&plain, "/static/");
    let (mut seen, mut bytes) = (BTreeSet::new(), 0);
    while let Some(asset) = left.pop() {
        if !seen.insert(asset.clone()) {
            continue;
        }
        bytes += get(web, &asset, cookie).await.body.len();
        if asset.contains(".js") {
            let script = request(web, "GET", &asset, &[], "").await.text();
            let folder = asset.rsplit_once('/').map_or("", |(folder, _)| folder);
            for name in assets(&script, "./").into_iter().chain(assets(&script, "../")) {
                left.push(resolved(folder, &name));
            }
        }
    }
    bytes
}

/// What stands in quotation marks and begins so.
fn assets(text: &str, begin: &str) -> Vec<String> {
    let parts = text.split(['"', '\'']).filter(|part| part.starts_with(begin) && part.len() < 200 && !part.contains(['\n', ' ', '{']));
    parts.map(|part| part.split('#').next().unwrap_or(part).to_owned()).collect()
}

fn resolved(folder: &str, name: &str) -> String {
    let (mut folder, mut name) = (folder.to_owned(), name);
    loop {
        if let Some(rest) = name.strip_prefix("./") {
            name = rest;
        } else if let Some(rest) = name.strip_prefix("../") {
            folder = folder.rsplit_once('/').map_or(String::new(), |(up, _)| up.to_owned());
            name = rest;
        } else {
            return format!("{folder}/{name}");
        }
    }
}

/// All pages together, at a rate that no slow one holds up.
async fn together(house: &Served, cookie: &Arc<str>, counts: &Arc<BTreeMap<usize, u64>>) -> anyhow::Result<()> {
    let waits: Arc<Mutex<Vec<(usize, Duration)>>> = Arc::default();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / RATE);
    let mut asked = Vec::new();
    let begun = Instant::now();
    for nth in 0.. {
        if begun.elapsed() >= LASTS {
            break;
        }
        pace.tick().await;
        let (web, cookie, counts, waits) = (house.web, cookie.clone(), counts.clone(), waits.clone());
        asked.push(tokio::spawn(async move {
            let page = nth % PAGES.len();
            let path = address(PAGES[page], nth, &counts);
            let asked = Instant::now();
            let answer = get(web, &path, &cookie).await;
            assert_eq!(answer.status, 200, "{path}");
            waits.lock().expect("waits").push((page, asked.elapsed()));
        }));
    }
    for one in asked {
        one.await?;
    }
    let waits = std::mem::take(&mut *waits.lock().expect("waits"));
    let rate = waits.len() as f64 / begun.elapsed().as_secs_f64();
    let share = |waits: &mut Vec<Duration>, percent: usize| {
        waits.sort();
        waits[(waits.len() * percent / 100).min(waits.len() - 1)].as_secs_f64() * 1e3
    };
    let mut all: Vec<Duration> = waits.iter().map(|(_, wait)| *wait).collect();
    let mut search: Vec<Duration> = waits.iter().filter(|(page, _)| PAGES[*page].0.starts_with("/search")).map(|(_, wait)| *wait).collect();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "together, {rate:.0} a second: p50 {:.1} ms, p99 {:.1} ms; searches p50 {:.1} ms, p99 {:.1} ms; load {}",
        share(&mut all, 50),
        share(&mut all, 99),
        share(&mut search, 50),
        share(&mut search, 99),
        load.split(' ').next().unwrap_or_default()
    );
    let mut pages: Vec<(f64, &str)> = (0..PAGES.len())
        .map(|page| {
            let mut of: Vec<Duration> = waits.iter().filter(|(other, _)| *other == page).map(|(_, wait)| *wait).collect();
            (share(&mut of, 99), PAGES[page].0)
        })
        .collect();
    pages.sort_by(|a, b| b.0.total_cmp(&a.0));
    let slowest: Vec<String> = pages.iter().take(5).map(|(ms, page)| format!("{page} {ms:.1} ms")).collect();
    println!("  slowest by p99: {}", slowest.join(", "));
    Ok(())
}

/// What pages that are open cost, each with its socket.
async fn sockets(house: &Served, cookie: &str) -> anyhow::Result<()> {
    let before = house.resident();
    let mut open = Vec::new();
    for _ in 0..SOCKETS {
        let mut request = format!("ws://{}/live", house.web).into_client_request()?;
        request.headers_mut().insert("origin", format!("http://{}", house.web).parse()?);
        request.headers_mut().insert("cookie", cookie.parse()?);
        let (mut socket, _) = tokio_tungstenite::client_async(request, TcpStream::connect(house.web).await?).await?;
        // What a page says first; the answer comes after all that is pushed at the start.
        for said in [r#"{"type":"look","path":"/inbox","query":"","person":null}"#, r#"{"type":"ping"}"#] {
            socket.send(said.into()).await?;
        }
        while !socket.next().await.context("an answer")??.to_text()?.contains("pong") {}
        open.push(socket);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = house.resident().saturating_sub(before) as f64 / 1024.0 / SOCKETS as f64;
    println!("{} sockets of one agent: {each:.1} KB each", open.len());
    Ok(())
}
