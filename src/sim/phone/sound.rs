//! The microphone and the earpiece: 20 ms of µ-law at a time.

use super::super::{g711, tone};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// Samples in one packet: 20 ms.
const PACKET: usize = 160;
/// What is kept of the audio heard: 10 s.
const KEPT: usize = 80_000;
/// Packets per pressed key.
const KEY_PACKETS: u32 = 6;

pub(super) struct Sound {
    pub rtp: UdpSocket,
    pub local: SocketAddr,
    pub peer: Option<SocketAddr>,
    pub speech: VecDeque<i16>,
    pub tone: Option<f64>,
    pub keys: VecDeque<char>,
    pub ssrc: u32,
    key_packets: u32,
    sequence: u16,
    timestamp: u32,
    key_started: u32,
    audio: mpsc::Sender<Vec<i16>>,
    heard: Arc<Mutex<VecDeque<i16>>>,
}

impl Sound {
    pub fn new(rtp: UdpSocket, audio: mpsc::Sender<Vec<i16>>, heard: Arc<Mutex<VecDeque<i16>>>) -> io::Result<Sound> {
        Ok(Sound {
            local: rtp.local_addr()?,
            rtp,
            peer: None,
            speech: VecDeque::new(),
            tone: None,
            keys: VecDeque::new(),
            ssrc: rand::random(),
            key_packets: 0,
            sequence: rand::random(),
            timestamp: rand::random(),
            key_started: 0,
            audio,
            heard,
        })
    }

    /// Sends the 20 ms that are due: a key, speech, a tone, or silence.
    pub async fn speak(&mut self) {
        let Some(peer) = self.peer else { return };
        let packet = match self.keys.front().copied() {
            Some(key) => self.key_packet(key),
            None => self.audio_packet(),
        };
        let _ = self.rtp.send_to(&packet, peer).await;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(PACKET as u32);
    }

    fn audio_packet(&mut self) -> Vec<u8> {
        let mut packet = self.header(0, false, self.timestamp);
        if self.speech.is_empty()
            && let Some(hz) = self.tone
        {
            packet.extend(tone::sine(hz, u64::from(self.timestamp), PACKET).into_iter().map(g711::encode));
        } else {
            packet.extend((0..PACKET).map(|_| g711::encode(self.speech.pop_front().unwrap_or(0))));
        }
        packet
    }

    /// One packet of a key (RFC 4733 §2.3): the last three carry the end mark.
    fn key_packet(&mut self, key: char) -> Vec<u8> {
        let first = self.key_packets == 0;
        if first {
            self.key_started = self.timestamp;
        }
        self.key_packets += 1;
        let end = self.key_packets + 2 >= KEY_PACKETS;
        let duration = (self.key_packets.min(KEY_PACKETS - 2) * PACKET as u32) as u16;
        let event = "0123456789*#ABCD".find(key).unwrap_or(0) as u8;
        let mut packet = self.header(101, first, self.key_started);
        packet.extend([event, if end { 0x8a } else { 0x0a }]);
        packet.extend(duration.to_be_bytes());
        if self.key_packets == KEY_PACKETS {
            self.keys.pop_front();
            self.key_packets = 0;
        }
        packet
    }

    fn header(&self, payload: u8, marker: bool, timestamp: u32) -> Vec<u8> {
        let mut packet = vec![0x80, payload | u8::from(marker) << 7];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet
    }

    /// Keeps what is heard from the peer, and from nobody else.
    pub fn listen(&self, packet: &[u8], from: SocketAddr) {
        if Some(from) != self.peer || packet.len() < 12 || packet[0] >> 6 != 2 || packet[1] & 0x7f != 0 {
            return;
        }
        let samples: Vec<i16> = packet[12..].iter().copied().map(g711::decode).collect();
        {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.extend(&samples);
            let surplus = heard.len().saturating_sub(KEPT);
            heard.drain(..surplus);
        }
        // Whoever does not listen to events still hears through `heard`.
        let _ = self.audio.try_send(samples);
    }
}
