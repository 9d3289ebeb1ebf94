//! INVITE → ring card: from the moment in which a caller's INVITE leaves until the card has arrived on the socket of the agent's page, through
//! a `hubline serve` of its own. First on a quiet house, then beside 100 calls with audio. `cargo bench --bench ring`; `HUBLINE_BIN` names
//! another program than the one just built.

#[allow(dead_code, reason = "the tests' rig; they need more of it")]
#[path = "../tests/it/rig/mod.rs"]
mod rig;

use anyhow::Context;
use futures_util::StreamExt;
use hubline::sim::message::{Received, description, finish};
use rig::deskphone::DeskPhone;
use rig::house::PASSWORD;
use rig::served::Served;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Calls that ring, of each kind.
const SAMPLES: usize = 300;
/// The first ones warm the house up and are not counted.
const WARM: usize = 20;
/// Calls with audio beside them.
const RUNNING: usize = 100;
/// Between a call that has rung and the next.
const PAUSE: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for running in [0, RUNNING] {
        runtime.block_on(run(running))?;
    }
    Ok(())
}

async fn run(running: usize) -> anyhow::Result<()> {
    // A telephone that nobody picks up: the card on the page is what counts.
    let phone = DeskPhone::new(0.0, false).await;
    let mut house = Served::with(|ports| {
        let business = format!(
            "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[lines]]\nnumber = \"echo\"\necho = true\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\n\
             [[agents]]\nid = \"mara\"\nname = \"Mara\"\nqueues = [\"sales\"]\nphone = \"{}\"\n",
            phone.uri()
        );
        // Ports for more calls than a test has.
        let text = rig::house::machine(ports, &business);
        text.replace(&format!("{}-{}", ports.rtp.0, ports.rtp.1), "20000-21999")
    });
    house.start().await;
    house.password("mara").await;
    let cookie = rig::agent::sign_in(house.web, "mara", PASSWORD).await;
    let mut page = open_page(house.web, &cookie).await?;
    let origin = format!("http://{}", house.web);
    let headers = [
        ("origin", origin.as_str()),
        ("cookie", cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "*/*"),
    ];
    let available = rig::http::request(house.web, "POST", "/me/status", &headers, "status=available").await;
    anyhow::ensure!(available.status < 300, "{}", available.text());
    let audio = Audio::new()?;
    let mut calls = Vec::new();
    for n in 0..running {
        let mut call = Call::new(house.sip, "echo", &format!("+4940{n:06}"), audio.address)?;
        call.invite()?;
        audio.talk(call.answered()?);
        calls.push(call);
    }
    let before = audio.heard();
    let mut waits = Vec::new();
    for n in 0..WARM + SAMPLES {
        // Every second caller is known from before.
        let number = if n % 2 == 0 { format!("+4930{n:06}") } else { "+493011".to_owned() };
        let mut call = Call::new(house.sip, "4001", &number, audio.address)?;
        let sent = Instant::now();
        call.invite()?;
        let (arrived, card) = next(&mut page, "ring").await.with_context(|| {
            let told = house.rows("SELECT * FROM (SELECT seq, json FROM event ORDER BY seq DESC LIMIT 20) ORDER BY seq");
            format!("ring {n}: {}", told.join("\n"))
        })?;
        anyhow::ensure!(card.contains(&number[1..]) && card.contains("accept"), "not the card of {number}: {card}");
        if n >= WARM {
            waits.push(arrived.duration_since(sent));
        }
        call.answered()?;
        call.hang_up()?;
        next(&mut page, "ring_end").await?;
        // A phone that is still told of the last call would be busy.
        phone.is_idle().await;
        tokio::time::sleep(PAUSE).await;
    }
    let heard = audio.heard() - before;
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)].as_secs_f64() * 1e3;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{SAMPLES} rings beside {running} calls ({heard} packets heard back): p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; load {}",
        at(50),
        at(95),
        at(99),
        at(100),
        load.split(' ').next().unwrap_or_default()
    );
    for call in &mut calls {
        call.hang_up()?;
    }
    house.stop().await;
    Ok(())
}

/// What the page is told, each with the moment in which it came.
async fn open_page(web: SocketAddr, cookie: &str) -> anyhow::Result<mpsc::Receiver<(Instant, String)>> {
    let mut request = format!("ws://{web}/live").into_client_request()?;
    request.headers_mut().insert("origin", format!("http://{web}").parse()?);
    request.headers_mut().insert("cookie", cookie.parse()?);
    let (mut socket, _) = tokio_tungstenite::client_async(request, TcpStream::connect(web).await?).await?;
    let (told, page) = mpsc::channel(1_024);
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message
                && told.send((Instant::now(), text.to_string())).await.is_err()
            {
                return;
            }
        }
    });
    Ok(page)
}

