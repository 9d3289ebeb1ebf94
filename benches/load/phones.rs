//! The thousand desk phones of `load.toml`, at one address: each picks up at once.

use hubline::sim::message::{Received, description};
use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ADDRESS: &str = "127.0.0.1:5070";

pub struct Phones {
    stop: Arc<AtomicBool>,
    task: Option<std::thread::JoinHandle<()>>,
}

impl Phones {
    pub fn start() -> anyhow::Result<Phones> {
        let socket = UdpSocket::bind(ADDRESS)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        // Nobody speaks there: the turnover is about the set-up.
        let silent = UdpSocket::bind("127.0.0.1:0")?;
        let body = description(silent.local_addr()?, 1);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let task = std::thread::spawn(move || {
            let _kept = silent;
            let mut buffer = [0; 8_192];
            while !stopped.load(Ordering::Relaxed) {
                if let Ok((length, from)) = socket.recv_from(&mut buffer)
                    && let Some(message) = Received::read(&buffer[..length])
                {
                    answer(&socket, &message, from, &body);
                }
            }
        });
        Ok(Phones { stop, task: Some(task) })
    }
}

impl Drop for Phones {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(task) = self.task.take() {
            let _ = task.join();
        }
    }
}

/// The same request has the same answer: nothing is kept of a call.
fn answer(socket: &UdpSocket, message: &Received, from: SocketAddr, body: &str) {
    let contact = format!("sip:agent@{ADDRESS}");
    let statuses: &[(&str, Option<&str>)] = match message.method() {
        Some("INVITE") => &[("180 Ringing", None), ("200 OK", Some(body))],
        Some("BYE" | "CANCEL" | "OPTIONS") => &[("200 OK", None)],
        _ => return,
    };
    let mut tagged = message.clone();
    let tag =
        message.header("call-id").unwrap_or_default().bytes().fold(7u64, |tag, byte| tag.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut text = String::new();
    let _ = write!(text, "{tag:x}");
    tagged.tag(&text);
    for (status, body) in statuses {
        // A lost one is asked for again.
        let _ = socket.send_to(tagged.answer(status, &contact, *body).as_bytes(), from);
    }
}
