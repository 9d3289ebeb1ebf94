//! Telephones of callers by hand, and the audio of many calls: what a benchmark has beside that which it measures.

use hubline::sim::message::{Received, description, finish};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// One call as a caller's telephone makes it, by hand: nothing of it but the INVITE lies between the two moments that are measured.
pub struct Call {
    socket: UdpSocket,
    house: SocketAddr,
    name: u64,
    head: String,
    to: String,
    target: String,
    audio: SocketAddr,
}

impl Call {
    pub fn new(house: SocketAddr, number: &str, from: &str, audio: SocketAddr) -> anyhow::Result<Call> {
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

    pub fn invite(&mut self) -> anyhow::Result<()> {
        self.send("INVITE", 1, Some(&description(self.audio, 1)))
    }

    /// Waits for the answer, and gives where audio goes.
    pub fn answered(&mut self) -> anyhow::Result<SocketAddr> {
        let answer = self.final_answer("INVITE")?;
        self.to = answer.header("to").unwrap_or(&self.to).to_owned();
        if let Some(contact) = answer.header("contact").and_then(|contact| contact.split('<').nth(1)?.split('>').next()) {
            self.target = contact.to_owned();
        }
        self.send("ACK", 1, None)?;
        answer.audio().ok_or_else(|| anyhow::anyhow!("an answer without audio"))
    }

    pub fn hang_up(&mut self) -> anyhow::Result<()> {
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
pub struct Audio {
    pub address: SocketAddr,
    to: Arc<Mutex<Vec<SocketAddr>>>,
    spoken: Arc<AtomicUsize>,
    heard: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Audio {
    pub fn new() -> anyhow::Result<Audio> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let audio = Audio {
            address: socket.local_addr()?,
            to: Arc::default(),
            spoken: Arc::default(),
            heard: Arc::default(),
            over: Arc::default(),
        };
        let (listening, heard, over) = (socket.try_clone()?, audio.heard.clone(), audio.over.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 2_048];
            while !over.load(Ordering::Relaxed) {
                if listening.recv(&mut buffer).is_ok() {
                    heard.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let (to, spoken, over) = (audio.to.clone(), audio.spoken.clone(), audio.over.clone());
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
                    spoken.fetch_add(usize::from(socket.send_to(&packet, call).is_ok()), Ordering::Relaxed);
                }
                n += 1;
                due += Duration::from_millis(20);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Ok(audio)
    }

    /// Speaks to one more call.
    pub fn talk(&self, to: SocketAddr) {
        self.to.lock().expect("calls").push(to);
    }

    /// Packets that were sent so far.
    pub fn spoken(&self) -> usize {
        self.spoken.load(Ordering::Relaxed)
    }

    /// Packets that came so far.
    pub fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
