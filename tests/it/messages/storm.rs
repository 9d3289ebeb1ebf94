//! A long conversation in bad weather: the platform tells things twice and late, refuses and breaks off, and the house is killed ten times while it
//! goes on. Afterwards every message is there once, in order, with its right state.

use crate::rig::house::{Ports, machine};
use crate::rig::http::form;
use crate::rig::noise::Noise;
use crate::rig::served::Served;
use bytes::Bytes;
use hubline::sim::plan::Plan;
use hubline::sim::web::ask;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Messages in each direction; each tenth has a file.
pub const EACH: usize = 200;
const KILLS: usize = 10;
const PAUSE: Duration = Duration::from_millis(40);
/// For what is tried again after pauses, on a busy machine.
const SETTLED: Duration = Duration::from_secs(90);
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture of a pump";
const BOUNDARY: &str = "a-boundary-of-the-storm";

/// The weather: a fifth told twice, a fifth late, a twentieth refused or broken off.
pub fn weather(seed: u64) -> Plan {
    Plan { twice: 200, late: 200, lost: 100, busy: 20, flood: 20, cut: 10, seed }
}

/// The text of the nth message that the customer writes.
pub fn line(n: usize) -> String {
    format!("line {n:03}")
}

pub fn has_file(n: usize) -> bool {
    n % 10 == 9
}

/// How the agent's replies go out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    Words,
    /// Words, and some with a file.
    Files,
    /// By the platform's approved template of this name, whose one value is the reply.
    Template(&'static str),
}

/// What the customer's pictures are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// The platform carries none: all are words.
    None,
    /// They have no words.
    Bare,
    Captioned,
}

/// A house with one channel, of which `section` says the rest.
fn business(kind: &str, section: &str) -> String {
    format!(
        "[routing]\npage_grace = \"30m\"\n[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"{kind}\"\nid = \"storm\"\nqueue = \"sales\"\nrate = 200\n\
         tries = 20\nprivate_networks = [\"127.0.0.0/8\"]\n{section}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n"
    )
}

/// What the platform lets us see and do.
pub struct Sea<'s> {
    pub kind: &'s str,
    /// In it `HOOK` stands for the address of the house's hook.
    pub section: String,
    /// The house is there: its hook is at this address.
    pub calls: Box<dyn Fn(&str) + 's>,
    /// The customer writes the nth message, with a picture where it has a file.
    pub writes: Box<dyn Fn(usize) + 's>,
    /// What has arrived at the customer, in order: texts, and the names of files where there is no text.
    pub arrived: Box<dyn Fn() -> Vec<String> + 's>,
    pub replies: Replies,
    pub pictures: Pictures,
    /// In which order the platform's own words put what it tells: some tell seconds alone.
    pub order: &'s str,
}

/// Gives how many of the agent's messages are known to have arrived: what a platform tells, or fails to tell, is its own.
pub async fn storm(sea: Sea<'_>, seed: u64) -> usize {
    let mut noise = Noise::new(seed);
    let hook_of = |ports: &Ports| format!("http://{}/hooks/storm", ports.web);
    let mut house = Served::with(|ports| machine(ports, &business(sea.kind, &sea.section.replace("HOOK", &hook_of(ports)))));
    house.start().await;
    (sea.calls)(&hook_of(&house.ports));
    let mara = house.agent("mara").await;
    mara.available().await;
    (sea.writes)(0);
    super::takes(&mara, 1).await;
    let cookie = mara.cookie.clone();
    let replier = tokio::spawn(says(house.web, cookie, sea.replies));
    let writer = async {
        for n in 1..EACH {
            (sea.writes)(n);
            tokio::time::sleep(2 * PAUSE).await;
        }
    };
    let killer = async {
        for _ in 0..KILLS {
            tokio::time::sleep(Duration::from_millis(200 + noise.below(900) as u64)).await;
            house.kill();
            house.start().await;
        }
    };
    tokio::join!(writer, killer);
    replier.await.expect("an agent who replies");
    let counted = "SELECT (SELECT count(*) FROM message WHERE kind = 'in'), (SELECT count(*) FROM message WHERE kind = 'out' AND delivery <> 'queued')";
    let all = format!("{EACH}|{EACH}");
    let start = Instant::now();
    while house.rows(counted) != [all.as_str()] {
        let (is, log) = (house.rows(counted), house.log());
        assert!(start.elapsed() < SETTLED, "seed {seed}: heard and said are {is:?}, not {all}\n{log}");
        tokio::time::sleep(PAUSE).await;
    }
    // What was told late may still come; it must change nothing.
    tokio::time::sleep(Duration::from_secs(1)).await;
    house.lives();
    is_whole(&house, &sea, seed);
    house.rows("SELECT id FROM message WHERE kind = 'out' AND delivery IN ('delivered', 'read')").len()
}

