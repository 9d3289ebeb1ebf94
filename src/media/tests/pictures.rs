//! Pictures go to whoever hears their source, and what is said of them goes back to it alone.

use super::rig::{PATIENCE, plane, room, wait};
use crate::media::recording::beside;
use crate::media::{AudioOut, Peer, PeerEvent, PeerOut, Picture, Plane, Seen};
use crate::rtp::{Header, Law};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// A browser that has a camera: what comes with the first byte 128 is a packet of its picture, with 20 a request for packet 7.
struct Camera {
    name: String,
    to: Option<SocketAddr>,
}

impl Peer for Camera {
    fn ufrag(&self) -> &str {
        &self.name
    }

    fn datagram(&mut self, _now: Instant, from: SocketAddr, data: &mut [u8], out: &mut dyn PeerOut) {
        match data[0] {
            0..=3 => {
                out.latch(from);
                self.to = Some(from);
                out.event(PeerEvent::Connected);
            }
            128 => {
                let header = Header::parse(data).unwrap();
                let Header { seq, timestamp, marker, start, .. } = header;
                out.picture(Picture { source: 0, seq, timestamp, marker, payload: &data[start..] });
            }
            _ => out.seen(Seen::Lost(vec![7])),
        }
    }

    fn timeout(&mut self, _now: Instant, _out: &mut dyn PeerOut) {}

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    fn send(&mut self, _now: Instant, _packet: &AudioOut<'_>, _out: &mut dyn PeerOut) {}

    fn send_picture(&mut self, _now: Instant, packet: &Picture<'_>, out: &mut dyn PeerOut) {
        out.transmit(self.to.unwrap(), &[&b"shown "[..], packet.payload].concat());
    }

    fn picture_seen(&mut self, _now: Instant, seen: &Seen, out: &mut dyn PeerOut) {
        out.transmit(self.to.unwrap(), format!("{seen:?}").as_bytes());
    }

    fn law(&self) -> Law {
        Law::Pcmu
    }

    fn close(&mut self, _now: Instant, _out: &mut dyn PeerOut) {}
}

fn binding(name: &str) -> Vec<u8> {
    let named = format!("{name}:them");
    let mut body = vec![0, 6, 0, named.len() as u8];
    body.extend(named.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    let mut out = vec![0, 1, 0, body.len() as u8, 0x21, 0x12, 0xa4, 0x42];
    out.extend([5; 12]);
    out.extend(body);
    out
}

async fn camera(plane: &Plane, name: &str) -> (crate::media::PeerId, UdpSocket) {
    let (sender, mut events) = mpsc::channel(8);
    let peer = plane.add_peer(Box::new(Camera { name: name.into(), to: None }), sender);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked = async {
        loop {
            socket.send_to(&binding(name), plane.web_addr().unwrap()).unwrap();
            if let Ok(Some(PeerEvent::Connected)) = tokio::time::timeout(Duration::from_millis(200), events.recv()).await {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("connected");
    (peer, socket)
}

/// Shows one packet of a whole picture.
fn show(socket: &UdpSocket, web: SocketAddr, seq: u16) {
    let mut packet = vec![0; crate::rtp::HEADER_LEN];
    Header::write(&mut packet, true, 96, seq, u32::from(seq) * 3_000, 9);
    packet[0] = 128;
    packet.extend([0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0]);
    socket.send_to(&packet, web).unwrap();
}

fn heard(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 200];
    let length = socket.recv(&mut buffer).expect("something");
    buffer[..length].to_vec()
}

/// Nothing comes to this socket.
fn nothing(socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
    assert!(socket.recv(&mut [0; 200]).is_err());
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
}

#[tokio::test]
async fn who_hears_somebody_sees_them_and_is_heard_of_by_them_alone() {
    let plane = plane();
    let mut room = room(&plane);
    let web = plane.web_addr().unwrap();
    let (one, two, aside) = (camera(&plane, "one").await, camera(&plane, "two").await, camera(&plane, "aside").await);
    let [first, second, _third] = [one.0, two.0, aside.0].map(|peer| room.add_peer(peer));
    room.bridge(first, second);
    wait("all legs", || plane.stats().legs == 3);
    show(&one.1, web, 7);
    assert!(heard(&two.1).starts_with(b"shown \x10"));
    two.1.send_to(&[20], web).unwrap();
    assert_eq!(heard(&one.1), b"Lost([7])");
    for other in [&one.1, &two.1, &aside.1] {
        nothing(other);
    }
    // Recorded while the other sees it, with the sound: a whole picture is asked for where it begins.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call-1.wav");
    room.record(first, path.clone(), Law::Pcmu);
    let film = beside(&path, "customer");
    let start = Instant::now();
    for seq in 8.. {
        show(&one.1, web, seq);
        tokio::time::sleep(Duration::from_millis(50)).await;
        if film.exists() && std::fs::metadata(&film).unwrap().len() > 400 {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "nothing was recorded");
    }
    assert_eq!(heard(&one.1), b"Whole");
    assert!(!beside(&path, "agent").exists(), "the other has shown nothing");
    plane.shutdown();
    let bytes = std::fs::read(&film).unwrap();
    assert!(bytes.windows(4).any(|id| id == [0x1c, 0x53, 0xbb, 0x6b]), "an index is written at the end");
}
