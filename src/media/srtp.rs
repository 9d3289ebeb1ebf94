//! Encrypted audio of one telephone leg (SRTP and SRTCP, RFC 3711): what comes is checked and opened before anything else looks at it, what
//! goes is sealed last. Keys come from the signalling and are never logged.

use crate::rtp::srtp::{MasterKey, SrtpKeys, Suite};
use rtc_srtp::context::Context;
use rtc_srtp::crypto::default_provider;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

/// Packets that may come late (RFC 3711 §3.3.2 asks for 64 at least).
const WINDOW: usize = 128;
/// Packets under new SSRCs that may fail before the context that tries them is made anew: it remembers every SSRC it has seen.
const TRIES: u32 = 64;
/// Fixed RTP header; a shorter datagram is none.
const RTP_HEADER: usize = 12;

/// Both directions of one leg.
pub(super) struct Secure {
    keys: SrtpKeys,
    outbound: Context,
    inbound: Inbound,
}

/// The way in. The SSRC that has proven itself has a context of its own, so that forged ones neither fill its memory nor disturb its count.
struct Inbound {
    context: Context,
    /// Whose packets `context` has opened.
    proven: Option<u32>,
    /// Tries those of other SSRCs: a peer may begin anew.
    trial: Option<Context>,
    tries: u32,
}

impl Secure {
    /// `None` when the library refuses the keys, which their lengths do not allow.
    pub fn new(keys: SrtpKeys) -> Option<Secure> {
        Some(Secure { keys, outbound: context(&keys.ours, false)?, inbound: Inbound::new(&keys.theirs)? })
    }

    /// Takes over newly negotiated keys; a direction whose key stays goes on counting.
    pub fn rekey(&mut self, keys: SrtpKeys) -> Option<()> {
        if keys.ours != self.keys.ours {
            self.outbound = context(&keys.ours, false)?;
        }
        if keys.theirs != self.keys.theirs {
            self.inbound = Inbound::new(&keys.theirs)?;
        }
        self.keys = keys;
        Some(())
    }

    /// Opens an RTP packet in place and gives its new length; `None` for a forged, repeated or broken one.
    pub fn open(&mut self, datagram: &mut [u8], length: usize) -> Option<usize> {
        let packet = datagram.get(..length)?;
        let ssrc = u32::from_be_bytes(packet.get(8..RTP_HEADER)?.try_into().ok()?);
        let plain = self.inbound.open(ssrc, &self.keys.theirs, packet)?;
        datagram.get_mut(..plain.len())?.copy_from_slice(&plain);
        Some(plain.len())
    }

    /// The same for RTCP. Reports that are not encrypted are refused: the library would take them unchecked.
    pub fn open_rtcp(&mut self, datagram: &mut [u8], length: usize) -> Option<usize> {
        let packet = datagram.get(..length)?;
        let tag = match self.keys.theirs.suite() {
            Suite::AesCm80 | Suite::AesCm32 => 10,
            Suite::AesGcm128 | Suite::AesGcm256 => 0,
        };
        let index = packet.len().checked_sub(tag + 4).filter(|at| *at >= 8)?;
        let encrypted = packet.get(index)? & 0x80 != 0;
        // Only of whom audio was heard: the library keeps a state for every SSRC that is claimed.
        let ssrc = u32::from_be_bytes(packet.get(4..8)?.try_into().ok()?);
        self.inbound.proven.filter(|proven| *proven == ssrc)?;
        let plain = encrypted.then(|| self.inbound.context.decrypt_rtcp(packet).ok()).flatten()?;
        datagram.get_mut(..plain.len())?.copy_from_slice(&plain);
        Some(plain.len())
    }

    /// An RTP packet as it goes out.
    pub fn seal(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        self.outbound.encrypt_rtp(packet).ok()
    }

    pub fn seal_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        self.outbound.encrypt_rtcp(packet).ok()
    }
}

impl Inbound {
    fn new(key: &MasterKey) -> Option<Inbound> {
        Some(Inbound { context: context(key, true)?, proven: None, trial: None, tries: 0 })
    }

    fn open(&mut self, ssrc: u32, key: &MasterKey, packet: &[u8]) -> Option<bytes::BytesMut> {
        if self.proven == Some(ssrc) {
            return self.context.decrypt_rtp(packet).ok();
        }
        if self.tries >= TRIES {
            (self.trial, self.tries) = (None, 0);
        }
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => context(key, true)?,
        };
        match trial.decrypt_rtp(packet) {
            Ok(plain) => {
                (self.context, self.proven, self.tries) = (trial, Some(ssrc), 0);
                Some(plain)
            }
            Err(_) => {
                self.tries += 1;
                self.trial = Some(trial);
                None
            }
        }
    }
}

