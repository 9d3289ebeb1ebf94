//! RTCP (RFC 3550 §6): the compound packet we send (SR or RR, then SDES with a CNAME, at the end BYE), and a tolerant
//! reader of what the other side sends.

use super::ntp::NtpTime;
use super::stats::ReceptionReport;

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
/// Room enough for the compound packet we write.
pub const MAX_LEN: usize = 128;
/// Bytes of our CNAME, hexadecimal of a random number (RFC 7022 §4.2).
const CNAME: usize = 16;

/// What we say of our own stream (§6.4.1), where we send one.
#[derive(Clone, Copy, Debug)]
pub struct SenderInfo {
    pub ntp: NtpTime,
    pub timestamp: u32,
    pub packets: u32,
    pub octets: u32,
}

/// The last sender report heard, echoed so that the sender can tell its round trip.
#[derive(Clone, Copy, Debug, Default)]
pub struct LastReport {
    /// Middle 32 bits of its NTP time; 0 if none was heard.
    pub lsr: u32,
    /// Since then, in 1/65536 s.
    pub dlsr: u32,
}

/// Everything a compound packet is written from.
#[derive(Clone, Copy, Debug)]
pub struct Compound {
    pub ssrc: u32,
    pub sender: Option<SenderInfo>,
    pub reception: Option<(ReceptionReport, LastReport)>,
    pub cname: u64,
    pub bye: bool,
}

impl Compound {
    /// Writes the packet and returns its length.
    pub fn write(&self, out: &mut [u8; MAX_LEN]) -> usize {
        let mut at = Cursor { out, at: 0 };
        let blocks = u8::from(self.reception.is_some());
        let kind = if self.sender.is_some() { SR } else { RR };
        let words = 1 + if self.sender.is_some() { 5 } else { 0 } + 6 * u16::from(blocks);
        at.put(&[0x80 | blocks, kind]);
        at.put(&words.to_be_bytes());
        at.put(&self.ssrc.to_be_bytes());
        if let Some(info) = self.sender {
            at.put(&info.ntp.0.to_be_bytes());
            for value in [info.timestamp, info.packets, info.octets] {
                at.put(&value.to_be_bytes());
            }
        }
        if let Some((report, last)) = self.reception {
            let lost = report.lost.to_be_bytes();
            at.put(&report.ssrc.to_be_bytes());
            at.put(&[report.fraction_lost, lost[1], lost[2], lost[3]]);
            for value in [report.highest_seq, report.jitter, last.lsr, last.dlsr] {
                at.put(&value.to_be_bytes());
            }
        }
        // One chunk: SSRC, item CNAME, its end and padding: 4 + 2 + 16 + 2 bytes, 6 words.
        at.put(&[0x81, SDES, 0, 6]);
        at.put(&self.ssrc.to_be_bytes());
        at.put(&[1, CNAME as u8]);
        for shift in (0..CNAME).rev() {
            at.put(&[b"0123456789abcdef"[(self.cname >> (4 * shift) & 15) as usize]]);
        }
        at.put(&[0, 0]);
        if self.bye {
            at.put(&[0x81, BYE, 0, 1]);
            at.put(&self.ssrc.to_be_bytes());
        }
        at.at
    }
}

struct Cursor<'a> {
    out: &'a mut [u8; MAX_LEN],
    at: usize,
}

impl Cursor<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.out[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }
}

/// What a compound packet said, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// SSRC and middle NTP bits of a sender report.
    pub sender: Option<(u32, u32)>,
    /// The report block about our stream.
    pub block: Option<Block>,
    pub bye: bool,
}

/// A report block about the stream we send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    pub fraction_lost: u8,
    /// In timestamp units.
    pub jitter: u32,
    pub lsr: u32,
    pub dlsr: u32,
}

/// Reads a compound packet about the stream `ours`; stops at the first thing that does not fit.
pub fn parse(mut data: &[u8], ours: u32) -> Heard {
    let mut heard = Heard::default();
    while let Some(head) = data.first_chunk::<4>() {
        let length = 4 + 4 * u16::from_be_bytes([head[2], head[3]]) as usize;
        if head[0] >> 6 != 2 || data.len() < length {
            break;
        }
        let (packet, rest) = data.split_at(length);
        match head[1] {
            SR if length >= 28 => {
                heard.sender = Some((word(packet, 4), word(packet, 10)));
                heard.block = block(&packet[28..], ours).or(heard.block);
            }
            RR if length >= 8 => heard.block = block(&packet[8..], ours).or(heard.block),
            BYE => heard.bye = true,
            _ => {}
        }
        data = rest;
    }
    heard
}

fn block(blocks: &[u8], ours: u32) -> Option<Block> {
    let block = blocks.chunks_exact(24).find(|block| word(block, 0) == ours)?;
    Some(Block { fraction_lost: block[4], jitter: word(block, 12), lsr: word(block, 16), dlsr: word(block, 20) })
}

/// The word at a byte offset that the caller knows to be within.
fn word(data: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]])
}

#[cfg(test)]
mod tests;
