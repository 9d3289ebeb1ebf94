//! The picture of one browser: its own, passed on as it comes, and the one that it is shown. Both are negotiated once, at the beginning, and carry
//! nothing until somebody turns a camera on or shows their screen.

use std::time::Instant;

use ::webrtc::rtcp;
use ::webrtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use ::webrtc::rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use ::webrtc::rtcp::transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers};
use ::webrtc::rtp;
use bytes::Bytes;

use super::offer::PictureOffer;
use super::picture::{Outgoing, Whole};
use crate::media::{PeerOut, Picture, Seen};

pub struct Screen {
    pub payload_type: u8,
    /// The stream we send the picture under.
    ssrc: u32,
    /// The browser's own, once known.
    theirs: Option<u32>,
    outgoing: Outgoing,
    whole: Whole,
}

impl Screen {
    pub fn new(offer: &PictureOffer, ssrc: u32) -> Screen {
        let &PictureOffer { payload_type, ssrc: theirs, .. } = offer;
        Screen { payload_type, ssrc, theirs, outgoing: Outgoing::default(), whole: Whole::default() }
    }

    /// A decrypted packet of the browser's own picture.
    pub fn packet(&mut self, packet: &rtp::Packet, out: &mut dyn PeerOut) {
        let rtp::Header { sequence_number: seq, timestamp, marker, ssrc, .. } = packet.header;
        self.theirs = Some(ssrc);
        out.picture(Picture { source: 0, seq, timestamp, marker, payload: &packet.payload });
    }

    /// A packet of somebody's picture for the browser; `None` while it is shown another. It carries no header extension: a packet that is sent
    /// again must be the very same, because a cipher may not see one packet number with two headers (RFC 7714 §9.1).
    pub fn stamped(&mut self, now: Instant, packet: &Picture<'_>, out: &mut dyn PeerOut) -> Option<rtp::Packet> {
        let stamp = self.outgoing.map(now, packet.source, packet.seq, packet.timestamp)?;
        if stamp.spliced {
            out.seen(Seen::Whole);
        }
        let header = rtp::Header {
            version: 2,
            marker: packet.marker,
            payload_type: self.payload_type,
            sequence_number: stamp.seq,
            timestamp: stamp.timestamp,
            ssrc: self.ssrc,
            ..rtp::Header::default()
        };
        Some(rtp::Packet { header, payload: Bytes::copy_from_slice(packet.payload) })
    }

    /// What the browser says of the picture that it is sent, in our numbers, for its source.
    pub fn said(&self, said: Seen, out: &mut dyn PeerOut) {
        let said = match said {
            Seen::Lost(ours) => Seen::Lost(self.outgoing.lost(ours.into_iter())),
            said => said,
        };
        if said != Seen::Lost(Vec::new()) {
            out.seen(said);
        }
    }

    /// What is said of the browser's own picture, as it is told.
    pub fn feedback(&mut self, now: Instant, seen: &Seen) -> Option<Box<dyn rtcp::Packet>> {
        let (sender_ssrc, media_ssrc) = (self.ssrc, self.theirs?);
        Some(match seen {
            Seen::Whole if !self.whole.may_ask(now) => return None,
            Seen::Whole => Box::new(PictureLossIndication { sender_ssrc, media_ssrc }),
            Seen::Lost(lost) => Box::new(TransportLayerNack { sender_ssrc, media_ssrc, nacks: nack_pairs_from_sequence_numbers(lost) }),
            Seen::Bitrate(bitrate) => Box::new(ReceiverEstimatedMaximumBitrate { sender_ssrc, bitrate: *bitrate, ssrcs: vec![media_ssrc] }),
        })
    }
}