fn context(key: &MasterKey, inbound: bool) -> Option<Context> {
    let profile = match key.suite() {
        Suite::AesCm80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Suite::AesCm32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Suite::AesGcm128 => ProtectionProfile::AeadAes128Gcm,
        Suite::AesGcm256 => ProtectionProfile::AeadAes256Gcm,
    };
    let (rtp, rtcp) = (inbound.then(|| srtp_replay_protection(WINDOW)), inbound.then(|| srtcp_replay_protection(WINDOW)));
    let provider = default_provider().ok()?;
    Context::new(key.key(), key.salt(), profile, rtp, rtcp, provider.crypto()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(suite: Suite, seed: u8) -> MasterKey {
        MasterKey::generate(suite, |bytes| bytes.fill(seed))
    }

    fn pair(suite: Suite) -> (Secure, Secure) {
        let (a, b) = (key(suite, 1), key(suite, 2));
        let us = Secure::new(SrtpKeys { ours: a, theirs: b }).expect("contexts");
        let them = Secure::new(SrtpKeys { ours: b, theirs: a }).expect("contexts");
        (us, them)
    }

    fn packet(ssrc: u32, seq: u16) -> Vec<u8> {
        let mut packet = vec![0x80, 0, (seq >> 8) as u8, seq as u8, 0, 0, 0, 1];
        packet.extend(ssrc.to_be_bytes());
        packet.extend([seq as u8; 160]);
        packet
    }

    #[test]
    fn what_is_sealed_is_opened_once_and_by_the_other_side_only() {
        for suite in Suite::ALL {
            let (mut us, mut them) = pair(suite);
            let (_, mut stranger) = pair(if suite == Suite::AesCm80 { Suite::AesCm32 } else { Suite::AesCm80 });
            for seq in [65_534, 65_535, 0, 1] {
                let plain = packet(7, seq);
                let sealed = us.seal(&plain).expect("sealed");
                assert_ne!(sealed[12..172], plain[12..], "{suite:?}");
                let mut datagram = vec![0; 2048];
                datagram[..sealed.len()].copy_from_slice(&sealed);
                assert_eq!(them.open(&mut datagram, sealed.len()), Some(plain.len()), "{suite:?} {seq}");
                assert_eq!(datagram[..plain.len()], plain[..]);
                datagram[..sealed.len()].copy_from_slice(&sealed);
                assert_eq!(them.open(&mut datagram, sealed.len()), None, "{suite:?}: a repeated packet");
                datagram[..sealed.len()].copy_from_slice(&sealed);
                assert_eq!(stranger.open(&mut datagram, sealed.len()), None);
            }
            let mut plain = packet(7, 9);
            let length = plain.len();
            assert_eq!(them.open(&mut plain, length), None, "{suite:?}: a plain packet");
        }
    }

    /// A flood of forged SSRCs neither grows the memory without bound nor costs the true one its place, also past the first 65,536.
    #[test]
    fn forged_sources_do_not_disturb_the_true_one() {
        let (mut us, mut them) = pair(Suite::AesCm80);
        let mut datagram = vec![0; 2048];
        for seq in 0..70_000u32 {
            let sealed = us.seal(&packet(7, seq as u16)).expect("sealed");
            datagram[..sealed.len()].copy_from_slice(&sealed);
            assert!(them.open(&mut datagram, sealed.len()).is_some(), "{seq}");
            if seq % 100 == 0 {
                let mut forged = packet(seq ^ 0x5555_0000, 1);
                let length = forged.len();
                assert_eq!(them.open(&mut forged, length), None);
            }
        }
        assert!(them.inbound.tries < TRIES);
    }

    #[test]
    fn reports_must_be_encrypted() {
        for suite in Suite::ALL {
            let (mut us, mut them) = pair(suite);
            let sealed = us.seal(&packet(7, 1)).expect("sealed");
            let mut first = vec![0; 256];
            first[..sealed.len()].copy_from_slice(&sealed);
            assert!(them.open(&mut first, sealed.len()).is_some());
            let mut report = vec![0x80, 201, 0, 1];
            report.extend(7u32.to_be_bytes());
            let sealed = us.seal_rtcp(&report).expect("sealed");
            let mut datagram = vec![0; 256];
            datagram[..sealed.len()].copy_from_slice(&sealed);
            assert_eq!(them.open_rtcp(&mut datagram, sealed.len()), Some(report.len()), "{suite:?}");
            let mut bare = [&report[..], &[0; 4][..], &[0; 10][..]].concat();
            let length = bare.len();
            assert_eq!(them.open_rtcp(&mut bare, length), None, "{suite:?}");
            assert_eq!(them.open_rtcp(&mut bare, 9), None);
        }
    }

    #[test]
    fn the_same_keys_again_go_on_counting() {
        let (mut us, mut them) = pair(Suite::AesCm80);
        let sealed = us.seal(&packet(7, 5)).expect("sealed");
        let mut datagram = vec![0; 2048];
        datagram[..sealed.len()].copy_from_slice(&sealed);
        assert!(them.open(&mut datagram, sealed.len()).is_some());
        let keys = them.keys;
        them.rekey(keys).expect("the same");
        datagram[..sealed.len()].copy_from_slice(&sealed);
        assert_eq!(them.open(&mut datagram, sealed.len()), None, "still a repeat");
    }
}
