//! Housekeeping: ten times a second while there are legs. Browser legs are looked at each time, because half a second
//! of their silence matters; RTP legs once a second, a tenth of them at a time. RTCP is sent and read here.

use super::events::MediaEvent;
use super::leg::{Leg, Path};
use super::shard::Core;
use crate::rtp::ntp::NtpTime;
use crate::rtp::rtcp::{self, Compound, LastReport, MAX_LEN, SenderInfo};
use std::time::Duration;

const ROUND: Duration = Duration::from_millis(100);
/// Rounds in which every RTP leg has its turn once.
const TURNS: usize = 10;
/// RFC 3550 §6.2: at least 5 s, varied by half so that reports do not come in step.
const RTCP_EVERY: Duration = Duration::from_secs(5);
const QUALITY_EVERY: Duration = Duration::from_secs(5);
/// A locked source that is silent for so long may have moved behind its NAT and is learned anew.
const RELEARN_AFTER: Duration = Duration::from_secs(2);

impl Core {
    /// Begins the rounds with the first leg.
    pub fn open_house(&mut self) {
        let now = self.now;
        self.house_at.get_or_insert(now + ROUND);
    }

    pub fn keep_house(&mut self) {
        self.wind_tapes();
        self.house_turn = (self.house_turn + 1) % TURNS;
        for at in 0..self.legs.bound() {
            let Some(leg) = self.legs.get(at) else { continue };
            match leg.path {
                Path::Peer(_) if leg.heard => self.check_silence(at, self.silence_after),
                Path::Rtp(_) if at % TURNS == self.house_turn => self.check_rtp(at),
                _ => {}
            }
            if at % TURNS == self.house_turn {
                self.check_quality(at);
            }
        }
        self.house_at = (self.legs.len() > 0 || self.feed.is_waiting()).then_some(self.now + ROUND);
    }

    fn check_silence(&mut self, at: usize, after: Duration) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        if leg.liveness.check(self.now, after) {
            let (room, leg) = (leg.room, leg.id);
            self.tell(room, MediaEvent::Silent { leg });
        }
    }

    fn check_rtp(&mut self, at: usize) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(at) else { return };
        let quiet = leg.liveness.last.is_some_and(|last| now.duration_since(last) >= RELEARN_AFTER);
        let receive = leg.receive;
        let Path::Rtp(path) = &mut leg.path else { return };
        if quiet && path.learner.silence() {
            path.mute = path.learner.destination().filter(|_| path.connected);
            path.disconnect();
        }
        if path.rtcp_due <= now {
            let varied = RTCP_EVERY.mul_f64(0.5 + rand::random::<f64>());
            path.rtcp_due = now + varied;
            leg.report(now, NtpTime::since_start(now.duration_since(self.start)), false);
        }
        if receive {
            self.check_silence(at, self.rtp_silence_after);
        }
    }

    fn check_quality(&mut self, at: usize) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(at) else { return };
        if leg.quality_due > now || leg.received.received() == 0 {
            return;
        }
        leg.quality_due = now + QUALITY_EVERY;
        let (room, id) = (leg.room, leg.id);
        if let Some(stats) = self.leg_stats(at) {
            self.tell(room, MediaEvent::Quality { leg: id, stats });
        }
    }

    pub fn rtcp_ready(&mut self, at: usize, datagram: &mut [u8]) {
        let Some(Leg { path: Path::Rtp(path), refused, .. }) = self.legs.get_mut(at) else { return };
        let Ok((length, from)) = path.pair.rtcp.recv_from(datagram) else { return };
        // Reports come from the audio's host; the port is the neighbour's or what a NAT has made of it.
        if path.learner.destination().is_none_or(|to| to.ip() != from.ip()) {
            *refused += 1;
            return self.counters.refused.add(1);
        }
        let Some(length) = path.open(datagram, length) else {
            *refused += 1;
            return self.counters.refused.add(1);
        };
        path.rtcp_from = Some(from);
        self.rtcp(at, &datagram[..length]);
    }

    pub fn rtcp(&mut self, at: usize, packet: &[u8]) {
        let now = self.now;
        let ntp = NtpTime::since_start(now.duration_since(self.start));
        let Some(leg) = self.legs.get_mut(at) else { return };
        let heard = rtcp::parse(packet, leg.out.ssrc);
        if let Some(block) = heard.block {
            leg.heard_report(ntp, &block);
        }
        if let (Some((_, middle)), Path::Rtp(path)) = (heard.sender, &mut leg.path) {
            path.sender_report = Some((middle, now));
        }
    }
}

impl Leg {
    /// Sends a report, if there is anything to report and anywhere to send it.
    pub fn report(&mut self, now: std::time::Instant, ntp: NtpTime, bye: bool) {
        let Path::Rtp(path) = &mut self.path else { return };
        let (Some(to), true) = (path.rtcp_destination(), self.send) else { return };
        let sending = self.out.packets != path.reported;
        path.reported = self.out.packets;
        let sender =
            sending.then(|| SenderInfo { ntp, timestamp: self.out.timestamp_at(now), packets: self.out.packets, octets: self.out.octets });
        let last = path.sender_report.map_or(LastReport::default(), |(lsr, at)| {
            let dlsr = now.duration_since(at).as_micros() * 65_536 / 1_000_000;
            LastReport { lsr, dlsr: dlsr as u32 }
        });
        let reception = self.received.report().map(|report| (report, last));
        if sender.is_none() && reception.is_none() {
            return;
        }
        let compound = Compound { ssrc: self.out.ssrc, sender, reception, cname: path.cname, bye };
        let mut out = [0; MAX_LEN];
        let length = compound.write(&mut out);
        path.send_report(&out[..length], to);
    }
}
