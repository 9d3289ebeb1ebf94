//! Browser legs through a peer that needs no crypto: the mux's rules, the leg's life, a peer that panics.

use super::rig::*;
use crate::media::{AudioIn, AudioOut, MediaEvent, Peer, PeerEvent, PeerId, PeerOut, Plane};
use crate::rtp::{HEADER_LEN, Header, Law};
use std::any::Any;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const LOCAL: [u8; 4] = [127, 0, 0, 1];

/// Latches whoever names its fragment, sends RTP in the clear, keeps a timer.
struct FakePeer {
    ufrag: String,
    to: Option<SocketAddr>,
    timer: Option<Instant>,
}

impl Peer for FakePeer {
    fn ufrag(&self) -> &str {
        &self.ufrag
    }

    fn datagram(&mut self, now: Instant, from: SocketAddr, data: &mut [u8], out: &mut dyn PeerOut) {
        match data[0] {
            0..=3 => {
                out.latch(from);
                self.to = Some(from);
                self.timer = Some(now + Duration::from_millis(150));
                out.event(PeerEvent::Connected);
            }
            128..=191 => {
                let header = Header::parse(data).unwrap();
                let Some(law) = Law::from_payload_type(header.payload_type) else { return out.digit('9', 100) };
                let Header { seq, timestamp, marker, .. } = header;
                out.audio(AudioIn { law, seq, timestamp, marker, payload: &data[header.start..header.end] });
            }
            _ => panic!("a peer may panic"),
        }
    }

    fn timeout(&mut self, _now: Instant, out: &mut dyn PeerOut) {
        self.timer = None;
        out.transmit(self.to.unwrap(), b"\x14timer");
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.timer
    }

    fn send(&mut self, _now: Instant, packet: &AudioOut<'_>, out: &mut dyn PeerOut) {
        let Some(to) = self.to else { return };
        let mut datagram = vec![0; HEADER_LEN];
        let payload_type = if packet.event { DTMF } else { packet.law.payload_type() };
        Header::write(&mut datagram, packet.marker, payload_type, packet.seq, packet.timestamp, 1);
        datagram.extend(packet.payload);
        out.transmit(to, &datagram);
    }

    fn law(&self) -> Law {
        Law::Pcmu
    }

    fn close(&mut self, _now: Instant, out: &mut dyn PeerOut) {
        if let Some(to) = self.to {
            out.transmit(to, b"\x15bye");
        }
        out.event(PeerEvent::Closed);
    }

    fn command(&mut self, _now: Instant, command: Box<dyn Any + Send>, _out: &mut dyn PeerOut) {
        if let Ok(ufrag) = command.downcast::<String>() {
            self.ufrag = *ufrag;
        }
    }
}

fn add(plane: &Plane, ufrag: &str) -> (PeerId, mpsc::Receiver<PeerEvent>) {
    let (sender, events) = mpsc::channel(8);
    (plane.add_peer(Box::new(FakePeer { ufrag: ufrag.into(), to: None, timer: None }), sender), events)
}

