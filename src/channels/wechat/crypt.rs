//! Signatures and envelopes of the WeChat family (official accounts, mini-programs, WeCom): SHA-1 over sorted texts, and AES-256-CBC around a
//! length and the name of whom it is for. An envelope is opened only after its signature was found right, so that no answer of ours tells
//! anything of its padding.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};
use std::fmt;
use subtle::ConstantTimeEq;

/// The last of the 43 characters of an `EncodingAESKey` carries two bits too many, and consoles make keys where they are not zero.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters of an `EncodingAESKey`.
const KEY_CHARS: usize = 43;
/// Padding is made for blocks of 32 bytes, although those of AES have 16.
const PAD: usize = 32;
/// Random bytes before the length.
const SALT: usize = 16;
const LENGTH: usize = 4;

/// Why an envelope cannot be opened; never says what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Sealed {
    #[error("the envelope is not base64")]
    Text,
    #[error("the envelope is cut off")]
    Cut,
    #[error("the envelope was made with another EncodingAESKey")]
    Key,
    #[error("the envelope is for another account")]
    Receiver,
}

/// `hex(sha1(concat(sort(parts))))`, the sort by bytes.
pub fn signature(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    hex::encode(sorted.iter().fold(Sha1::new(), |hash, part| hash.chain_update(part)).finalize())
}

/// Whether these parts were signed; compared in constant time.
pub fn is_signed(parts: &[&str], given: &str) -> bool {
    bool::from(signature(parts).as_bytes().ct_eq(given.as_bytes()))
}

