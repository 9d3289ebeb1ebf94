//! Calls that talk while others come and go: each hears its own packets back from the house's echo, and counts those that do not come.

use super::house::SIP;
use hubline::sim::message::{Received, description, finish};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// Between two packets of a call.
const FRAME: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);
/// Where a packet's number stands: behind the header of RTP (RFC 3550 §5.1).
const NUMBER: std::ops::Range<usize> = 12..20;

struct Talker {
    sip: UdpSocket,
    rtp: UdpSocket,
    to: SocketAddr,
    /// Its BYE, ready to be sent.
    bye: String,
}

pub struct Talkers(Vec<Talker>);

/// What was heard.
pub struct Heard {
    pub sent: u64,
    pub lost: u64,
    /// From the sending to the hearing, sorted.
    late: Vec<Duration>,
}

impl std::fmt::Display for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99, max) = (super::part(&self.late, 0.5), super::part(&self.late, 0.99), super::part(&self.late, 1.0));
        write!(f, "{} packets, {} lost, there and back p50 {p50:.2} p99 {p99:.2} max {max:.2} ms", self.sent, self.lost)
    }
}

impl Talkers {
    pub fn start(count: usize) -> anyhow::Result<Talkers> {
        (0..count).map(Talker::dial).collect::<anyhow::Result<Vec<_>>>().map(Talkers)
    }

    /// Talks for so long and counts.
    pub fn listen(&self, time: Duration) -> Heard {
        let (began, mut heard, mut back) = (Instant::now(), Heard { sent: 0, lost: 0, late: Vec::new() }, 0);
        let mut times: Vec<Instant> = Vec::new();
        let mut frame = 0u32;
        while began.elapsed() < time {
            for (n, talker) in self.0.iter().enumerate() {
                // Spread over the 20 ms, as those who know nothing of each other are.
                let due = began + FRAME * frame + FRAME.mul_f64(n as f64 / self.0.len() as f64);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                talker.speak(frame, times.len() as u64);
                times.push(Instant::now());
                back += talker.hear(&times, &mut heard.late);
            }
            frame += 1;
        }
        let end = Instant::now();
        while end.elapsed() < Duration::from_millis(500) {
            std::thread::sleep(Duration::from_millis(20));
            back += self.0.iter().map(|talker| talker.hear(&times, &mut heard.late)).sum::<u64>();
        }
        (heard.sent, heard.lost) = (times.len() as u64, (times.len() as u64).saturating_sub(back));
        heard.late.sort();
        heard
    }

    pub fn hang_up(self) {
        for talker in self.0 {
            // One that is lost is ended by the house, which hears nobody any more.
            let _ = talker.sip.send_to(talker.bye.as_bytes(), SIP);
            let _ = talker.sip.recv(&mut [0; 2_048]);
        }
    }
}

impl Talker {
    fn dial(n: usize) -> anyhow::Result<Talker> {
        let (sip, rtp) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
        sip.set_read_timeout(Some(PATIENCE))?;
        rtp.set_nonblocking(true)?;
        let (local, id) = (sip.local_addr()?, format!("t{n}x{}x{}", std::process::id(), sip.local_addr()?.port()));
        let head = |method: &str, target: &str, cseq: u32, to: &str| {
            format!(
                "{method} {target} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bK{id}{method}\r\nmax-forwards: 70\r\nfrom: <sip:talker@{local}>;tag=t\r\n\
                 to: {to}\r\ncall-id: {id}\r\ncseq: {cseq} {method}\r\ncontact: <sip:t@{local}>\r\n"
            )
        };
        let echo = format!("sip:echo@{SIP}");
        sip.send_to(finish(head("INVITE", &echo, 1, &format!("<{echo}>")), Some(&description(rtp.local_addr()?, 1))).as_bytes(), SIP)?;
        let mut buffer = [0; 8_192];
        loop {
            let length = sip.recv(&mut buffer)?;
            let Some(answer) = Received::read(&buffer[..length]) else { continue };
            match (answer.status(), answer.audio(), answer.contact(), answer.header("to")) {
                (Some(200), Some(audio), Some(target), Some(to)) => {
                    sip.send_to(finish(head("ACK", target, 1, to), None).as_bytes(), SIP)?;
                    let bye = finish(head("BYE", target, 2, to), None);
                    return Ok(Talker { sip, rtp, to: audio, bye });
                }
                (Some(status @ 300..), ..) => anyhow::bail!("a call that was to talk is refused: {status}"),
                _ => {}
            }
        }
    }

    fn speak(&self, frame: u32, number: u64) {
        let mut packet = [0xff; 172];
        packet[..2].copy_from_slice(&[0x80, 0]);
        packet[2..4].copy_from_slice(&(frame as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&(frame.wrapping_mul(160)).to_be_bytes());
        packet[8..12].copy_from_slice(&0x7a1c_u32.to_be_bytes());
        packet[NUMBER].copy_from_slice(&number.to_be_bytes());
        // What the house does not read in time is its loss, and counted.
        let _ = self.rtp.send_to(&packet, self.to);
    }

    /// Takes what has come; how many of ours there were.
    fn hear(&self, times: &[Instant], late: &mut Vec<Duration>) -> u64 {
        let (mut buffer, mut count) = ([0; 2_048], 0);
        while let Ok(length) = self.rtp.recv(&mut buffer) {
            let number = buffer[..length].get(NUMBER).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
            if let Some(sent) = number.and_then(|number| times.get(usize::try_from(number).ok()?)) {
                late.push(sent.elapsed());
                count += 1;
            }
        }
        count
    }
}