/// A binding request, with ICE-CONTROLLED or ICE-CONTROLLING.
fn binding(ufrag: &str, role: u16) -> Vec<u8> {
    let name = format!("{ufrag}:them");
    let mut body = vec![0, 6, 0, name.len() as u8];
    body.extend(name.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(role.to_be_bytes());
    body.extend([0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
    let mut out = vec![0, 1, 0, body.len() as u8, 0x21, 0x12, 0xa4, 0x42];
    out.extend([5; 12]);
    out.extend(body);
    out
}

async fn peer_event(events: &mut mpsc::Receiver<PeerEvent>) -> Option<PeerEvent> {
    tokio::time::timeout(PATIENCE, events.recv()).await.expect("a peer's event")
}

#[tokio::test]
async fn a_browser_and_a_phone_talk_and_the_browsers_silence_is_told() {
    let plane = plane();
    let mut room = room(&plane);
    let web = plane.web_addr().unwrap();
    let (browser, phone) = (Phone::new(LOCAL, Law::Pcmu, 440.0), Phone::new(LOCAL, Law::Pcma, 1000.0));
    let (peer, mut events) = add(&plane, "frag");
    // Not yet authenticated: nothing comes through.
    wait("the peer", || plane.stats().peers == 1);
    browser.talk(Some(web));
    wait("refusals", || plane.stats().refused > 5);
    let leg = room.add_peer(peer);
    let (phone_leg, _) = phone.join(&mut room);
    room.bridge(leg, phone_leg);
    browser.send(web, &binding("frag", 0x8029));
    browser.send(web, &binding("other", 0x802a));
    browser.send(web, &binding("frag", 0x802a));
    assert_eq!(peer_event(&mut events).await, Some(PeerEvent::Connected));
    phone.hears(440.0);
    browser.hears(1000.0);
    assert!(phone.packets().iter().all(|packet| packet.header.payload_type == 8));
    browser.talk(None);
    assert_eq!(event(&mut room).await, MediaEvent::Silent { leg });
    browser.talk(Some(web));
    assert_eq!(until(&mut room, |event| matches!(event, MediaEvent::Heard { .. })).await, MediaEvent::Heard { leg });
    // A key in the page is pressed towards the phone.
    let mut key = [0; HEADER_LEN + 4];
    Header::write(&mut key, true, DTMF, 1, 1, 1);
    browser.send(web, &key);
    assert_eq!(event(&mut room).await, MediaEvent::Digit { leg, digit: '9', ms: 100, tone: false });
    wait("the key", || phone.packets().iter().any(|packet| packet.header.payload_type == DTMF));
    plane.remove_peer(peer);
    assert!(matches!(event(&mut room).await, MediaEvent::LegClosed { leg: closed, .. } if closed == leg));
    assert_eq!(peer_event(&mut events).await, Some(PeerEvent::Closed));
    assert_eq!(peer_event(&mut events).await, None);
    wait("no peers", || plane.stats().peers == 0);
    plane.shutdown();
}

#[tokio::test]
async fn the_newest_room_wins_and_names_and_addresses_follow() {
    let plane = plane();
    let (mut first, mut second) = (room(&plane), room(&plane));
    let web = plane.web_addr().unwrap();
    let (peer, mut events) = add(&plane, "old");
    let leg = first.add_peer(peer);
    let newer = second.add_peer(peer);
    assert!(matches!(event(&mut first).await, MediaEvent::LegClosed { leg: closed, .. } if closed == leg));
    plane.tell_peer(peer, Box::new("new".to_owned()));
    second.echo(newer, true);
    // Over an ICE restart both names are known; a page that moved is heard from where it is now.
    for (name, hertz) in [("old", 500.0), ("new", 900.0)] {
        let browser = Phone::new(LOCAL, Law::Pcmu, hertz);
        wait("the peer", || plane.stats().peers == 1);
        browser.send(web, &binding(name, 0x802a));
        assert_eq!(peer_event(&mut events).await, Some(PeerEvent::Connected));
        browser.talk(Some(web));
        browser.hears(hertz);
    }
    let gone = PeerId(u64::MAX);
    let none = second.add_peer(gone);
    assert!(matches!(event(&mut second).await, MediaEvent::LegClosed { leg: closed, .. } if closed == none));
    plane.shutdown();
}

#[tokio::test]
async fn a_timer_runs_and_a_panic_costs_its_peer_alone() {
    let plane = plane();
    let mut room = room(&plane);
    let web = plane.web_addr().unwrap();
    let (bad, mut bad_events) = add(&plane, "bad");
    let (_good, mut good_events) = add(&plane, "good");
    let leg = room.add_peer(bad);
    wait("both peers", || plane.stats().peers == 2);
    let sockets: Vec<UdpSocket> = (0..2).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for (socket, name) in sockets.iter().zip(["bad", "good"]) {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.send_to(&binding(name, 0x802a), web).unwrap();
        let mut buffer = [0; 100];
        let length = socket.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"\x14timer");
    }
    sockets[0].send_to(b"\x16boom", web).unwrap();
    assert_eq!(peer_event(&mut bad_events).await, Some(PeerEvent::Connected));
    assert_eq!(peer_event(&mut bad_events).await, Some(PeerEvent::Failed));
    assert!(matches!(event(&mut room).await, MediaEvent::LegClosed { leg: closed, .. } if closed == leg));
    assert_eq!(peer_event(&mut good_events).await, Some(PeerEvent::Connected));
    sockets[1].send_to(&binding("good", 0x802a), web).unwrap();
    assert_eq!(peer_event(&mut good_events).await, Some(PeerEvent::Connected), "the other goes on");
    wait("one peer", || plane.stats().peers == 1);
    plane.shutdown();
}