/// An `EncodingAESKey`; never prints.
#[derive(Clone)]
pub struct AesKey([u8; 32]);

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl AesKey {
    /// From the 43 characters that the console shows; `None` where it is something else.
    pub fn read(encoded: &str) -> Option<AesKey> {
        if encoded.len() != KEY_CHARS || !encoded.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        BASE64.decode(encoded).ok()?.try_into().ok().map(AesKey)
    }

    /// The message in an envelope (base64) that is for `receiver`: the appid, the corpid.
    pub fn open(&self, envelope: &str, receiver: &str) -> Result<Vec<u8>, Sealed> {
        let mut plain = BASE64.decode(envelope.trim()).map_err(|_| Sealed::Text)?;
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.0[..16]);
        let opened = cbc::Decryptor::<Aes256>::new(&self.0.into(), &iv.into()).decrypt_padded::<NoPadding>(&mut plain);
        let opened = opened.map_err(|_| Sealed::Cut)?;
        let pad = usize::from(*opened.last().ok_or(Sealed::Cut)?);
        if !(1..=PAD).contains(&pad) {
            return Err(Sealed::Key);
        }
        let (text, padding) = opened.len().checked_sub(pad).and_then(|at| opened.split_at_checked(at)).ok_or(Sealed::Key)?;
        if padding.iter().any(|byte| usize::from(*byte) != pad) {
            return Err(Sealed::Key);
        }
        let (length, rest) = text.get(SALT..).and_then(|rest| rest.split_first_chunk::<LENGTH>()).ok_or(Sealed::Key)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Sealed::Key)?;
        let (message, whom) = rest.split_at_checked(length).ok_or(Sealed::Key)?;
        if whom != receiver.as_bytes() {
            return Err(Sealed::Receiver);
        }
        Ok(message.to_vec())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::fuzz_tests::{Rounds, fuzz};

    pub const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    pub const APPID: &str = "wx0123456789abcdef";
    pub const MESSAGE: &str = "<xml><ToUserName><![CDATA[gh_sim]]></ToUserName><FromUserName><![CDATA[oSIM0001]]></FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content><MsgId>1234567890123456</MsgId></xml>";
    pub const ENVELOPE: &str = "Q3stYC6hdFzMh9T8HCvyDK6LPAAq9H47mukvNCtkXrJ1COiHIvoEH8H/QuFJ0UW8INwefsFH/LAuTAGxNsyL5pMQ9FePBYGCbIkucpyVXEY+W2SY6cARmVck8LMVjc+7OZZB73dKZz/gb6V+xQ0ZV2QJ6J/0dwE66YIMNAfyqt4RcseMo5uoLn6HbfspYIMdlkJuBLX4gNukF+sBijcwqlt/wANdEd6EJmc+CFURnGzu692ctNdJS560Wpp6+fi89TnlNaSfrq7v08d6iqZ9S2eiFmgX92eAjNrRbMLc3vzFfMLZvd7io4TCN2UrxRgdFoV+rdh86fWY4BomDsPiJMw/9eVtFIGoiCupdVE2Vg11Ncm5pawIBEuoufvdE1Ie";

    fn key(encoded: &str) -> AesKey {
        AesKey::read(encoded).expect("a key")
    }

    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        assert_eq!(signature(&["AAAAA", "1714037059", "486452656"]), "899cf89e464efb63f54ddac96b0a0a235f53aa78");
        assert_eq!(signature(&["simtoken", "1700000000", "987654321", ENVELOPE]), "5b756382f8afd3acd50d9ad36118a9629daa6c4a");
        assert_eq!(signature(&["simtoken", "1700000000", "987654321"]), "3d0983082da934d362e12eebbe8a02586635cbfe");
        let parts = ["simtoken", "1700000000", "987654321"];
        assert!(is_signed(&parts, "3d0983082da934d362e12eebbe8a02586635cbfe"));
        for forged in ["", "3d0983082da934d362e12eebbe8a02586635cbff", "3d09", "3D0983082DA934D362E12EEBBE8A02586635CBFE"] {
            assert!(!is_signed(&parts, forged), "{forged}");
        }
    }

    /// The sample of WeCom's own documentation. The last character of its key carries bits that a strict decoder refuses.
    #[test]
    fn the_greeting_of_wecom_is_opened() {
        let echo = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
        let parts = ["123456", "1411443780", "437374425", echo];
        assert!(is_signed(&parts, "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"));
        let key = key("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR");
        assert_eq!(key.open(echo, "wx49f0ab532d5d035a"), Ok(b"5927782489442352469".to_vec()));
        assert_eq!(key.open(echo, "wx49f0ab532d5d035b"), Err(Sealed::Receiver));
    }

    #[test]
    fn an_envelope_is_opened_with_its_own_key_for_its_own_account() {
        assert_eq!(key(KEY).open(ENVELOPE, APPID).map(|message| String::from_utf8(message).expect("text")), Ok(MESSAGE.to_owned()));
        assert_eq!(key(KEY).open(ENVELOPE, "wx0123456789abcdee"), Err(Sealed::Receiver));
        assert_eq!(key(KEY).open(ENVELOPE, ""), Err(Sealed::Receiver));
        let other = key("bbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG");
        assert_eq!(other.open(ENVELOPE, APPID), Err(Sealed::Key));
        assert_eq!(key(KEY).open("", APPID), Err(Sealed::Cut));
        assert_eq!(key(KEY).open("Q3stYC6hdFzMh9T8HCvy", APPID), Err(Sealed::Cut), "not whole blocks");
        assert_eq!(key(KEY).open("Q3st*", APPID), Err(Sealed::Text));
        assert!(key(KEY).open(&ENVELOPE[..ENVELOPE.len() - 64], APPID).is_err(), "whole blocks, but not all");
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        for wrong in ["", "abc", &KEY[..42], "abcdefghijklmnopqrstuvwxyz0123456789ABCDE=G", "äbcdefghijklmnopqrstuvwxyz0123456789ABCDEF"] {
            assert!(AesKey::read(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{:?}", key(KEY)), "[REDACTED]");
    }

    #[test]
    fn fuzz_envelopes_never_panic_and_never_open() {
        let key = key(KEY);
        fuzz(Rounds::new("wechat envelopes", 4_000, 41), &[ENVELOPE.as_bytes().to_vec()], |input, _| {
            let text = String::from_utf8_lossy(input);
            if text.trim() != ENVELOPE {
                let opened = key.open(&text, APPID);
                // CBC without a signature: a changed first block may still open, never as the same message.
                assert_ne!(opened.as_deref(), Ok(MESSAGE.as_bytes()), "{text}");
            }
        });
    }
}
