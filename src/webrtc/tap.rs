//! What the browser reports about our stream. The library neither hands inbound RTCP to the application nor counts
//! it, so this link of its interceptor chain, nearest to the wire, looks at every report passing: our sender reports
//! out (remembering when), the browser's reception reports in (RFC 3550 §6.4.1).

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::webrtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use ::webrtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use ::webrtc::rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use ::webrtc::rtcp::receiver_report::ReceiverReport;
use ::webrtc::rtcp::reception_report::ReceptionReport;
use ::webrtc::rtcp::sender_report::SenderReport;
use ::webrtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
use ::webrtc::sansio::Protocol;
use ::webrtc::shared::error::Error;

use super::picture::Said;
use crate::media;

/// Sender reports remembered; one leaves every five seconds and is answered within one interval.
const REMEMBERED: usize = 4;

/// One reception report about our stream.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Seen {
    /// Since the stream began; duplicates count against losses, so it may fall.
    pub lost: u32,
    /// Of the last interval, 0 to 1.
    pub fraction: f32,
    /// In timestamp units, 8 a millisecond.
    pub jitter: u32,
    pub rtt: Option<Duration>,
}

#[derive(Debug, Default)]
struct Reports {
    ours: u32,
    /// Middle 32 bits of the NTP time in a sender report, and when it left.
    sent: VecDeque<(u32, Instant)>,
    /// The newest not yet taken.
    seen: Option<Seen>,
    /// Our picture's stream, and what was said of it.
    picture: u32,
    said: Said,
}

impl Reports {
    fn out(&mut self, now: Instant, report: &SenderReport) {
        if report.ssrc == self.ours {
            self.sent.truncate(REMEMBERED - 1);
            self.sent.push_front(((report.ntp_time >> 16) as u32, now));
        }
    }

    fn arrived(&mut self, now: Instant, blocks: &[ReceptionReport]) {
        let Some(block) = blocks.iter().find(|block| block.ssrc == self.ours) else {
            return;
        };
        let sent = self.sent.iter().find(|(stamp, _)| *stamp == block.last_sender_report && *stamp != 0);
        let rtt = sent.and_then(|(_, at)| {
            // RFC 3550 §6.4.1: round trip = A - LSR - DLSR, the last in 1/65536 s.
            let delay = Duration::from_micros(u64::from(block.delay) * 1_000_000 / 65_536);
            now.checked_duration_since(*at)?.checked_sub(delay)
        });
        self.seen = Some(Seen { lost: block.total_lost, fraction: f32::from(block.fraction_lost) / 256.0, jitter: block.jitter, rtt });
    }
}

/// Words about our picture kept until they are taken.
const MOST_SAID: usize = 32;

impl Reports {
    /// What one packet says of our picture (RFC 4585 §6.2.1, §6.3.1; draft-alvestrand-rmcat-remb-03 §2).
    fn of_picture(&mut self, packet: &dyn Any) {
        let said = if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
            let lost = nack.nacks.iter().flat_map(|pair| pair.into_iter()).take(MOST_SAID * 17).collect();
            (nack.media_ssrc == self.picture).then_some(media::Seen::Lost(lost))
        } else if let Some(whole) = packet.downcast_ref::<PictureLossIndication>() {
            (whole.media_ssrc == self.picture).then_some(media::Seen::Whole)
        } else if let Some(bitrate) = packet.downcast_ref::<ReceiverEstimatedMaximumBitrate>() {
            bitrate.ssrcs.contains(&self.picture).then_some(media::Seen::Bitrate(bitrate.bitrate))
        } else {
            None
        };
        if let Some(said) = said.filter(|_| self.said.len() < MOST_SAID) {
            self.said.push_back(said);
        }
    }
}

/// The reading end, kept beside the connection. Locked only when RTCP arrived, never for a media packet, and only
/// by the thread that also drives the chain.
#[derive(Clone, Debug)]
pub struct Reader(Arc<Mutex<Reports>>);

impl Reader {
    pub fn take(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen.take()
    }

    /// What was said of our picture since.
    pub fn take_said(&self) -> Said {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).said)
    }
}

pub struct Tap {
    reports: Arc<Mutex<Reports>>,
    reads: VecDeque<TaggedPacket>,
    writes: VecDeque<TaggedPacket>,
}

impl Tap {
    /// A tap for the streams that we send sound and picture under.
    pub fn new(ssrc: u32, picture: u32) -> (Tap, Reader) {
        let reports = Arc::new(Mutex::new(Reports { ours: ssrc, picture, ..Reports::default() }));
        let tap = Tap { reports: reports.clone(), reads: VecDeque::new(), writes: VecDeque::new() };
        (tap, Reader(reports))
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Tap {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &message.message.packet {
            let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            for packet in packets {
                let any = packet.as_any();
                if let Some(report) = any.downcast_ref::<ReceiverReport>() {
                    reports.arrived(message.now, &report.reports);
                } else if let Some(report) = any.downcast_ref::<SenderReport>() {
                    reports.arrived(message.now, &report.reports);
                } else {
                    reports.of_picture(any);
                }
            }
        }
        self.reads.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.reads.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &message.message.packet {
            let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            for report in packets.iter().filter_map(|packet| packet.as_any().downcast_ref::<SenderReport>()) {
                reports.out(message.now, report);
            }
        }
        self.writes.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.writes.pop_front()
    }
}

impl Interceptor for Tap {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