fn is_whole(house: &Served, sea: &Sea<'_>, seed: u64) {
    let rows = |sql: &str| house.rows(sql);
    assert_eq!(rows("SELECT count(*) FROM conversation"), ["1"]);
    let order = sea.order;
    let heard = rows(&format!("SELECT text FROM message WHERE kind = 'in' ORDER BY {order}"));
    let said = |n: usize| if has_file(n) && sea.pictures == Pictures::Bare { String::new() } else { line(n) };
    assert_eq!(heard, (0..EACH).map(said).collect::<Vec<_>>(), "seed {seed}: each once and in order");
    let pictures = rows(&format!("SELECT text FROM message WHERE kind = 'in' AND files IS NOT NULL AND files <> '[]' ORDER BY {order}"));
    assert_eq!(
        pictures,
        (0..EACH).filter(|n| has_file(*n) && sea.pictures != Pictures::None).map(said).collect::<Vec<_>>(),
        "seed {seed}: with their files"
    );
    let arrived = (sea.arrived)();
    let mut last = None;
    for (n, state) in rows("SELECT delivery FROM message WHERE kind = 'out' ORDER BY id").iter().enumerate() {
        let places: Vec<usize> = arrived.iter().enumerate().filter(|(_, text)| **text == reply(n)).map(|(place, _)| place).collect();
        match state.as_str() {
            "sent" | "delivered" | "read" => assert_eq!(places.len(), 1, "seed {seed}: reply {n} is {state}"),
            "unknown" => assert!(places.len() <= 1, "seed {seed}: reply {n} went out twice"),
            other => {
                panic!("seed {seed}: reply {n} is {other}: {:?}\n{}", rows("SELECT failure FROM message WHERE failure <> ''"), house.log())
            }
        }
        let place = places.first().copied();
        assert!(place.is_none() || place > last, "seed {seed}: reply {n} went out before its turn");
        last = place.or(last);
    }
    let known = rows("SELECT count(*) FROM message WHERE kind = 'out' AND delivery = 'unknown'");
    let doubtful: usize = known.first().and_then(|count| count.parse().ok()).unwrap_or(EACH);
    // What the platform echoes of ours is no message of its own; but a picture without words cannot be told from somebody else's.
    let foreign = rows("SELECT text FROM message WHERE kind = 'elsewhere' AND text LIKE 'reply %'");
    assert_eq!(foreign, Vec::<String>::new(), "seed {seed}: ours, and taken for the firm's by another tool");
    // A kill in the middle of a request, and what was broken off; everything else is certain.
    assert!(doubtful <= KILLS + 10, "seed {seed}: {doubtful} of {EACH} are unknown");
}

pub fn reply(n: usize) -> String {
    format!("reply {n:03}")
}

/// Says each line until the house has taken it, by the same key.
async fn says(web: SocketAddr, cookie: String, replies: Replies) {
    let origin = format!("http://{web}");
    for n in 0..EACH {
        let key = format!("storm-{n}");
        loop {
            let file = if replies == Replies::Files && has_file(n) { upload(web, &cookie, &origin).await } else { Some(String::new()) };
            if let Some(file) = file {
                let (command, form) = match replies {
                    Replies::Template(name) => {
                        let values = serde_json::json!([reply(n)]).to_string();
                        ("template", form(&[("name", name), ("values", &values), ("key", &key)]))
                    }
                    Replies::Words | Replies::Files => ("reply", form(&[("text", &reply(n)), ("key", &key), ("files", &file)])),
                };
                let headers = headers(&cookie, &origin, "application/x-www-form-urlencoded");
                let url = format!("{origin}/work/conversation/1/{command}");
                let said = ask(http::Method::POST, &url, &headers, Bytes::from(form)).await;
                if said.is_ok_and(|(status, _)| status < 300) {
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

pub async fn upload(web: SocketAddr, cookie: &str, origin: &str) -> Option<String> {
    let mut body = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"shelf.png\"\r\n\r\n").into_bytes();
    body.extend_from_slice(PNG);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    let headers = headers(cookie, origin, &format!("multipart/form-data; boundary={BOUNDARY}"));
    let (_, answer) = ask(http::Method::POST, &format!("http://{web}/files"), &headers, Bytes::from(body)).await.ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&answer).ok()?;
    answer.get("id").map(ToString::to_string)
}

fn headers(cookie: &str, origin: &str, kind: &str) -> [(&'static str, String); 4] {
    [("cookie", cookie.to_owned()), ("origin", origin.to_owned()), ("content-type", kind.to_owned()), ("accept", "*/*".to_owned())]
}
