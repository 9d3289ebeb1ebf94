//! The library's peer connection, set up for one leg: ICE-lite, PCMU, PCMA and telephone-event, a picture where one is offered, reports every
//! five seconds, none of the machinery that stores or paces video.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use ::webrtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use ::webrtc::interceptor::{ReceiverReportBuilder, Registry, SenderReportBuilder, Slot};
use ::webrtc::media_stream::MediaStreamTrack;
use ::webrtc::peer_connection::configuration::media_engine::{MIME_TYPE_PCMA, MIME_TYPE_PCMU, MIME_TYPE_VP8, MediaEngine};
use ::webrtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use ::webrtc::peer_connection::sdp::RTCSessionDescription;
use ::webrtc::peer_connection::transport::{RTCDtlsRole, RTCIceCandidateInit};
use ::webrtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use ::webrtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use ::webrtc::shared::error::Error;

use super::offer::{DtlsRole, Offer};
use super::tap::{Reader, Tap};
use crate::rtp::Law;

/// RFC 3550 §6.2 asks for five seconds at least; each round costs a sweep of the library's pipeline.
const REPORTS: Duration = Duration::from_secs(5);
/// Nearer to the wire than any slot the library names, so the reports that it makes pass here too.
const TAP: usize = 500;

/// The name the library knows our socket by. It is never a real address: the library wants every datagram to carry
/// its candidate's address exactly, while the socket may be bound to any, and be reached through several.
pub const LOCAL_V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 3478);
pub const LOCAL_V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 3478);

pub struct Connection {
    pub pc: RTCPeerConnection,
    /// The stream we send under.
    pub ssrc: u32,
    /// The one under which we send a picture.
    pub picture_ssrc: u32,
    pub reports: Reader,
    /// The library's own answer, with our nominal candidates still in it.
    pub answer: String,
}

/// Sets up the connection and takes the offer; about a millisecond, most of it for the certificate.
pub fn accept(offer: &Offer, now: Instant) -> Result<Connection, Error> {
    let ssrc = rand::random_range(1..=u32::MAX);
    // Two streams of one connection never share a number.
    let picture_ssrc = ssrc.wrapping_add(1).max(1);
    let (tap, reports) = Tap::new(ssrc, picture_ssrc);
    let interceptors = Registry::new()
        .with(Slot::from(TAP), tap)
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().with_interval(REPORTS).build())
        .with(Slot::SenderReport, SenderReportBuilder::new().with_interval(REPORTS).build());
    let role = match offer.role {
        DtlsRole::Client => RTCDtlsRole::Client,
        DtlsRole::Server => RTCDtlsRole::Server,
    };
    let settings = SettingEngineBuilder::new()
        .with_lite(true)
        .with_answering_dtls_role(role)
        // The latch judges life and silence. The library would judge by its first pair only, and on failure throw
        // away candidates that a returning browser needs.
        .with_ice_timeouts(Some(Duration::ZERO), Some(Duration::ZERO), None)
        // SHA1_80 is what every browser has; GCM costs less where the browser prefers it.
        .with_srtp_protection_profiles(vec![
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ])
        .with_srtp_replay_protection_window(128)
        .with_srtcp_replay_protection_window(64)
        .build();
    let mut pc = RTCPeerConnectionBuilder::new()
        .with_media_engine(codecs(offer)?)
        .with_setting_engine(settings)
        .with_interceptor_registry(interceptors)
        .build(now)?;
    pc.add_track(track(ssrc, RtpCodecKind::Audio, codec(MIME_TYPE_PCMU)))?;
    if offer.picture.is_some() {
        pc.add_track(track(picture_ssrc, RtpCodecKind::Video, picture_codec()))?;
    }
    pc.set_remote_description(now, RTCSessionDescription::offer(offer.text())?)?;
    for local in [LOCAL_V4, LOCAL_V6] {
        pc.add_local_candidate(RTCIceCandidateInit {
            candidate: format!("candidate:1 1 udp 2130706431 {} {} typ host", local.ip(), local.port()),
            ..RTCIceCandidateInit::default()
        })?;
    }
    let answer = pc.create_answer(None)?;
    pc.set_local_description(now, answer)?;
    let answer = pc.local_description().ok_or_else(|| Error::Other("no local description".to_owned()))?.sdp;
    Ok(Connection { pc, ssrc, picture_ssrc, reports, answer })
}

fn codecs(offer: &Offer) -> Result<MediaEngine, Error> {
    let mut engine = MediaEngine::default();
    let events = offer.events.map(|number| (number, "audio/telephone-event"));
    let laws = [Law::Pcmu, Law::Pcma].map(|law| (law.payload_type(), mime(law)));
    for (payload_type, mime) in laws.into_iter().chain(events) {
        engine.register_codec(RTCRtpCodecParameters { rtp_codec: codec(mime), payload_type }, RtpCodecKind::Audio)?;
    }
    if let Some(picture) = &offer.picture {
        let parameters = RTCRtpCodecParameters { rtp_codec: picture_codec(), payload_type: picture.payload_type };
        engine.register_codec(parameters, RtpCodecKind::Video)?;
    }
    Ok(engine)
}

/// Feedback goes through to the source: what it lost on either way is asked of it, and how much the whole way takes is for it to know.
fn picture_codec() -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback { typ: typ.to_owned(), parameter: parameter.to_owned() };
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.to_owned(),
        clock_rate: 90_000,
        rtcp_feedback: vec![feedback("goog-remb", ""), feedback("nack", ""), feedback("nack", "pli")],
        ..RTCRtpCodec::default()
    }
}

fn track(ssrc: u32, kind: RtpCodecKind, codec: RTCRtpCodec) -> MediaStreamTrack {
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..RTCRtpCodingParameters::default() },
        active: true,
        codec,
        ..RTCRtpEncodingParameters::default()
    };
    // Streams of their own: each is played as it comes, and neither waits for the other.
    let name = || if kind == RtpCodecKind::Audio { "hubline" } else { "picture" }.to_owned();
    MediaStreamTrack::new(name(), name(), name(), kind, vec![coding])
}

fn mime(law: Law) -> &'static str {
    match law {
        Law::Pcmu => MIME_TYPE_PCMU,
        Law::Pcma => MIME_TYPE_PCMA,
    }
}

fn codec(mime: &str) -> RTCRtpCodec {
    RTCRtpCodec { mime_type: mime.to_owned(), clock_rate: 8000, channels: 1, ..RTCRtpCodec::default() }
}