/// The next frame of this type, others passing by.
async fn next(page: &mut mpsc::Receiver<(Instant, String)>, kind: &str) -> anyhow::Result<(Instant, String)> {
    let named = format!("\"type\":\"{kind}\"");
    loop {
        let frame = tokio::time::timeout(PATIENCE, page.recv()).await?;
        let (at, text) = frame.ok_or_else(|| anyhow::anyhow!("the page was closed"))?;
        if text.contains(&named) {
            return Ok((at, text));
        }
    }
}

/// One call as a caller's telephone makes it, by hand: nothing of it but the INVITE lies between the two moments that are measured.
struct Call {
    socket: UdpSocket,
    house: SocketAddr,
    name: u64,
    head: String,
    to: String,
    target: String,
    audio: SocketAddr,
}

impl Call {
    fn new(house: SocketAddr, number: &str, from: &str, audio: SocketAddr) -> anyhow::Result<Call> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let local = socket.local_addr()?;
        // A port may come again: the call's name must not.
        let name: u64 = rand::random();
        let head =
            format!("from: <sip:{from}@{local}>;tag={name:x}\r\ncall-id: {name:x}\r\nmax-forwards: 70\r\ncontact: <sip:bench@{local}>\r\n");
        let to = format!("<sip:{number}@{house}>");
        Ok(Call { socket, house, name, head, to, target: format!("sip:{number}@{house}"), audio })
    }

    fn send(&self, method: &str, cseq: u32, body: Option<&str>) -> anyhow::Result<()> {
        let local = self.socket.local_addr()?;
        let text = format!(
            "{method} {} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bK{:x}{method}{cseq};rport\r\n{}to: {}\r\ncseq: {cseq} {method}\r\n",
            self.target, self.name, self.head, self.to
        );
        self.socket.send_to(finish(text, body).as_bytes(), self.house)?;
        Ok(())
    }

    fn invite(&mut self) -> anyhow::Result<()> {
        self.send("INVITE", 1, Some(&description(self.audio, 1)))
    }

    /// Waits for the answer, and gives where audio goes.
    fn answered(&mut self) -> anyhow::Result<SocketAddr> {
        let answer = self.final_answer("INVITE")?;
        self.to = answer.header("to").unwrap_or(&self.to).to_owned();
        if let Some(contact) = answer.header("contact").and_then(|contact| contact.split('<').nth(1)?.split('>').next()) {
            self.target = contact.to_owned();
        }
        self.send("ACK", 1, None)?;
        answer.audio().ok_or_else(|| anyhow::anyhow!("an answer without audio"))
    }

    fn hang_up(&mut self) -> anyhow::Result<()> {
        self.send("BYE", 2, None)?;
        self.final_answer("BYE").map(drop)
    }

    fn final_answer(&self, method: &str) -> anyhow::Result<Received> {
        let mut buffer = [0; 8_192];
        loop {
            let (n, _) = self.socket.recv_from(&mut buffer)?;
            let Some(answer) = Received::read(&buffer[..n]) else { continue };
            match answer.status().filter(|_| answer.header("cseq").is_some_and(|cseq| cseq.ends_with(method))) {
                Some(200..=299) => return Ok(answer),
                Some(300..) => anyhow::bail!("{method} was refused: {}", answer.first),
                _ => {}
            }
        }
    }
}

/// The audio of all running calls: one socket, one thread each way, a packet each 20 ms to every call.
struct Audio {
    address: SocketAddr,
    to: Arc<Mutex<Vec<SocketAddr>>>,
    heard: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Audio {
    fn new() -> anyhow::Result<Audio> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let audio = Audio { address: socket.local_addr()?, to: Arc::default(), heard: Arc::default(), over: Arc::default() };
        let (listening, heard, over) = (socket.try_clone()?, audio.heard.clone(), audio.over.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 2_048];
            while !over.load(Ordering::Relaxed) {
                if listening.recv(&mut buffer).is_ok() {
                    heard.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let (to, over) = (audio.to.clone(), audio.over.clone());
        std::thread::spawn(move || {
            let (mut due, mut n) = (Instant::now(), 0u32);
            while !over.load(Ordering::Relaxed) {
                let mut packet = vec![0x80, 0];
                packet.extend((n as u16).to_be_bytes());
                packet.extend((n * 160).to_be_bytes());
                packet.extend(0x0be7_c0de_u32.to_be_bytes());
                packet.extend([0x55; 160]);
                for call in to.lock().expect("calls").iter() {
                    // A call that has just ended has no port any more.
                    let _ = socket.send_to(&packet, call);
                }
                n += 1;
                due += Duration::from_millis(20);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Ok(audio)
    }

    /// Speaks to one more call.
    fn talk(&self, to: SocketAddr) {
        self.to.lock().expect("calls").push(to);
    }

    /// Packets that came so far.
    fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
