//! A media thread: one loop over level-triggered epoll.

use super::command::{Bell, Command};
use super::counters::Counters;
use super::recording::Writer;
use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(super) struct ShardConfig {
    pub web: Option<UdpSocket>,
    pub silence_after: Duration,
    pub rtp_silence_after: Duration,
    pub clock: fn() -> Instant,
    pub counters: Arc<Counters>,
    pub writer: Writer,
}

pub(super) fn spawn(number: usize, config: ShardConfig, queue: Receiver<Command>, bell: Arc<Bell>) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("media-{number}")).spawn(move || {
        let _hold = (config, bell);
        while let Ok(command) = queue.recv() {
            if matches!(command, Command::Shutdown) {
                break;
            }
        }
    })
}
