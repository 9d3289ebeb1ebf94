//! The media plane under load: processor time of its threads for each call, and memory. Calls are made of sockets on loopback that
//! send 20 ms frames of speech-like sound; what they cost is not counted.
//!
//! `cargo bench --bench media [SCENARIO…]`

use hubline::media::{LegId, Place, Plane, PlaneConfig, Remote, Room};
use hubline::rtp::{Codec, HEADER_LEN, Header, Law};
use hubline::sound::Improve;
use hubline::sound::codec::{Encoder, LONGEST};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ALAW: Codec = Codec::Law(Law::Pcma);
const ULAW: Codec = Codec::Law(Law::Pcmu);
const WARM_UP: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(10);
/// Frames after which the sound begins again: 2 s.
const FRAMES: usize = 100;

/// Some calls of one kind.
struct Scenario {
    name: &'static str,
    calls: usize,
    legs: &'static [Codec],
    recorded: bool,
    improve: Improve,
}

const PLAIN: Improve = Improve { noise: false, gain: false };

const SCENARIOS: [Scenario; 8] = [
    Scenario { name: "relay", calls: 200, legs: &[ALAW, ALAW], recorded: false, improve: PLAIN },
    Scenario { name: "relay-laws", calls: 200, legs: &[ALAW, ULAW], recorded: false, improve: PLAIN },
    Scenario { name: "relay-recorded", calls: 200, legs: &[ALAW, ALAW], recorded: true, improve: PLAIN },
    Scenario { name: "g722", calls: 50, legs: &[ALAW, Codec::G722], recorded: false, improve: PLAIN },
    Scenario { name: "opus", calls: 20, legs: &[ALAW, Codec::Opus], recorded: false, improve: PLAIN },
    Scenario { name: "three", calls: 50, legs: &[ALAW, ALAW, ALAW], recorded: false, improve: PLAIN },
    Scenario { name: "conference-of-ten", calls: 10, legs: &[ALAW; 10], recorded: false, improve: PLAIN },
    Scenario { name: "noise-suppression", calls: 10, legs: &[ALAW, ALAW], recorded: false, improve: Improve { noise: true, gain: true } },
];

/// One end of a call: sends, and takes what comes.
struct End {
    socket: UdpSocket,
    to: SocketAddr,
    codec: Codec,
    numbers: (u16, u32, u32),
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!("{:<20}{:>6}{:>14}{:>14}{:>12}{:>12}", "scenario", "calls", "% of a core", "µs a second", "KB a call", "lost %");
    for scenario in SCENARIOS.iter().filter(|scenario| wanted.is_empty() || wanted.iter().any(|name| name == scenario.name)) {
        run(scenario);
    }
}

fn run(scenario: &Scenario) {
    let plane = Plane::start(PlaneConfig {
        threads: 1,
        rtp_ports: 30_000..=49_999,
        bind: Ipv4Addr::LOCALHOST.into(),
        web: None,
        silence_after: Duration::from_millis(500),
        rtp_silence_after: Duration::from_secs(30),
        clock: Instant::now,
    })
    .expect("a plane");
    let folder = std::env::temp_dir().join(format!("hubline-bench-{}", std::process::id()));
    let before = resident();
    let (mut rooms, mut ends) = (Vec::new(), Vec::new());
    for call in 0..scenario.calls {
        let (room, legs) = call_of(scenario, &plane, &mut ends);
        if scenario.recorded {
            room.record(legs[0], folder.join(format!("{call}.wav")), Law::Pcma);
        }
        rooms.push(room);
    }
    let (stop, received) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let sender = std::thread::spawn({
        let (stop, received) = (stop.clone(), received.clone());
        move || send(ends, &stop, &received)
    });
    std::thread::sleep(WARM_UP);
    let (from, began, heard) = (media_time(), Instant::now(), received.load(Ordering::Relaxed));
    std::thread::sleep(MEASURED);
    let (spent, wall) = (media_time() - from, began.elapsed());
    let expected = scenario.calls as f64 * scenario.legs.len() as f64 * wall.as_secs_f64() * 50.0;
    let lost = 100.0 * (1.0 - (received.load(Ordering::Relaxed) - heard) as f64 / expected);
    let memory = resident().saturating_sub(before) as f64 / scenario.calls as f64;
    stop.store(true, Ordering::Relaxed);
    let _ = sender.join();
    let each = spent.as_secs_f64() / wall.as_secs_f64() / scenario.calls as f64;
    println!("{:<20}{:>6}{:>14.3}{:>14.0}{:>12.1}{:>12.2}", scenario.name, scenario.calls, 100.0 * each, 1e6 * each, memory, lost.max(0.0));
    drop(rooms);
    plane.shutdown();
    let _ = std::fs::remove_dir_all(folder);
}

