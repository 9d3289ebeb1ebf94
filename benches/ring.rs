//! INVITE → ring card: from the moment in which a caller's INVITE leaves until the card has arrived on the socket of the agent's page, through
//! a `hubline serve` of its own. First on a quiet house, then beside 100 calls with audio. `cargo bench --bench ring`; `HUBLINE_BIN` names
//! another program than the one just built.

#[allow(dead_code, reason = "the tests' rig; they need more of it")]
#[path = "../tests/it/rig/mod.rs"]
mod rig;
#[path = "common/talk.rs"]
mod talk;

use anyhow::Context;
use futures_util::StreamExt;
use rig::deskphone::DeskPhone;
use rig::house::PASSWORD;
use rig::served::Served;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use talk::{Audio, Call};
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
    let before = (audio.spoken(), audio.heard());
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
    let (spoken, heard) = (audio.spoken() - before.0, audio.heard() - before.1);
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)].as_secs_f64() * 1e3;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{SAMPLES} rings beside {running} calls ({heard} of {spoken} packets heard back): p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; load {}",
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
