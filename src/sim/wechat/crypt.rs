//! The platform's side of signatures and envelopes, with a chaining of blocks of its own.

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// Concatenated in the order of their bytes, SHA-1, in hex.
pub fn signature(mut parts: Vec<&str>) -> String {
    parts.sort();
    let digest = Sha1::digest(parts.concat());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes of an `EncodingAESKey`, bit by bit: its last two bits are left over.
pub fn key(encoded: &str) -> [u8; 32] {
    let (mut key, mut bits, mut count, mut at) = ([0u8; 32], 0u32, 0, 0);
    for letter in encoded.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 && at < key.len() {
            count -= 8;
            key[at] = (bits >> count) as u8;
            at += 1;
        }
    }
    key
}

/// `salt`, length, message and whom it is for, filled to 32 bytes and encrypted; in base64.
pub fn seal(key: &[u8; 32], salt: &[u8; 16], message: &[u8], receiver: &str) -> String {
    let mut plain = salt.to_vec();
    plain.extend((message.len() as u32).to_be_bytes());
    plain.extend(message);
    plain.extend(receiver.as_bytes());
    let pad = 32 - plain.len() % 32;
    plain.extend(std::iter::repeat_n(pad as u8, pad));
    let cipher = Aes256::new(&(*key).into());
    let mut before = [0u8; 16];
    before.copy_from_slice(&key[..16]);
    let mut sealed = Vec::with_capacity(plain.len());
    for block in plain.chunks_exact(16) {
        let mut mixed: [u8; 16] = std::array::from_fn(|at| block[at] ^ before[at]);
        let mut out = mixed.into();
        cipher.encrypt_block(&mut out);
        mixed.copy_from_slice(&out);
        before = mixed;
        sealed.extend(mixed);
    }
    STANDARD.encode(sealed)
}

/// The message in an envelope; `None` where it was not made by the rules.
pub fn open(key: &[u8; 32], envelope: &str, receiver: &str) -> Option<Vec<u8>> {
    let sealed = STANDARD.decode(envelope).ok().filter(|sealed| sealed.len() % 32 == 0 && !sealed.is_empty())?;
    let cipher = Aes256::new(&(*key).into());
    let mut before = [0u8; 16];
    before.copy_from_slice(&key[..16]);
    let mut plain = Vec::with_capacity(sealed.len());
    for block in sealed.chunks_exact(16) {
        let this: [u8; 16] = block.try_into().ok()?;
        let mut out = this.into();
        cipher.decrypt_block(&mut out);
        plain.extend(out.iter().zip(before).map(|(a, b)| a ^ b));
        before = this;
    }
    let pad = usize::from(*plain.last()?);
    plain.truncate(plain.len().checked_sub(pad)?);
    let length = u32::from_be_bytes(plain.get(16..20)?.try_into().ok()?) as usize;
    let message = plain.get(20..20 + length)?.to_vec();
    (plain.get(20 + length..)? == receiver.as_bytes()).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    const MESSAGE: &str = "<xml><ToUserName><![CDATA[gh_sim]]></ToUserName><FromUserName><![CDATA[oSIM0001]]></FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content><MsgId>1234567890123456</MsgId></xml>";

    /// The published vectors, from the platform's side.
    #[test]
    fn envelopes_and_signatures_are_those_of_the_published_vectors() {
        let sealed = seal(&key(KEY), b"0123456789abcdef", MESSAGE.as_bytes(), "wx0123456789abcdef");
        assert_eq!(sealed.len(), 384);
        assert!(sealed.starts_with("Q3stYC6hdFzMh9T8HCvyDK6LPAAq9H47") && sealed.ends_with("CupdVE2Vg11Ncm5pawIBEuoufvdE1Ie"), "{sealed}");
        assert_eq!(signature(vec!["simtoken", "1700000000", "987654321", &sealed]), "5b756382f8afd3acd50d9ad36118a9629daa6c4a");
        assert_eq!(signature(vec!["AAAAA", "1714037059", "486452656"]), "899cf89e464efb63f54ddac96b0a0a235f53aa78");
        assert_eq!(open(&key(KEY), &sealed, "wx0123456789abcdef").as_deref(), Some(MESSAGE.as_bytes()));
        assert_eq!(open(&key(KEY), &sealed, "wx"), None);
        // WeCom's sample, whose key has bits left over.
        let echo = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
        let key = key("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR");
        assert_eq!(open(&key, echo, "wx49f0ab532d5d035a").as_deref(), Some(&b"5927782489442352469"[..]));
        assert_eq!(seal(&key, b"2304fc2fe146f1f8", b"5927782489442352469", "wx49f0ab532d5d035a"), echo);
        assert_eq!(signature(vec!["123456", "1411443780", "437374425", echo]), "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96");
    }
}