/// A room in which everybody hears everybody else.
fn call_of(scenario: &Scenario, plane: &Plane, ends: &mut Vec<End>) -> (Room, Vec<LegId>) {
    let mut room = plane.room(Place::Any);
    let mut legs = Vec::new();
    for &codec in scenario.legs {
        let (leg, to) = room.add_rtp().expect("ports");
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.set_nonblocking(true).expect("a socket");
        let addr = socket.local_addr().expect("an address");
        let events = hubline::rtp::event::Events { payload_type: 101, clock: 8000 };
        room.set_remote(
            leg,
            Remote { addr, codec, payload_type: codec.offered_type(), dtmf: Some(events), send: true, receive: true, srtp: None },
        );
        if scenario.improve.any() {
            room.improve(leg, scenario.improve);
        }
        ends.push(End { socket, to, codec, numbers: (0, 0, ends.len() as u32 + 1) });
        legs.push(leg);
    }
    for &leg in &legs {
        let others: Vec<LegId> = legs.iter().copied().filter(|other| *other != leg).collect();
        room.hear(leg, &others);
    }
    (room, legs)
}

/// Sends a frame from every end each 20 ms, spread over them as independent callers are, and takes what comes.
fn send(mut ends: Vec<End>, stop: &AtomicBool, received: &AtomicU64) {
    let sounds: Vec<(Codec, Vec<Vec<u8>>)> =
        [ALAW, ULAW, Codec::G722, Codec::Opus].into_iter().map(|codec| (codec, sound(codec))).collect();
    let (began, mut buffer, mut frame) = (Instant::now(), [0; 2048], 0u64);
    while !stop.load(Ordering::Relaxed) {
        let count = ends.len();
        for (n, end) in ends.iter_mut().enumerate() {
            if n % 16 == 0 {
                let due = Duration::from_millis(20 * frame) + Duration::from_millis(20).mul_f64(n as f64 / count as f64);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            let Some((_, frames)) = sounds.iter().find(|(codec, _)| *codec == end.codec) else { continue };
            let payload = &frames[(frame as usize + n) % FRAMES];
            let mut packet = [0; HEADER_LEN + LONGEST];
            let (seq, timestamp, ssrc) = end.numbers;
            Header::write(&mut packet, false, end.codec.offered_type(), seq, timestamp, ssrc);
            packet[HEADER_LEN..HEADER_LEN + payload.len()].copy_from_slice(payload);
            let _ = end.socket.send_to(&packet[..HEADER_LEN + payload.len()], end.to);
            end.numbers = (seq.wrapping_add(1), timestamp.wrapping_add(160 * end.codec.scale()), ssrc);
            while end.socket.recv(&mut buffer).is_ok() {
                received.fetch_add(1, Ordering::Relaxed);
            }
        }
        frame += 1;
    }
}

/// Two seconds of syllables: a rich tone that swells and fades.
fn sound(codec: Codec) -> Vec<Vec<u8>> {
    let rate = if codec.is_wide() { 2 } else { 1 };
    let mut encoder = Encoder::new(codec);
    let sample = |at: usize| {
        let t = at as f64 / (8000 * rate) as f64;
        let tone: f64 = (1..12).map(|n| (std::f64::consts::TAU * 140.0 * f64::from(n) * t).sin() / f64::from(n)).sum();
        (4000.0 * tone * (std::f64::consts::PI * 3.0 * t).sin().abs()) as i16
    };
    (0..FRAMES)
        .map(|frame| {
            let mut out = vec![0; LONGEST];
            let length = match rate {
                1 => encoder.narrow(&std::array::from_fn(|n| sample(frame * 160 + n)), &mut out),
                _ => encoder.wide(&std::array::from_fn(|n| sample(frame * 320 + n)), &mut out),
            };
            out.truncate(length);
            out
        })
        .collect()
}

/// Time that the media threads have run.
fn media_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ours = tasks.filter(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        name.starts_with("media-") || name.starts_with("recorder")
    });
    let spent = ours.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok());
    Duration::from_nanos(spent.sum())
}

/// Memory in use, in KB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
