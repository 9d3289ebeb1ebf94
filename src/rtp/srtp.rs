//! Names and sizes of encrypted RTP (RFC 3711, RFC 7714) as SDES tells them (RFC 4568); the encrypting itself is `media`'s.

use std::fmt;

/// The longest master key and salt: AES-256 and 14 bytes.
const LONGEST: usize = 46;

/// A crypto suite of RFC 4568 §6.2 or RFC 7714 §14.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    AesCm80,
    AesCm32,
    AesGcm128,
    AesGcm256,
}

impl Suite {
    /// In the order in which we would rather have them: the one that everybody speaks first.
    pub const ALL: [Suite; 4] = [Suite::AesCm80, Suite::AesGcm256, Suite::AesGcm128, Suite::AesCm32];

    /// As in `a=crypto`.
    pub fn name(self) -> &'static str {
        match self {
            Suite::AesCm80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm32 => "AES_CM_128_HMAC_SHA1_32",
            Suite::AesGcm128 => "AEAD_AES_128_GCM",
            Suite::AesGcm256 => "AEAD_AES_256_GCM",
        }
    }

    pub fn parse(name: &str) -> Option<Suite> {
        Suite::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Bytes of the master key.
    pub fn key_len(self) -> usize {
        if self == Suite::AesGcm256 { 32 } else { 16 }
    }

    /// Bytes of the master salt.
    pub fn salt_len(self) -> usize {
        match self {
            Suite::AesCm80 | Suite::AesCm32 => 14,
            Suite::AesGcm128 | Suite::AesGcm256 => 12,
        }
    }
}

/// Master key and salt of one direction. It does not print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    bytes: [u8; LONGEST],
}

impl MasterKey {
    /// `None` unless there are exactly as many bytes as the suite's key and salt.
    pub fn new(suite: Suite, keying: &[u8]) -> Option<MasterKey> {
        let length = suite.key_len() + suite.salt_len();
        if keying.len() != length {
            return None;
        }
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..length)?.copy_from_slice(keying);
        Some(MasterKey { suite, bytes })
    }

    /// From a source of unguessable bytes.
    pub fn generate(suite: Suite, fill: impl FnOnce(&mut [u8])) -> MasterKey {
        let mut bytes = [0; LONGEST];
        let length = suite.key_len() + suite.salt_len();
        fill(&mut bytes[..length]);
        MasterKey { suite, bytes }
    }

    pub fn suite(&self) -> Suite {
        self.suite
    }

    pub fn key(&self) -> &[u8] {
        &self.bytes[..self.suite.key_len()]
    }

    pub fn salt(&self) -> &[u8] {
        &self.bytes[self.suite.key_len()..self.suite.key_len() + self.suite.salt_len()]
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.suite.name())
    }
}

/// What both sides of a leg encrypt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SrtpKeys {
    pub ours: MasterKey,
    pub theirs: MasterKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_suite_s_length_and_do_not_print() {
        for suite in Suite::ALL {
            assert_eq!(Suite::parse(suite.name()), Some(suite));
            let length = suite.key_len() + suite.salt_len();
            let keying: Vec<u8> = (0..length as u8).collect();
            let key = MasterKey::new(suite, &keying).expect("the right length");
            assert_eq!([key.key(), key.salt()].concat(), keying);
            assert_eq!(MasterKey::new(suite, &keying[1..]), None);
            assert!(!format!("{key:?}").contains("1, 2, 3"));
        }
    }
}
