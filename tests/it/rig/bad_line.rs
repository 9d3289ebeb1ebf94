//! A network that loses, delays and reorders packets, by a seed: a relay between two who speak UDP.

use super::noise::Noise;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UdpSocket;

/// How bad it is.
#[derive(Clone, Copy)]
pub struct Weather {
    /// Of a hundred packets so many never come.
    pub loss_percent: usize,
    /// Each packet is late by up to so much, each by its own time: those that follow closely overtake each other.
    pub jitter_ms: usize,
}

/// One packet in twenty is lost, and the others come up to 50 ms late: bad mobile data, over which one can just talk.
pub const BAD: Weather = Weather { loss_percent: 5, jitter_ms: 50 };

/// What became of the packets so far.
#[derive(Default)]
struct Counts {
    passed: AtomicU64,
    lost: AtomicU64,
    overtaken: AtomicU64,
    /// Nothing gets through.
    cut: AtomicBool,
}

/// A relay: whoever sends to `address` talks to the one behind it, and gets the answers from there. It ends with the test.
pub struct BadLine {
    pub address: SocketAddr,
    counts: Arc<Counts>,
    tasks: Arc<Mutex<Vec<tokio::task::JoinHandle<()>>>>,
}

impl Drop for BadLine {
    fn drop(&mut self) {
        for task in self.tasks.lock().expect("tasks").drain(..) {
            task.abort();
        }
    }
}

impl BadLine {
    /// Puts the weather before this address of loopback.
    pub async fn before(behind: SocketAddr, weather: Weather, seed: u64) -> BadLine {
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
        let address = front.local_addr().expect("an address");
        let (counts, tasks) = (Arc::<Counts>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (counted, more) = (counts.clone(), tasks.clone());
        let there = tokio::spawn(async move {
            let mut ways: HashMap<SocketAddr, Way> = HashMap::new();
            let mut buffer = [0; 2_048];
            loop {
                let Ok((n, from)) = front.recv_from(&mut buffer).await else { continue };
                let way = match ways.entry(from) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let back = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
                        let returning = Way::new(front.clone(), from, weather, seed.wrapping_mul(3), counted.clone());
                        more.lock().expect("tasks").push(tokio::spawn(return_by(back.clone(), returning)));
                        new.insert(Way::new(back, behind, weather, seed, counted.clone()))
                    }
                };
                way.carry(&buffer[..n]);
            }
        });
        tasks.lock().expect("tasks").push(there);
        BadLine { address, counts, tasks }
    }

    /// Cuts the line, or mends it again.
    pub fn cut(&self, on: bool) {
        self.counts.cut.store(on, Ordering::Relaxed);
    }

    /// Packets that never came, of all so far.
    pub fn lost_percent(&self) -> f64 {
        let (lost, passed) = (self.counts.lost.load(Ordering::Relaxed) as f64, self.counts.passed.load(Ordering::Relaxed) as f64);
        100.0 * lost / (lost + passed).max(1.0)
    }

    /// Packets that were overtaken by later ones.
    pub fn overtaken(&self) -> u64 {
        self.counts.overtaken.load(Ordering::Relaxed)
    }
}

async fn return_by(socket: Arc<UdpSocket>, mut way: Way) {
    let mut buffer = [0; 2_048];
    loop {
        if let Ok((n, _)) = socket.recv_from(&mut buffer).await {
            way.carry(&buffer[..n]);
        }
    }
}

/// One direction between two.
struct Way {
    by: Arc<UdpSocket>,
    to: SocketAddr,
    weather: Weather,
    noise: Noise,
    number: u64,
    /// The highest number that has arrived.
    arrived: Arc<AtomicU64>,
    counts: Arc<Counts>,
}

impl Way {
    fn new(by: Arc<UdpSocket>, to: SocketAddr, weather: Weather, seed: u64, counts: Arc<Counts>) -> Way {
        Way { by, to, weather, noise: Noise::new(seed), number: 0, arrived: Arc::default(), counts }
    }

    fn carry(&mut self, packet: &[u8]) {
        self.number += 1;
        if self.noise.below(100) < self.weather.loss_percent || self.counts.cut.load(Ordering::Relaxed) {
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let late = Duration::from_millis(self.noise.below(self.weather.jitter_ms + 1) as u64);
        let (by, to, number, arrived, counts) = (self.by.clone(), self.to, self.number, self.arrived.clone(), self.counts.clone());
        let packet = packet.to_vec();
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            if arrived.fetch_max(number, Ordering::Relaxed) > number {
                counts.overtaken.fetch_add(1, Ordering::Relaxed);
            }
            counts.passed.fetch_add(1, Ordering::Relaxed);
            // One whose receiver has gone is lost like any other.
            let _ = by.send_to(&packet, to).await;
        });
    }
}
